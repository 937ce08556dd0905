"""The text of the page of an answer: headings, the table, what differs, the scenario."""

from __future__ import annotations

from experiments.results.answer import Answer
from experiments.shown.numbers import scale_of
from experiments.shown.panels import Drawing
from experiments.shown.table import ALIKE, BEST, answer_table
from experiments.shown.words import differences, plan_words, point_words, remarks
from report.base.html import ELLIPSIS, LONGEST_NAME, paragraphs, table, text
from report.base.version import version
from translation import tr, tr_text


def opening(answer: Answer) -> str:
    """Return the title, what was done, and what the scenario says about itself."""
    about = paragraphs(tr_text(answer.about))
    words = text(" · ".join(plan_words(answer)))
    return f'<h1>{text(tr_text(answer.title))}</h1><p>{words}</p><div class="about">{about}</div>'


def heading(answer: Answer, at: int) -> str:
    """Return the heading of a measure, with its best point."""
    measure = answer.measures[at]
    scale, best = scale_of(measure, answer.estimates[at]), answer.best(at)
    winner = ""
    if best is not None and (found := answer.estimates[at][best]) is not None:
        value = f"{scale.within(found)} {scale.unit}".rstrip()
        words = tr("best: {point}, {value}", point=point_words(answer, best), value=value)
        winner = f' <small class="best">{text(words)}</small>'
    unit = f", {scale.unit}" if scale.unit else ""
    about = text(tr(measure.about.words))
    return f'<h2 title="{about}">{text(f"{measure.name}{unit}")}{winner}</h2>'


def findings(answer: Answer, drawing: Drawing | None) -> str:
    """Return the table of all points, and which differences are shown."""
    sheet = answer_table(answer, LONGEST_NAME, ELLIPSIS, whole=True)
    confidence = f"{100 * answer.plan.confidence:.6g} %"
    caption = tr(
        "Means with {confidence} intervals; {best} marks the best, {alike} those not "
        "shown to differ from the best",
        confidence=confidence,
        best=BEST,
        alike=ALIKE,
    )
    sentences = [line for at in range(len(answer.measures)) for line in differences(answer, at)]
    told = "".join(f"<p>{text(line)}</p>" for line in (*sentences, *remarks(answer)))
    if drawing is not None and drawing.left_out:
        more = tr("{many} further curves or bars are not drawn.", many=drawing.left_out)
        told += f"<p>{text(more)}</p>"
    return f"{table(sheet, caption)}<section><h3>{tr('What differs')}</h3>{told}</section>"


def source(answer: Answer) -> str:
    """Return the text of the scenario, folded."""
    body = "\n".join(map(text, answer.text.splitlines()))
    summary = f"<summary>{text(tr('The scenario: {file}', file=answer.file))}</summary>"
    return f'<details>{summary}<pre tabindex="0">{body}</pre></details>'


def again(answer: Answer) -> str:
    """Return the command that makes the answer again."""
    made = tr("Multiprog {version}, seed {seed}", version=version(), seed=answer.seed)
    return (
        f"<section><h3>{tr('How to do it again')}</h3>"
        f'<pre tabindex="0">{text(answer.command)}</pre><p>{text(made)}</p></section>'
    )
