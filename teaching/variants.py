"""The variant of one student: drawn until it meets all conditions, with the run that answers it."""

from __future__ import annotations

from kernel.errors import UsageError
from language.exercises import ExerciseFile, Variant
from sim import simulate
from sim.time_limits import within
from teaching.conditions import unmet
from teaching.outcome import Outcome
from teaching.posed import WALL, Posed
from translation import tr

MOST_ATTEMPTS = 1000
"""Draws after which a variant is given up: the conditions cannot be met."""


def pose(file: ExerciseFile, seed: int | None) -> Posed:
    """Return the variant of this seed; None, or nothing to vary: the scenario as written.

    Raises UsageError if no variant meets the conditions of the exercise, and ScenarioError if a
    value that was drawn does not fit into the scenario.
    """
    if seed is None or not file.varies:
        return _posed(file, seed if file.varies else None, file.as_written())
    reasons: dict[str, int] = {}
    for attempt in range(MOST_ATTEMPTS):
        posed = _posed(file, seed, file.draw(seed, attempt))
        why = unmet(posed)
        if why is None:
            return posed
        reasons[why] = reasons.get(why, 0) + 1
    most = max(reasons, key=lambda reason: reasons[reason])
    raise UsageError(
        tr(
            "{file}: exercise: no variant of {number:,} meets the conditions "
            "(most often missing: {condition})",
            file=file.file,
            number=MOST_ATTEMPTS,
            condition=most,
        )
    )


def _posed(file: ExerciseFile, seed: int | None, variant: Variant) -> Posed:
    run = simulate(variant.workload, within(WALL, lambda _: None))
    return Posed(file, seed, variant, Outcome(variant.workload, run))
