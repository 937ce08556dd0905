"""The words and the table of runs, for viewers of notebooks that execute no script."""

from __future__ import annotations

from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.html import text
from report.base.screen import UNICODE
from report.base.tables import Sheet
from report.result import Result
from report.sections.processes import cut_words, process_table
from report.sections.sentences import machine_words, policy_words, totals
from translation import tr, tr_text

LONGEST_NAME = 40  # characters of a name in the table
STYLE = (
    "font:12px system-ui,sans-serif;color:currentColor;max-width:900px;"
    "font-variant-numeric:tabular-nums"
)
CELL = "padding:1px 7px;text-align:right;font:12px system-ui,sans-serif"
"""The style of a cell. Each element has its style itself: a notebook may remove style sheets."""


def plain(result: Result) -> str:
    """Return the HTML of a result without charts: words and a table for each run."""
    runs = result.runs
    unit = unit_for(max(map(span_of, runs), default=0))
    parts = [f'<div style="{STYLE}"><b style="font-size:14px">{title_of(result)}</b>']
    for run in runs:
        words = " · ".join([*machine_words(run), policy_words(run.scheduler)])
        parts.append(f"<div>{text(words)}</div>")
        parts.append(_table(process_table(run, unit, LONGEST_NAME, UNICODE.ellipsis), unit))
        parts.append(f"<div>{text(' · '.join(totals(run, unit)))}</div>")
        if left_out := cut_words(run, unit):
            parts.append(f"<div>{text(left_out)}</div>")
    if result.comparison is not None:
        parts.append(f"<p>{text(tr(result.comparison.sentence))}</p>")
    return f"{''.join(parts)}</div>"


def title_of(result: Result) -> str:
    """Return the title of the scenario, escaped for HTML."""
    scenario = result.runs[0].scenario
    return text(tr_text(str(scenario.get("title") or scenario.get("file") or tr("Untitled"))))


def _table(sheet: Sheet, unit: str) -> str:
    heads = "".join(
        f'<th style="{CELL};font-weight:600">{text(column.title)}</th>' for column in sheet.columns
    )
    rows = "".join(
        "<tr>" + "".join(f'<td style="{CELL}">{text(cell)}</td>' for cell in cells) + "</tr>"
        for cells in zip(*(column.cells for column in sheet.columns), strict=True)
    )
    caption = text(tr("times in {unit}", unit=unit))
    return (
        f'<table style="border-collapse:collapse;margin:6px 0">'
        f'<caption style="{CELL};text-align:left">{caption}</caption>'
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
