"""The page as one HTML document that needs no other file and no network."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from kernel.process.states import WHYS, State
from kernel.units import NS_PER
from report.base import style
from report.base.axis import unit_for
from report.base.chart import Chart, shared_labels, span_of
from report.page.record import MOST_LANES, hatches, packed, record
from report.page.sections import charts, closing, opening
from report.sections.run_titles import titles_of
from translation import chosen, texts_for, tr

if TYPE_CHECKING:
    from report.result import Result

SCRIPTS = (
    "texts",
    "numbers",
    "unpacked",
    "record",
    "lanes",
    "curves",
    "memory",
    "figures",
    "charts",
    "curtain",
    "hover",
    "panels",
    "theme",
    "page",
)
"""The scripts that all pages share, in their order."""


class Parts(NamedTuple):
    """What a page shows of a result: the document of its scripts, and its HTML."""

    document: dict[str, Any]
    title: str  # HTML, as the following
    opening: str
    charts: str
    closing: str


def page(result: Result, script: str | None = None) -> str:
    """Return the whole page of one run, several runs, or a comparison of two.

    `script` stands for Bokeh's script, which is large; None: the script itself.
    """
    values = {**common(script), **filling(result)}
    return "".join(values[each] if at % 2 else each for at, each in enumerate(pieces()))


def pieces() -> list[str]:
    """Return the HTML of every page in pieces. Each second one is the name of a value.

    The values are those of `common` and of `filling`.
    """
    return re.split(r"\$(\w+)", own_file("page.html"))


def common(script: str | None = None) -> dict[str, str]:
    """Return the values of a page that do not depend on its runs. `script` is that of `page`."""
    drawing = library() if script is None else script
    own = f"{scripts()}\n{_speaking()}{own_file('report.js')}"
    return {
        "language": chosen().replace("_", "-"),
        "style": own_file("page.css"),
        "library": f"<script>\n{drawing}\n</script>",
        "controls": controls(),
        "noscript": tr("The charts need JavaScript; the tables below do not."),
        "keys": _keys(),
        "script": f"<script>(() => {{\n'use strict';\n{own}\n}})();</script>",
    }


def filling(result: Result) -> dict[str, str]:
    """Return the values of a page that are those of its runs."""
    parts = parts_of(result)
    return {**parts._asdict(), "document": packed(parts.document)}


def _keys() -> str:
    """Return the HTML of what the keys and the pointer do."""
    names = {"left": "←", "right": "→", "plus": "+", "minus": "\N{MINUS SIGN}", "zero": "0"}
    names |= {key: key for key in ("Home", "End", "space", "Ctrl", "Shift", "T")}
    keys = {name: f"<kbd>{key}</kbd>" for name, key in names.items()}
    return tr(
        "{left} {right} step · {Home} {End} first, last · {space} play ·\n"
        "{plus} {minus} or {Ctrl}+wheel zoom · drag or {Shift}+{left} {right} pan · "
        "{zero} the whole run ·\n{T} light or dark · a click goes to that instant",
        **keys,
    )


def _speaking() -> str:
    """Return the line of the script that gives it its texts. An English page has none."""
    texts = json.dumps(texts_for("page"), separators=(",", ":")).replace("<", "\\u003c")
    return "" if texts == "{}" else f'speak({texts});\ntranslate(byId("controls"));\n'


def parts_of(result: Result) -> Parts:
    """Return the parts of the page of one run, several runs, or a comparison of two."""
    runs = result.runs
    span = max(map(span_of, runs)) or 1
    unit = unit_for(span)
    labels, titles = shared_labels(runs), titles_of(result)
    charted = zip([Chart(run, labels) for run in runs], titles, strict=True)
    document = {
        "curtain": result.curtain,
        "unit": unit,
        "scale": NS_PER[unit],
        "span": span,
        "palette": style.PALETTE,
        "overhead": style.OVERHEAD,
        "missed": style.MISSED,
        "hatches": hatches(runs),
        "lanes": MOST_LANES,
        "states": [_state(state) for state in sorted(State) if state in style.STATE_STYLES],
        "whys": [tr(style.WHY_WORDS.get(why, why)) for why in WHYS],
        "runs": [record(chart, title) for chart, title in charted],
    }
    begins = opening(result)
    return Parts(document, begins.title, begins.html, charts(result, unit), closing(result, unit))


def _state(state: State) -> dict[str, Any]:
    drawn = style.STATE_STYLES[state]
    return {
        **drawn._asdict(),
        "words": tr(drawn.words),
        "name": state.name.lower(),
        "code": int(state),
    }


def controls() -> str:
    """Return the HTML of the buttons and the slider that step through a run."""
    return own_file("controls.html")


def scripts() -> str:
    """Return the scripts that all pages share, in their order. They define `show(document)`."""
    return "\n".join(own_file(f"{name}.js") for name in SCRIPTS)


def library() -> str:
    """Return Bokeh's script. Its Python is not loaded: the page's own scripts make the charts."""
    return files("bokeh").joinpath("server/static/js/bokeh.min.js").read_text(encoding="utf-8")


def own_file(name: str) -> str:
    """Return the text of a file of this folder, a script for example."""
    return files("report.page").joinpath(name).read_text(encoding="utf-8")
