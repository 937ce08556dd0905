"""The oracle itself, against cases of books and cases worked out by hand: one for each rule.

The simulated machine must agree, so these are also the rules' smallest examples.

A core's time is written as one letter a tick: the job that runs, or `.` for none.
"""

from __future__ import annotations

from typing import Any

import pytest

from sim import simulate
from tests.sim.cases import workload_of
from tests.sim.oracle.system import CPU, RELEASE, WAIT, Case, Job, Oracle, play
from tests.sim.test_oracle import different

ORACLE = {"estimate": "oracle"}


def cores(case: Case) -> list[str]:
    """Return which job runs where, tick by tick."""
    oracle = Oracle(case).play()
    lives = oracle.lives
    assert different(oracle, simulate(workload_of(case, 1)), 1) == ""
    end = max(stay.end for life in lives for stay in life.stays())
    found = [["."] * end for _ in range(case.cores)]
    for life in lives:
        for stay in life.stays():
            if stay.core is not None:
                length = stay.end - stay.start
                found[stay.core][stay.start : stay.end] = "ABCDEFG"[life.index] * length
    return ["".join(each) for each in found]


def core(policy: str, *jobs: Job, **parameters: Any) -> str:
    return cores(Case(policy, jobs, parameters))[0]


def cpu(ticks: int, arrival: int = 0, **more: Any) -> Job:
    return Job(arrival, ((CPU, ticks),), **more)


STALLINGS = [cpu(3, 0), cpu(6, 2), cpu(4, 4), cpu(5, 6), cpu(2, 8)]
"""Operating Systems, Internals and Design Principles, the example of the chapter on scheduling."""


@pytest.mark.parametrize(
    ("policy", "parameters", "ends"),
    [
        ("fcfs", {}, [3, 9, 13, 18, 20]),
        ("rr", {"quantum": 1}, [4, 18, 17, 20, 15]),
        ("rr", {"quantum": 4}, [3, 17, 11, 20, 19]),
        ("sjf", ORACLE, [3, 9, 15, 20, 11]),
        ("srtf", ORACLE, [3, 15, 8, 20, 10]),
        ("hrrn", ORACLE, [3, 9, 13, 20, 15]),
        ("feedback", {"quantum": 1, "growth": 1}, [4, 20, 16, 19, 11]),
        ("feedback", {"quantum": 1, "growth": 2}, [4, 17, 18, 20, 14]),
    ],
)
def test_stallings(policy: str, parameters: dict[str, Any], ends: list[int]) -> None:
    lives = play(Case(policy, tuple(STALLINGS), parameters))
    assert [life.completions[-1] for life in lives] == ends


def test_ostep_stride_repeats_its_order() -> None:
    jobs = [cpu(4, tickets=100), cpu(2, tickets=50), cpu(10, tickets=250)]
    assert core("stride", *jobs, quantum=1) == "ABCCCACC" * 2


def test_vrr_runs_who_comes_back_for_the_rest_of_its_quantum_before_the_others() -> None:
    first = Job(0, ((CPU, 1), (WAIT, 1), (CPU, 3)))
    assert core("vrr", first, cpu(4), quantum=3) == "ABBBAABA"


def test_an_estimate_is_the_average_of_the_bursts_before() -> None:
    """A is expected to take 2, then (4 + 2) / 2 = 3, then (1 + 3) / 2 = 2; B always takes 2."""
    average = {"estimate": {"exponential": {"alpha": 0.5, "initial": 2}}}
    first = Job(0, ((CPU, 4), (WAIT, 1), (CPU, 1), (WAIT, 1), (CPU, 1)))
    second = Job(0, ((CPU, 2), (WAIT, 1), (CPU, 2)))
    assert core("sjf", first, second, **average) == "AAAABBABBA"


def test_who_waits_long_enough_overtakes_who_is_more_important() -> None:
    jobs = [cpu(3, priority=0), cpu(2, 1, priority=1), cpu(2, 2, priority=0)]
    plain = {"preemptive": False, "highest": "small", "aging": None}
    assert core("priority", *jobs, **plain) == "AAACCBB"
    assert core("priority", *jobs, **{**plain, "aging": 2}) == "AAABBCC"
    preemptive = {"preemptive": True, "highest": "small", "aging": 2}
    assert core("priority", *jobs, **preemptive) == "AAABCCB"  # C improves once more at 4


