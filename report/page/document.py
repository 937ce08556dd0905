"""The page as one HTML document that needs no other file and no network."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any

from bokeh.resources import Resources

from kernel.process.states import WHYS, State
from kernel.units import NS_PER
from report.base import style
from report.base.axis import unit_for
from report.base.chart import Chart, shared_labels, span_of
from report.page.figures import MOST_LANES, Figures, figures, hatches
from report.page.record import packed, record
from report.page.sections import charts, closing, opening
from report.sections.run_titles import titles_of

if TYPE_CHECKING:
    from report.result import Result

SCRIPTS = (
    "numbers",
    "record",
    "lanes",
    "curves",
    "memory",
    "charts",
    "curtain",
    "hover",
    "panels",
    "theme",
    "page",
)
"""The page's own scripts, in their order."""


def page(result: Result) -> str:
    """Return the whole page of one run, several runs, or a comparison of two."""
    runs = result.runs
    span = max(map(span_of, runs)) or 1
    unit = unit_for(span)
    drawn = figures(runs, span, unit)
    labels = shared_labels(runs)
    titles = titles_of(result)
    document = {
        "curtain": result.curtain,
        "unit": unit,
        "scale": NS_PER[unit],
        "span": span,
        "palette": style.PALETTE,
        "overhead": style.OVERHEAD,
        "hatches": hatches(runs),
        "lanes": MOST_LANES,
        "states": [_state(state) for state in sorted(State) if state in style.STATE_STYLES],
        "whys": [style.WHY_WORDS.get(why, why) for why in WHYS],
        "runs": [
            record(Chart(run, labels), title) for run, title in zip(runs, titles, strict=True)
        ],
    }
    return _filled(result, document, drawn, unit)


def _state(state: State) -> dict[str, Any]:
    drawn = style.STATE_STYLES[state]
    return {**drawn._asdict(), "name": state.name.lower(), "code": int(state)}


def _filled(result: Result, document: dict[str, Any], drawn: Figures, unit: str) -> str:
    own = "\n".join(_file(f"{name}.js") for name in SCRIPTS)
    begins = opening(result)
    return Template(_file("page.html")).substitute(
        title=begins.title,
        style=_file("page.css"),
        library=Resources(mode="inline", components=["bokeh"]).render_js(),
        record=packed(document),
        opening=begins.html,
        charts=charts(result, drawn.elements, unit),
        closing=closing(result, unit),
        draw=drawn.script,
        script=f"<script>(() => {{\n'use strict';\n{own}\n}})();</script>",
    )


def _file(name: str) -> str:
    return files("report.page").joinpath(name).read_text(encoding="utf-8")
