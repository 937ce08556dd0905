"""Answers with numbers that a test can say by heart."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from experiments.results.answer import Answer
from experiments.results.rows import Rows
from tests.experiments.scenarios import OVERLAP, planned

Value = Callable[[tuple[str, ...], int], Sequence[float]]
"""The values of a point in a replication."""


def answer(
    values: Mapping[str, Sequence[str]], of: Value, *, repeat: int = 20, **asked: Any
) -> Answer:
    """An answer whose rows `of` has made."""
    plan = planned(values, repeat=repeat, **asked)
    rows = Rows(len(plan.points.rows), len(plan.measures))
    for point, row in enumerate(plan.points.rows):
        for replication in range(1, repeat + 1):
            rows.put(point, replication, of(row, replication))
    command = "python cli.py sweep f.yaml"
    return Answer(plan, rows, "<Quanta> & more", "", "f.yaml", OVERLAP, command, 7)


def noise(replication: int) -> float:
    """The same for all points: common random numbers."""
    return 1e6 * random.Random(replication).gauss(0, 3)
