"""Questions about memory: where programs are placed, and which of them wait for memory."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from language.schema.exercise import Question
from teaching.kinds.kind import RIGHT, WHOLE, Asked, Kind, chosen
from teaching.outcome import Outcome
from teaching.times import Times
from teaching.wording import listed
from timeline.memory.occupancy import placements, waiters
from timeline.number_formats import size_words
from timeline.record.run import Run
from translation import mark, tr


class PlacedKind(Kind):
    """The hole or partition that each program gets first, and its address. Either is enough."""

    key = "placed"
    title = mark("place in memory")

    def words(self, asked: Asked, times: Times) -> str:
        return tr(
            "Where in memory is {programs} placed? "
            "(the size of the hole or partition that is chosen, its address, or both: "
            "500KiB@64KiB)",
            programs=tr("each program") if len(asked.labels) > 6 else listed(asked.labels),
        )

    def labels(self, question: Question, run: Run) -> list[str]:
        placed = {placement.process for placement in placements(run)}
        return [name for name in chosen(question.asked, run) if name in placed]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        found = {each.process: each for each in reversed(placements(outcome.run))}
        return {
            label: {"hole": found[label].hole, "base": found[label].base}
            for label in asked.labels
            if label in found
        }

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        return Fraction(sum(right[part] == given[part] for part in given), len(given))

    def written(self, value: Any, times: Times) -> Any:
        if value is None:
            return None
        sizes = {part: size_words(size) for part, size in value.items()}
        return sizes.get("hole", "") + (f"@{sizes['base']}" if "base" in sizes else "")

    def how(self, times: Times) -> str:
        return "placed: {A: 500KiB@64KiB}"


class NamesKind(Kind):
    """A set of processes; an empty list: none."""

    def __init__(self, key: str, title: str, question: str) -> None:
        self.key, self.title, self.question = key, title, question  # type: ignore[misc]

    def words(self, asked: Asked, times: Times) -> str:
        return tr(self.question)

    def labels(self, question: Question, run: Run) -> list[str]:
        return [WHOLE]

    def truth(self, asked: Asked, outcome: Outcome) -> dict[str, Any]:
        run = outcome.run
        return {WHOLE: waiters(run) if self.key == "waits" else list(run.stuck)}

    def given(self, asked: Asked, values: Mapping[str, Any]) -> dict[str, Any]:
        found = values.get(self.key)
        return {} if found is None else {WHOLE: found}

    def agreement(self, asked: Asked, right: Any, given: Any, outcome: Outcome) -> Fraction:
        mine, theirs = set(right), set(given)
        if mine == theirs:
            return RIGHT
        wrong = len(theirs - mine)
        return max(Fraction(0), Fraction(len(mine & theirs) - wrong, max(1, len(mine))))

    def put(self, asked: Asked, values: Mapping[str, Any], times: Times) -> Any:
        return values[WHOLE]

    def shown(self, value: Any, times: Times) -> str:
        return ", ".join(value) or tr("none")

    def how(self, times: Times) -> str:
        comment = tr("[] if none")
        return f"{self.key}: [A]   # {comment}"


NAMES_KINDS = [
    NamesKind("waits", mark("programs that wait"), mark("Which programs have to wait for memory?")),
    NamesKind("deadlock", mark("deadlock"), mark("Which processes wait for ever? ([]: none does)")),
]
