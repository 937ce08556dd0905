"""Means of the textbooks' examples, to the nanosecond: what books round, the run rounds half up.

The examples themselves are in scenarios/textbook, and tests/language/test_textbook.py runs them.
"""

from __future__ import annotations

import pytest

from language import load
from sim import simulate
from tests.paths import TEXTBOOK

FOLDER = TEXTBOOK


@pytest.mark.parametrize(
    ("name", "metric", "mean"),
    [
        ("silberschatz-rr", "waiting_ns", 5_666_667),  # 17/3 ms
        ("ostep-sjf-late", "turnaround_ns", 103_333_333),  # 310/3 ms
        ("ostep-stcf", "response_ns", 3_333_333),  # 10/3 ms
        ("silberschatz-exercise-future-fcfs", "turnaround_ns", 10_533_333),  # 31.6/3 ms
        ("silberschatz-srtf", "waiting_ns", 6_500_000),
    ],
)
def test_a_mean_is_rounded_half_up_to_whole_ns(name: str, metric: str, mean: int) -> None:
    run = simulate(load(FOLDER / f"{name}.yaml").workload)
    assert getattr(run.averages, metric) == mean
