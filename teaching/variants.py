"""The variant of one student: drawn until it meets all conditions, with the run that answers it."""

from __future__ import annotations

from kernel.errors import UsageError
from language.exercises import ExerciseFile, Variant
from language.source.errors import ScenarioError
from sim import simulate
from sim.time_limits import within
from teaching.conditions import unmet
from teaching.outcome import Outcome
from teaching.posed import WALL, Posed

MOST_ATTEMPTS = 1000
"""Draws after which a variant is given up: the conditions cannot be met."""
MOST_FAILED = 20
"""If so many draws make no scenario at all, the first error is told."""


def pose(file: ExerciseFile, seed: int | None) -> Posed:
    """Return the variant of this seed; None, or nothing to vary: the scenario as written.

    Raises UsageError if no variant meets the conditions of the exercise.
    """
    if seed is None or not file.varies:
        return _posed(file, seed if file.varies else None, file.as_written())
    reasons: dict[str, int] = {}
    failed = 0
    for attempt in range(MOST_ATTEMPTS):
        try:
            posed = _posed(file, seed, file.draw(seed, attempt))
        except ScenarioError as error:
            failed += 1
            if failed > MOST_FAILED and failed == attempt + 1:
                raise  # none of its values fits: the mistake is in the exercise
            reasons[str(error)] = reasons.get(str(error), 0) + 1
            continue
        why = unmet(posed)
        if why is None:
            return posed
        reasons[why] = reasons.get(why, 0) + 1
    most = max(reasons, key=lambda reason: reasons[reason])
    raise UsageError(
        f"{file.file}: exercise: no variant of {MOST_ATTEMPTS:,} meets the conditions "
        f"(most often missing: {most})"
    )


def _posed(file: ExerciseFile, seed: int | None, variant: Variant) -> Posed:
    run = simulate(variant.workload, within(WALL, lambda _: None))
    return Posed(file, seed, variant, Outcome(variant.workload, run))
