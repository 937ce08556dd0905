"""The page of an answer: one HTML file with a chart for each measure, the table, the scenario."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template

from bokeh.embed import components
from bokeh.resources import Resources

from experiments.results.answer import Answer
from experiments.shown.numbers import scale_of
from experiments.shown.page_charts import chart
from experiments.shown.panels import Drawing, drawing_of
from experiments.shown.table import ALIKE, BEST, answer_table
from experiments.shown.words import differences, plan_words, point_words, remarks
from kernel.files.writing import save
from report.base.html import ELLIPSIS, LONGEST_NAME, paragraphs, table, text
from report.base.version import version


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
        title=text(answer.title),
        style=style,
        library=Resources(mode="inline", components=["bokeh"]).render_js() if charts else "",
        opening=_opening(answer),
        panels="".join(_panel(answer, at, elements[f"m{at}"]) for at in range(len(elements))),
        closing=_closing(answer, drawing),
        draw=script,
    )


def _opening(answer: Answer) -> str:
    about = paragraphs(answer.about)
    words = text(" · ".join(plan_words(answer)))
    return f'<h1>{text(answer.title)}</h1><p>{words}</p><div class="about">{about}</div>'


def _panel(answer: Answer, at: int, element: str) -> str:
    """Return the heading of a measure, its best point, and its chart."""
    measure = answer.measures[at]
    scale, best = scale_of(measure, answer.estimates[at]), answer.best(at)
    winner = ""
    if best is not None and (found := answer.estimates[at][best]) is not None:
        words = f"best: {point_words(answer, best)}, {scale.within(found)} {scale.unit}".rstrip()
        winner = f' <small class="best">{text(words)}</small>'
    unit = f", {scale.unit}" if scale.unit else ""
    heading = text(f"{measure.name}{unit}")
    about = text(measure.about.words)
    return f'<section><h2 title="{about}">{heading}{winner}</h2>{element}</section>'


def _closing(answer: Answer, drawing: Drawing | None) -> str:
    sheet = answer_table(answer, LONGEST_NAME, ELLIPSIS, whole=True)
    confidence = f"{100 * answer.plan.confidence:.6g} %"
    caption = (
        f"Means with {confidence} intervals; {BEST} the best, {ALIKE} not shown to differ from it"
    )
    sentences = [line for at in range(len(answer.measures)) for line in differences(answer, at)]
    told = "".join(f"<p>{text(line)}</p>" for line in (*sentences, *remarks(answer)))
    if drawing is not None and drawing.left_out:
        told += f"<p>{drawing.left_out} further curves or bars are not drawn.</p>"
    body = "\n".join(map(text, answer.text.splitlines()))
    source = (
        f"<details><summary>The scenario: {text(answer.file)}</summary><pre>{body}</pre></details>"
    )
    again = (
        f"<section><h3>How to do it again</h3><pre>{text(answer.command)}</pre>"
        f"<p>Multiprog {text(version())}, seed {answer.seed}</p></section>"
    )
    return f"{table(sheet, caption)}<section><h3>What differs</h3>{told}</section>{source}{again}"
