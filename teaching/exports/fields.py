"""The answers of a variant, one by one: what is right, and what known misconceptions come to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import islice, permutations, product, takewhile
from typing import Any

from teaching.kinds.choices import LETTERS, ChoiceKind, PolicyKind
from teaching.kinds.kind import WHOLE, Asked
from teaching.kinds.numbers import CountKind, MakespanKind, MeanKind, TimeKind, UseKind
from teaching.misconceptions.catalogue import BY_NAME
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Heading
from teaching.sheet.content import sheet
from teaching.wording import or_of, sentences
from translation import in_english, mark, tr, tr_text

NUMBER, TEXT, CHOICE = "number", "text", "choice"
MOST_WRONG = 8  # wrong answers of a field that carry feedback
MOST_ACCEPTED = 24  # ways to write a text that is right
RIGHT_WORDS = mark("Right.")
_WRITTEN = {
    "gantt": mark("like A 0-20, B 20-50"),
    "order": mark("like A, B, C"),
    "dispatched": mark("like A, B, A"),
    "placed": mark("like 500KiB@64KiB"),
    "prints": mark("lines with / between them, like a = 1 / done"),
    "waits": mark("like A, B; none: none"),
    "deadlock": mark("like A, B; none: none"),
}
"""How a text is written, by the kind of the question."""


@dataclass(frozen=True)
class Wrong:
    """A wrong answer of a known misconception, and the feedback to it."""

    text: str
    feedback: str


@dataclass(frozen=True)
class Alternative:
    """One alternative of a choice."""

    text: str
    right: bool
    feedback: str = ""


@dataclass(frozen=True)
class Field:
    """One answer that a student gives. `kind` is NUMBER, TEXT or CHOICE.

    `accepted` are all right answers as text; of a number, one, right to `tolerance`.
    """

    name: str  # like q1_2: different for each field, and a name in any language
    number: int  # of the question
    label: str  # like `A`; "" if the question has one answer
    kind: str
    points: Fraction
    accepted: Sequence[str] = ()
    tolerance: str = "0"
    unit: str = ""
    how: str = ""  # how a text is written
    wrong: Sequence[Wrong] = ()
    alternatives: Sequence[Alternative] = ()


def given(posed: Posed) -> list[Block]:
    """Return what stands above the questions of a sheet."""
    return list(takewhile(lambda block: block != Heading(tr("Questions")), sheet(posed, None)))


def words_of(posed: Posed, asked: Asked) -> str:
    """Return the question in words."""
    written = tr_text(asked.question.text or "").strip() or asked.kind.words(asked, posed.times)
    return " ".join(written.split())


def fields(posed: Posed) -> list[Field]:
    """Return the fields of all questions, in order."""
    return [field for asked in posed.asked for field in _of_question(posed, asked)]


def _of_question(posed: Posed, asked: Asked) -> list[Field]:
    truth = asked.kind.truth(asked, posed.right)
    parts = list(_parts(posed, asked, truth))
    points = Fraction(asked.points, max(1, len(parts)))
    return [
        Field(f"q{asked.number}_{at}", asked.number, label, kind, points, **more)
        for at, (label, kind, more) in enumerate(parts, 1)
    ]


def _parts(
    posed: Posed, asked: Asked, truth: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield label, kind and the rest of each field of a question."""
    for label, value in truth.items():
        name = tr("core {core}", core=label) if asked.question.kind == "gantt" else label
        if isinstance(asked.kind, ChoiceKind):
            yield "", CHOICE, {"alternatives": list(_alternatives(asked, value))}
        elif isinstance(asked.kind, PolicyKind) and label == "name":
            among = asked.question.asked.among
            yield (
                name,
                CHOICE,
                {"alternatives": [Alternative(each, each == value) for each in among]},
            )
        elif isinstance(value, dict) and asked.question.kind == "observed":
            for key, inner in value.items():
                yield (
                    f"{label}, {key}",
                    TEXT,
                    {"accepted": [str(inner)], "how": tr("as it is observed")},
                )
        elif (number := _number(posed, asked, value)) is not None:
            wrong = list(_wrong(posed, asked, label, value))
            yield name, NUMBER, {**_tolerance(posed, asked), "accepted": [number], "wrong": wrong}
        else:
            yield name if label != WHOLE else "", TEXT, _text(posed, asked, label, value)


