"""An exercise as one student gets it, and what comes out under each misconception."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kernel.errors import MultiprogError
from language.exercises import ExerciseFile, Variant
from language.schema.random_draws import stream
from sim import simulate
from sim.time_limits import within
from teaching.kinds.kind import Asked
from teaching.kinds.table import KINDS
from teaching.misconceptions.catalogue import CATALOGUE
from teaching.misconceptions.misconception import Misconception
from teaching.outcome import Outcome
from teaching.times import Times
from timeline.record.run import Run

WALL = 20_000_000_000
"""ns that one simulation of an exercise may take."""


@dataclass(frozen=True)
class Posed:
    """An exercise as one student gets it. `seed` is None if all students get the same."""

    file: ExerciseFile
    seed: int | None
    variant: Variant
    right: Outcome

    @property
    def run(self) -> Run:
        """The run that answers the questions."""
        return self.right.run

    @property
    def times(self) -> Times:
        """How times are written on this sheet."""
        return Times(self.right.workload.time_unit)

    @cached_property
    def asked(self) -> list[Asked]:
        """The questions, each with its number and its labels."""
        return [
            self._asked(number, place)
            for number, place in enumerate(range(len(self.file.exercise.ask)), 1)
        ]

    def _asked(self, number: int, place: int) -> Asked:
        question = self.file.exercise.ask[place]
        kind = KINDS[question.kind]
        order: tuple[int, ...] = ()
        if question.kind == "choice":
            order = _shuffled(len(question.asked.of), self.seed or 0, number)
        labels = tuple(kind.labels(question, self.run))
        return Asked(number, question, kind, labels, order)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """What comes out under each misconception of the catalogue that changes the run."""
        return dict(self._outcomes())

    def _outcomes(self) -> Iterator[tuple[str, Outcome]]:
        for misconception in CATALOGUE:
            outcome = under(misconception, self.right)
            if outcome is not None:
                yield misconception.name, outcome


def under(misconception: Misconception, right: Outcome) -> Outcome | None:
    """Return what comes out under a misconception; None if it changes nothing here."""
    workload = right.workload
    if misconception.scenario is not None:
        try:
            changed = misconception.scenario(workload)
            if changed is None:
                return None
            run = simulate(changed, within(WALL, lambda _: None))
        except (MultiprogError, ValueError):  # it makes no sense of this scenario
            return None
        return Outcome(changed, run)
    assert misconception.reading is not None
    reading = misconception.reading(right)
    return None if reading is None else Outcome(workload, right.run, reading)


def _shuffled(many: int, seed: int, number: int) -> tuple[int, ...]:
    """Return the places 0 to `many` - 1 in an order that differs by seed (Fisher and Yates)."""
    places, uniform01 = list(range(many)), stream(seed, f"choice\0{number}")
    for last in range(many - 1, 0, -1):
        other = int(uniform01() * (last + 1))
        places[last], places[other] = places[other], places[last]
    return tuple(places)
