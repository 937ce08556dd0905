"""The page of an answer: one HTML file with a chart for each measure, the table, the scenario."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from bokeh.embed import components
from bokeh.resources import Resources

from experiments.results.answer import Answer
from experiments.shown.page_charts import chart
from experiments.shown.page_text import again, findings, heading, opening, source
from experiments.shown.panels import drawing_of
from kernel.files.writing import save
from report.base.html import text
from translation import chosen, tr_text


def save_answer_page(answer: Answer, path: Path) -> None:
    """Write the page of an answer. Raises UsageError if it cannot be written there."""
    page = answer_page(answer)
    save(path, lambda stream: stream.write(page))


def answer_page(answer: Answer) -> str:
    """Return the page."""
    drawing = drawing_of(answer)
    charts = {}
    if drawing is not None:
        charts = {f"m{at}": chart(answer, drawing, at) for at in range(len(answer.measures))}
    script, elements = components(charts) if charts else ("", {})
    own = files("experiments.shown").joinpath("page.html").read_text(encoding="utf-8")
    style = files("report.page").joinpath("page.css").read_text(encoding="utf-8")
    return Template(own).substitute(
        language=chosen().replace("_", "-"),
        title=text(tr_text(answer.title)),
        style=style,
        library=Resources(mode="inline", components=["bokeh"]).render_js() if charts else "",
        opening=opening(answer),
        panels="".join(_panel(answer, at, elements[f"m{at}"]) for at in range(len(elements))),
        closing=f"{findings(answer, drawing)}{source(answer)}{again(answer)}",
        draw=script,
    )


def _panel(answer: Answer, at: int, element: str) -> str:
    """Return the heading of a measure, its best point, and its chart."""
    return f"<section>{heading(answer, at)}{element}</section>"