def test_mlfq_counts_cpu_time_over_io_and_gives_the_preempted_its_rest() -> None:
    """A drops after two ticks in three bursts; C comes at the top while A is at level 1."""
    rules = {"levels": 2, "quanta": [2, 4], "allotments": None, "boost": None}
    first = Job(0, ((CPU, 1), (WAIT, 1), (CPU, 1), (WAIT, 1), (CPU, 4)))
    assert core("mlfq", first, cpu(3, 6), **rules) == "A.A.AABBAAB"


def test_a_boost_lifts_who_waits_and_who_runs() -> None:
    """At 5 A's slice in level 1 ends as both are lifted, so it is behind B in level 0."""
    rules = {"levels": 2, "quanta": [1, 3], "allotments": None}
    assert core("mlfq", cpu(6), cpu(6), **rules, boost=None) == "ABAAABBBAABB"
    assert core("mlfq", cpu(6), cpu(6), **rules, boost=5) == "ABAAABABBBAB"


def test_feedback_lets_who_is_alone_stay_in_its_queue() -> None:
    assert core("feedback", cpu(5), cpu(2, 3), quantum=1, growth=1) == "AAABABA"


def test_fair_gives_a_slice_by_weight_but_at_least_the_granularity() -> None:
    """Nice 0 weighs 1024, nice 5 335: slices of 8 · 1024 / 1359 = 6.02 and of 2, not 1.97."""
    jobs = [cpu(12), cpu(4, nice=5)]
    assert core("fair", *jobs, latency=8, granularity=2) == "AAAAAABBAAAAAABB"


def periodic(cost: int, period: int, jobs: int = 1) -> Job:
    steps = (((CPU, cost), (RELEASE, 0)) * jobs)[:-1]
    return Job(0, steps, period=period, deadline=period)


def test_rate_monotonic_misses_what_earliest_deadline_first_meets() -> None:
    """Liu and Layland: 2 of 5 and 4 of 7, U = 34/35. Under rm B's first job ends at 8, not by 7."""
    tasks = [periodic(2, 5, 2), periodic(4, 7)]
    assert core("rm", *tasks) == "AABBBAAB"
    assert core("edf", *tasks) == "AABBBBAA"


def test_a_late_job_begins_when_the_one_before_is_completed() -> None:
    late = Job(0, ((CPU, 3), (RELEASE, 0), (CPU, 1)), period=2, deadline=2)
    (life,) = play(Case("edf", (late,)))
    assert life.completions == [3, 4]
    assert [stay.why for stay in life.stays()] == ["released", "ended"]


def test_least_laxity_first_changes_its_mind_at_its_ticks() -> None:
    """Laxity at 0: A 5 - 3 = 2, B 4 - 1 = 3. At 2: A's is 2, B's 1."""
    jobs = [cpu(3, deadline=5), cpu(1, deadline=4)]
    assert core("llf", *jobs, tick=2) == "AABA"
    assert core("llf", *jobs, tick=3) == "AAAB"


FOUR = (cpu(1), cpu(4), cpu(1), cpu(4))
"""Arrive at cores 0, 1, 0, 1."""


def test_queues_per_core_keep_their_own_unless_an_idle_core_steals() -> None:
    assert cores(Case("fcfs", FOUR, cores=2, queues="per-core")) == ["AC......", "BBBBDDDD"]
    stealing = Case("fcfs", FOUR, cores=2, queues="per-core", balance="steal")
    assert cores(stealing) == ["ACDDDD", "BBBB.."]


def test_push_moves_one_as_soon_as_loads_are_two_apart() -> None:
    pushing = Case("fcfs", FOUR, cores=2, queues="per-core", balance="push")
    assert cores(pushing) == ["ACDDDD", "BBBB.."]


def test_costs_come_before_the_process_runs() -> None:
    jobs = (cpu(2), Job(0, ((CPU, 1), (WAIT, 1), (CPU, 1))))
    dear = Case("rr", jobs, {"quantum": 1}, dispatch=1, switch=2)
    assert cores(dear) == [".A...B...A...B"]


def test_who_is_stolen_keeps_the_rest_of_its_slice() -> None:
    """A is preempted at 5 with 2 of its 4 left. Core 1 steals it at 7, and D preempts it at 8.

    At 12 it is ahead of E, which has dropped to its level, for the 1 that is left.
    """
    rules = {"levels": 2, "quanta": [3, 4], "allotments": [3, 9], "boost": None}
    jobs = (cpu(9), cpu(7), cpu(12, 5), cpu(1, 8, cores=(1,)), cpu(5, 8, cores=(1,)))
    case = Case("mlfq", jobs, rules, cores=2, queues="per-core", balance="steal")
    assert cores(case) == ["AAAAACCCCCCCCCCCC", "BBBBBBBADEEEAEEAA"]
