"""The content of a sheet and of its solution. Nothing of the answer is on the sheet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kernel.scheduling.explain import Decision
from report.base.chart import span_of
from report.sections.decisions import VERBS, key_text
from sim import simulate
from teaching.kinds.choices import LETTERS, ChoiceKind, PolicyKind
from teaching.kinds.kind import WHOLE, Asked
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Facts, Heading, Items, Paragraph, Picture, Table
from teaching.sheet.system import given
from timeline.record.core_chart import core_chart
from translation import tr, tr_n, tr_text

MOST_DECISIONS = 60


def sheet(posed: Posed, student: str | None) -> list[Block]:
    """Return the sheet of a student; None: of no student."""
    return [*_head(posed, student), *_task(posed), *_questions(posed)]


def solution(posed: Posed, student: str | None) -> list[Block]:
    """Return the sheet with the answer of each question, the chart, and each decision."""
    return [
        *_head(posed, student, is_solution=True),
        *_task(posed),
        *_questions(posed, answers=True),
        *_derivation(posed),
    ]


def given_blocks(posed: Posed, student: str | None) -> list[Block]:
    """Return what stands above the questions."""
    return [*_head(posed, student), *_task(posed)]


def question_blocks(asked: Asked, posed: Posed, *, answers: bool = False) -> list[Block]:
    """Return one question, with `answers` its answer."""
    points = tr_n("{n} point", "{n} points", asked.points)
    written = tr_text(asked.question.text or "").strip() or asked.kind.words(asked, posed.times)
    words = " ".join(written.split())
    question = tr(
        "{number}. {question} ({points})", number=asked.number, question=words, points=points
    )
    blocks: list[Block] = [Paragraph(question)]
    if isinstance(asked.kind, ChoiceKind):
        alternatives = asked.kind.alternatives(asked)
        blocks.append(
            Items([(LETTERS[at], tr_text(each.text)) for at, each in enumerate(alternatives)])
        )
    if answers:
        blocks.append(Facts(list(_answer(posed, asked))))
    return blocks


def _head(posed: Posed, student: str | None, *, is_solution: bool = False) -> Iterator[Block]:
    title = tr_text(posed.file.title)
    yield Heading(tr("Solution: {title}", title=title) if is_solution else title, 1)
    points = sum(asked.points for asked in posed.asked)
    whose = [tr("student {student}", student=student)] if student is not None else []
    whose += [tr("variant {seed}", seed=posed.seed)] if posed.seed is not None else []
    yield Paragraph(" · ".join([*whose, tr("{points} points", points=points)]))


def _task(posed: Posed) -> Iterator[Block]:
    task = tr_text(posed.file.exercise.task or "").strip()
    if task:
        for paragraph in task.split("\n\n"):
            yield Paragraph(" ".join(paragraph.split()))
    hides = any(isinstance(asked.kind, PolicyKind) for asked in posed.asked)
    yield from given(posed, hides_policy=hides)
    if hides:
        yield Paragraph(tr("This is what ran:"))
        yield Picture(posed.run)
        lanes = core_chart(posed.run)
        times = posed.times
        yield Facts(
            [
                (
                    tr("core {core}", core=core),
                    ", ".join(
                        f"{name} {times.shown(start)}-{times.shown(end)}"
                        for name, start, end in lane
                    ),
                )
                for core, lane in enumerate(lanes)
            ]
        )


def _questions(posed: Posed, *, answers: bool = False) -> Iterator[Block]:
    yield Heading(tr("Questions"))
    for asked in posed.asked:
        yield from question_blocks(asked, posed, answers=answers)


def _answer(posed: Posed, asked: Asked) -> Iterator[tuple[str, str]]:
    truth = asked.kind.truth(asked, posed.right)
    for label, value in truth.items():
        name = tr("core {core}", core=label) if asked.question.kind == "gantt" else label
        yield name if label != WHOLE else tr("answer"), asked.kind.shown(value, posed.times)


def _derivation(posed: Posed) -> Iterator[Block]:
    if not span_of(posed.run):
        return
    yield Heading(tr("The chart"))
    yield Picture(posed.run, states=True)
    workload = replace(posed.right.workload, expect=None)
    decisions = list(simulate(workload, explain=True).decisions or ())
    if not decisions:
        return
    yield Heading(tr("Step by step"))
    several = len(posed.run.cores) > 1
    headings = [tr("at"), *([tr("core")] if several else []), tr("decision"), tr("ready then")]
    rows = [_step(posed, decision, several) for decision in decisions[:MOST_DECISIONS]]
    yield Table(headings, rows, left=(len(headings) - 2, len(headings) - 1))
    if len(decisions) > MOST_DECISIONS:
        more = len(decisions) - MOST_DECISIONS
        yield Paragraph(tr("and {number} more decisions", number=more))


def _step(posed: Posed, decision: Decision, several: bool) -> list[str]:
    """Return one row: when, which process, and which others were ready with which keys."""
    ready = "; ".join(
        f"{name} ({', '.join(key_text(key, value) for key, value in keys.items())})"
        for name, keys in decision.ready
    )
    verb = tr(VERBS.get(decision.event, decision.event))
    core = [str(decision.core)] if several else []
    return [posed.times.shown(decision.at_ns), *core, f"{decision.process} {verb}", ready]