def _alternatives(asked: Asked, right: str) -> Iterator[Alternative]:
    assert isinstance(asked.kind, ChoiceKind)
    for at, each in enumerate(asked.kind.alternatives(asked)):
        yield Alternative(tr_text(each.text), LETTERS[at] == right, tr_text(each.because or ""))


def _number(posed: Posed, asked: Asked, value: Any) -> str | None:
    """Return the value as a number; None if it is none."""
    kind = asked.kind
    if isinstance(kind, CountKind):
        return str(value)
    if isinstance(kind, UseKind):
        return str(kind.written(value, posed.times)).rstrip("%")
    if isinstance(kind, MeanKind):
        return str(kind.written(value, posed.times))
    if isinstance(kind, (TimeKind, MakespanKind, PolicyKind)) and isinstance(value, int):
        return _units(value, posed.times.unit)
    return None


def _units(ns: int, unit: int) -> str:
    text = f"{Decimal(ns) / unit:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tolerance(posed: Posed, asked: Asked) -> dict[str, str]:
    """Return how far the number may be off, and its unit."""
    written, unit = asked.question.tolerance, posed.times.unit
    if isinstance(asked.kind, UseKind):
        return {"tolerance": "0.05", "unit": "%"}
    if isinstance(asked.kind, CountKind):
        return {"tolerance": "0"}
    usual = "0.01" if isinstance(asked.kind, MeanKind) else "0"
    return {
        "tolerance": usual if written is None else _units(written, unit),
        "unit": posed.times.name,
    }


def _wrong(posed: Posed, asked: Asked, label: str, right: Any) -> Iterator[Wrong]:
    """Yield the different values under misconceptions, with the feedback to each."""
    found: dict[str, list[str]] = {}
    for name, outcome in posed.outcomes.items():
        value = asked.kind.truth(asked, outcome).get(label)
        if value is None or _agrees(posed, asked, right, value):
            continue
        number = _number(posed, asked, value)
        found.setdefault(_shown(posed, asked, value) if number is None else number, []).append(name)
    for text, names in islice(found.items(), MOST_WRONG):
        yield Wrong(text, _said(names))


def _agrees(posed: Posed, asked: Asked, right: Any, value: Any) -> bool:
    if isinstance(asked.kind, UseKind):
        return bool(right.ns * value.span == value.ns * right.span)
    if asked.question.kind in ("order", "placed"):
        return bool(right == value)
    return asked.kind.agreement(asked, right, value, posed.right) == 1


def _said(names: Sequence[str]) -> str:
    """Return the feedback for a value that these misconceptions come to."""
    first = [BY_NAME[name] for name in names[:2]]
    what = or_of([tr(each.words) for each in first])
    answer = tr("This is the answer of {misconceptions}.", misconceptions=what)
    return sentences(answer, tr("The rule: {rule}.", rule=tr(first[0].rule)))


def _shown(posed: Posed, asked: Asked, value: Any) -> str:
    return asked.kind.shown(value, posed.times)


def _text(posed: Posed, asked: Asked, label: str, value: Any) -> dict[str, Any]:
    """Return the entries of a field of text."""
    how = tr(_WRITTEN.get(asked.question.kind, ""))
    wrong = [each for each in _wrong(posed, asked, label, value) if each.text.strip()]
    return {"accepted": list(_accepted(posed, asked, value)), "how": how, "wrong": wrong}


def _accepted(posed: Posed, asked: Asked, value: Any) -> Iterable[str]:
    """Return the ways to write a right text, in the language in use and in English."""
    here = list(_ways(posed, asked, value))
    with in_english():
        return dict.fromkeys([*here, *_ways(posed, asked, value)])


def _ways(posed: Posed, asked: Asked, value: Any) -> Iterator[str]:
    """Yield the ways to write a right text: of what has no order, in any order."""
    kind = asked.question.kind
    if kind == "order":
        orders = product(*(permutations(group) for group in value))
        for order in islice(orders, MOST_ACCEPTED):
            yield ", ".join(name for group in order for name in group)
    elif kind in ("waits", "deadlock") and value:
        yield from (", ".join(each) for each in islice(permutations(value), MOST_ACCEPTED))
    elif kind == "placed":
        yield from (
            _shown(posed, asked, part) for part in (value, *({k: v} for k, v in value.items()))
        )
    else:
        yield _shown(posed, asked, value)
