"""The HTML of runs in a notebook: the page that `--html` writes, in a frame."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.util import find_spec

from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.html import ELLIPSIS, LONGEST_NAME, table, text
from report.result import Result
from report.sections.processes import process_table
from report.sections.run_titles import titles_of
from timeline.record.run import Run

HEIGHT = 720  # pixels; the user can drag the frame's lower edge
STYLE = f"width:100%;height:{HEIGHT}px;border:0;resize:vertical"
NO_CHARTS = "The charts need Bokeh: pip install --editable '.[notebook]'"


def show_runs(runs: Sequence[Run]) -> str:
    """Return the HTML of these runs, on one page. Without Bokeh it has their tables alone.

    The page has scripts, so the frame keeps it from the notebook: it has no origin, and reaches
    nothing outside of itself.
    """
    result = Result(list(runs))
    if find_spec("bokeh") is None:
        return f"<div><p>{text(NO_CHARTS)}</p>{_tables(result)}</div>"
    from report.page.document import page

    how = f'sandbox="allow-scripts" style="{STYLE}" title="the runs"'
    return f'<iframe {how} srcdoc="{escape(page(result))}"></iframe>'


def _tables(result: Result) -> str:
    unit = unit_for(max(map(span_of, result.runs)) or 1)
    return "".join(
        table(process_table(run, unit, LONGEST_NAME, ELLIPSIS), f"{title}, times in {unit}")
        for run, title in zip(result.runs, titles_of(result), strict=True)
    )
