"""Questions about what a program prints, and what processes see of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from language.schema.exercise import Question
from teaching.kinds.kind import WHOLE, Asked, Kind, overlap
from teaching.outcome import Outcome
from teaching.times import Times
from timeline.comparison.observations import PRINTS
from timeline.record.run import Run
from translation import mark, tr


class PrintsKind(Kind):
    """The printed lines in their order. Agreement is the share of lines that stand in both."""

    key = "prints"
    title = mark("printed lines")

    def words(self, asked: Asked, times: Times) -> str:
        return tr("Which lines are printed, in their order? (without the name of the process)")

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        observations = outcome.run.observations
        return {WHOLE: [str(row.value) for row in observations if row.name == PRINTS]}

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key)
        return {} if found is None else {WHOLE: [" ".join(line.split()) for line in found]}

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        return overlap([" ".join(line.split()) for line in right], given)

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        return values[WHOLE]

    def shown(self, value: Any, times: Times) -> str:
        return " / ".join(value) or tr("nothing")

    def how(self, times: Times) -> str:
        return "prints: [a = 2, done]"


class ObservedKind(Kind):
    """What a process observes, like `observe c1`: of a mapping only the keys that are asked."""

    key = "observed"
    title = mark("observations")

    def words(self, asked: Asked, times: Times) -> str:
        seen = "; ".join(_words(label, keys) for label, keys in _asked(asked.question))
        return tr("What is observed? {observations}", observations=seen)

    def labels(self, question: Question, run: Run) -> list[str]:
        return [label for label, _ in _asked(question)]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        rows = [(row.process, row.name, row.value) for row in outcome.run.observations]
        found = _numbered(rows)
        return {
            label: _only(found[label], keys, outcome)
            for label, keys in _asked(asked.question)
            if label in found
        }

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = _numbered(values.get(self.key, []))
        return {label: found[label] for label in asked.labels if found.get(label) is not None}

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        if isinstance(right, dict) and right:
            if not isinstance(given, dict):
                return Fraction(0)
            # a key that is left empty is the answer "nothing"
            good = sum(given.get(key) == value for key, value in right.items())
            return Fraction(good, len(right))
        return Fraction(right == given)

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        written = []
        for each, label in zip(asked.question.asked, asked.labels, strict=True):
            value = values.get(label)
            if value is None and each.keys:
                value = dict.fromkeys(each.keys)
            written.append({"process": each.process, "name": each.name, "value": value})
        return written

    def shown(self, value: Any, times: Times) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{key}: {each}" for key, each in value.items())
        return str(value)

    def how(self, times: Times) -> str:
        return "observed: [{process: A, name: observe c1, value: {exitcode: 0}}]"


def _asked(question: Question) -> list[tuple[str, Sequence[str] | None]]:
    rows = [(each.process, each.name, each.keys) for each in question.asked]
    return list(_numbered(rows).items())


def _numbered(rows: Sequence[tuple[str, str, Any]]) -> dict[str, Any]:
    """Return the values by label: `parent: observe c1`, and with `#2` the second of that name."""
    counts: dict[str, int] = {}
    found: dict[str, Any] = {}
    for process, name, value in rows:
        label = f"{process}: {name}"
        counts[label] = counts.get(label, 0) + 1
        found[label if counts[label] == 1 else f"{label} #{counts[label]}"] = value
    return found


def _only(value: Any, keys: Sequence[str] | None, outcome: Outcome) -> Any:
    if not isinstance(value, dict):
        return value
    chosen = {key: value.get(key) for key in keys} if keys else value
    kept = {key: outcome.reading.observed(key, each) for key, each in chosen.items()}
    code = kept.get("exitcode")
    if isinstance(code, int):
        kept["exitcode"] = outcome.reading.exitcode(code)
    return kept


def _words(label: str, keys: Sequence[str] | None) -> str:
    return f"{label} ({', '.join(keys)})" if keys else label
