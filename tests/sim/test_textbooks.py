"""The answers of the textbooks, exactly. Times are in ticks of a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from kernel.process import RUNNING
from kernel.units import ms
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle import Job
from timeline.metrics import mean
from timeline.run import Run


def bursts(*lengths: int) -> list[Job]:
    """Programs of one burst each, all there from the start."""
    return [Job(0, (("cpu", length),)) for length in lengths]


def arriving(*pairs: tuple[int, int]) -> list[Job]:
    """Programs of one burst each, as (arrival, length)."""
    return [Job(arrival, (("cpu", length),)) for arrival, length in pairs]


def important(*pairs: tuple[int, int]) -> list[Job]:
    """Programs of one burst each, as (length, priority)."""
    return [Job(0, (("cpu", length),), priority=priority) for length, priority in pairs]


def alternating(arrival: int) -> Job:
    """Five bursts of one tick with a wait of one tick between them."""
    return Job(arrival, (("cpu", 1), ("wait", 1)) * 4 + (("cpu", 1),))


def run(policy: str, jobs: Sequence[Job], **parameters: Any) -> Run:
    return simulate(workload(policy, jobs, parameters, tick=ms(1)))


def ticks(values: Sequence[int | None]) -> list[Fraction]:
    return [Fraction(value or 0, ms(1)) for value in values]


def waits(of: Run) -> list[Fraction]:
    return ticks([row.waiting_ns for row in of.processes])


def ends(of: Run) -> list[Fraction]:
    return ticks([row.completion_ns for row in of.processes])


def order(of: Run) -> list[str]:
    """Who got the core, slice by slice."""
    return [of.process_names[row.process] for row in of.intervals if row.state == RUNNING]


def rounded(value: Fraction | float) -> int:
    """A mean in ticks as the run states it: whole ns, half up."""
    return int(Fraction(value).limit_denominator(1000) * ms(1) + Fraction(1, 2))


# -- Silberschatz, Galvin, Gagne, Operating System Concepts, ch. 5 ------------------------------


def test_silberschatz_fcfs_with_the_long_burst_first() -> None:
    found = run("fcfs", bursts(24, 3, 3))
    assert waits(found) == [0, 24, 27]
    assert found.averages.waiting_ns == rounded(17)


def test_silberschatz_fcfs_with_the_long_burst_last() -> None:
    found = run("fcfs", bursts(3, 3, 24))
    assert waits(found) == [0, 3, 6]
    assert found.averages.waiting_ns == rounded(3)


def test_silberschatz_round_robin_with_a_quantum_of_4() -> None:
    found = run("rr", bursts(24, 3, 3), quantum=4)
    assert waits(found) == [6, 4, 7]
    assert found.averages.waiting_ns == rounded(Fraction(17, 3))


def test_silberschatz_shortest_job_first() -> None:
    found = run("sjf", bursts(6, 8, 7, 3))
    assert waits(found) == [3, 16, 9, 0]
    assert order(found) == ["P4", "P1", "P3", "P2"]


def test_silberschatz_shortest_remaining_time_first() -> None:
    found = run("srtf", arriving((0, 8), (1, 4), (2, 9), (3, 5)))
    assert order(found) == ["P1", "P2", "P4", "P1", "P3"]
    assert ends(found) == [17, 5, 26, 10]
    assert found.averages.waiting_ns == rounded(6.5)


def test_silberschatz_the_same_without_preemption() -> None:
    found = run("sjf", arriving((0, 8), (1, 4), (2, 9), (3, 5)))
    assert found.averages.waiting_ns == rounded(7.75)


@pytest.mark.parametrize("preemptive", [True, False])
def test_silberschatz_priority(preemptive: bool) -> None:
    jobs = important((10, 3), (1, 1), (2, 4), (1, 5), (5, 2))
    found = run("priority", jobs, preemptive=preemptive)
    assert order(found) == ["P2", "P5", "P1", "P3", "P4"]
    assert found.averages.waiting_ns == rounded(8.2)


def test_silberschatz_round_robin_with_a_quantum_of_20() -> None:
    found = run("rr", bursts(53, 17, 68, 24), quantum=20)
    assert ends(found) == [134, 37, 162, 121]
    assert order(found) == ["P1", "P2", "P3", "P4", "P1", "P3", "P4", "P1", "P3"]


# -- GATE ---------------------------------------------------------------------------------------


def test_gate_2014_shortest_remaining_time_first() -> None:
    found = run("srtf", arriving((0, 12), (2, 4), (3, 6), (8, 5)))
    assert found.averages.waiting_ns == rounded(5.5)


def test_gate_2017_shortest_remaining_time_first() -> None:
    found = run("srtf", arriving((0, 7), (3, 3), (5, 5), (6, 2)))
    assert found.averages.waiting_ns == rounded(3)


# -- Arpaci-Dusseau, Operating Systems: Three Easy Pieces, ch. 7 --------------------------------


@pytest.mark.parametrize(
    ("policy", "jobs", "turnaround"),
    [
        ("fcfs", bursts(10, 10, 10), Fraction(20)),
        ("fcfs", bursts(100, 10, 10), Fraction(110)),
        ("sjf", bursts(100, 10, 10), Fraction(50)),
        ("sjf", arriving((0, 100), (10, 10), (10, 10)), Fraction(310, 3)),
        ("srtf", arriving((0, 100), (10, 10), (10, 10)), Fraction(50)),
    ],
)
def test_ostep_mean_turnaround(policy: str, jobs: list[Job], turnaround: Fraction) -> None:
    assert run(policy, jobs).averages.turnaround_ns == rounded(turnaround)


def test_ostep_sjf_has_a_mean_response_of_5() -> None:
    assert run("sjf", bursts(5, 5, 5)).averages.response_ns == rounded(5)


def test_ostep_round_robin_is_good_at_response_and_bad_at_turnaround() -> None:
    found = run("rr", bursts(5, 5, 5), quantum=1)
    assert found.averages.response_ns == rounded(1)
    assert found.averages.turnaround_ns == rounded(14)


# -- New York University, operating systems lab: FCFS with I/O ----------------------------------


@pytest.mark.parametrize(
    ("arrivals", "wanted"), [([0], [9]), ([0, 0], [9, 10]), ([0, 0, 3], [12, 13, 16])]
)
def test_nyu_programs_that_wait_every_other_tick(arrivals: list[int], wanted: list[int]) -> None:
    assert ends(run("fcfs", [alternating(arrival) for arrival in arrivals])) == wanted


# -- Tanenbaum, Modern Operating Systems: five batch jobs ---------------------------------------

BATCH = important((10, 3), (6, 5), (2, 2), (4, 1), (8, 4))


@pytest.mark.parametrize(
    ("policy", "parameters", "turnaround"),
    [
        ("fcfs", {}, 19.2),
        ("sjf", {}, 14),
        ("priority", {"highest": "large"}, 20),
        ("rr", {"quantum": 1}, 21.2),
    ],
)
def test_tanenbaum_mean_turnaround_of_batch_jobs(
    policy: str, parameters: dict[str, Any], turnaround: float
) -> None:
    assert run(policy, BATCH, **parameters).averages.turnaround_ns == rounded(turnaround)


# -- what the helper above says -----------------------------------------------------------------


def test_means_are_rounded_as_the_run_rounds_them() -> None:
    assert rounded(Fraction(17, 3)) == mean([ms(6), ms(4), ms(7)]) == 5_666_667
