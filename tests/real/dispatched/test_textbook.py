"""Textbook examples on real processes: the same turns, in the same order."""

from __future__ import annotations

import pytest

from kernel.workload import Workload
from language import Options, load
from sim import simulate
from tests.effort import portion
from tests.paths import TEXTBOOK
from tests.real.workloads import run_undisturbed, sequence
from timeline.laws.check import check

pytestmark = pytest.mark.real

FOLDER = TEXTBOOK
SHORT = (
    "ostep-stride",
    "silberschatz-srtf",
    "stallings-hrrn",
    "stallings-feedback-q1",
    "stallings-rr-q1",
    "gate-2015-rm",
    "buttazzo-edf-arrivals",
    "byhand-priority-aging",
    "nyu-fcfs-three",
)


def example(name: str) -> Workload:
    """At a quarter of the speed at which `make textbook` measures it."""
    return load(FOLDER / f"{name}.yaml", Options(time_unit="5ms")).workload


@pytest.mark.parametrize("name", portion(SHORT))
def test_an_example_has_the_turns_of_its_model(name: str) -> None:
    wanted = example(name)
    simulated, real = simulate(wanted), run_undisturbed(wanted)
    assert sequence(real) == sequence(simulated)
    assert check(real) == []
    assert [row.exitcode for row in real.processes] == [0] * len(real.processes)
