"""Turnaround, response, waiting and the rest: each by its definition, on intervals made by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.hardware import Region
from kernel.process.program import CPU, RELEASE, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import BLOCKED, NEW, READY, RUNNING, State
from kernel.workload import Workload
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts, Summary, mean, summarize
from timeline.record.run import Allocation, Overhead, ProcessRow

Row = tuple[State, int, int, int, str]
"""(state, start, end, core, why it ended) of one process."""


def workload_for(arrivals: Sequence[int], cores: int, **more: Any) -> Workload:
    jobs = [Job(arrival, (("cpu", 9),), memory=5) for arrival in arrivals]
    return workload("fcfs", jobs, cores=cores, **more)


def summary(
    *tracks: list[Row],
    facts: Sequence[ProcessFacts] = (),
    overheads: Sequence[Overhead] = (),
    **more: Any,
) -> Summary:
    """Of one process for each list of rows, which begins at its arrival and ends at its death."""
    intervals = Intervals()
    rows = [(row[2], process, row) for process, life in enumerate(tracks) for row in life]
    for _, process, (state, start, end, core, why) in sorted(rows):
        intervals.add((process, state, start, end, core, -1, why))
    cores = 1 + max((row[3] for _, _, row in rows), default=0)
    given = facts or [ProcessFacts(admitted=life[0][1], completion=life[-1][2]) for life in tracks]
    arrivals = [life[0][1] for life in tracks]
    return summarize(workload_for(arrivals, max(cores, 1), **more), intervals, given, overheads)


def row_of(life: list[Row], fact: ProcessFacts | None = None, **more: Any) -> ProcessRow:
    return summary(life, facts=[fact] if fact else (), **more).processes[0]


LIFE: list[Row] = [
    (NEW, 10, 12, -1, "admitted"),
    (READY, 12, 15, -1, "dispatched"),
    (RUNNING, 15, 19, 0, "expired"),
    (READY, 19, 20, -1, "dispatched"),
    (RUNNING, 20, 22, 1, "blocked"),
    (BLOCKED, 22, 28, -1, "woke"),
    (RUNNING, 28, 31, 1, "ended"),
]


def test_turnaround_is_completion_less_arrival() -> None:
    assert row_of(LIFE).turnaround_ns == 31 - 10


def test_response_is_first_run_less_arrival() -> None:
    assert (row_of(LIFE).first_run_ns, row_of(LIFE).response_ns) == (15, 5)


def test_waiting_is_time_ready_and_not_time_outside_memory() -> None:
    assert row_of(LIFE).waiting_ns == 3 + 1


def test_blocked_is_time_at_devices_and_in_waits() -> None:
    assert row_of(LIFE).blocked_ns == 6


def test_cpu_is_time_running() -> None:
    assert row_of(LIFE).cpu_ns == 4 + 2 + 3


def test_demand_is_what_the_program_asks_for() -> None:
    assert row_of(LIFE).demand_ns == 9


def test_each_time_on_a_core_is_a_slice() -> None:
    assert row_of(LIFE).slices == 3


def test_a_move_to_another_core_is_a_migration() -> None:
    assert row_of(LIFE).migrations == 1


@pytest.mark.parametrize(
    ("why", "counts"),
    [
        ("expired", 1),
        ("preempted", 1),
        ("blocked", 0),
        ("ended", 0),
        ("yielded", 0),
        ("interrupted", 0),
        ("killed", 0),
        ("stopped", 0),
        ("released", 0),
    ],
)
def test_only_expiry_and_preemption_are_involuntary(why: str, counts: int) -> None:
    assert row_of([(RUNNING, 0, 3, 0, why)]).preemptions == counts


def test_a_slice_that_an_outsider_interrupted_is_one_slice() -> None:
    life: list[Row] = [
        (RUNNING, 0, 3, 0, "interrupted"),
        (READY, 3, 4, -1, "resumed"),
        (RUNNING, 4, 6, 0, "ended"),
    ]
    row = row_of(life)
    assert (row.slices, row.cpu_ns, row.waiting_ns, row.preemptions) == (1, 5, 1, 0)


def test_a_process_that_never_ran_has_no_response() -> None:
    row = row_of([(BLOCKED, 5, 9, -1, "ended")])
    assert (row.first_run_ns, row.response_ns, row.slices, row.turnaround_ns) == (None, None, 0, 4)


def test_a_process_that_did_not_complete_has_no_turnaround() -> None:
    row = row_of([(RUNNING, 5, 9, 0, "stopped")], ProcessFacts(admitted=5))
    assert (row.completion_ns, row.turnaround_ns, row.response_ns) == (None, None, 0)


def test_measured_cpu_goes_before_the_sum_of_intervals() -> None:
    assert row_of(LIFE, ProcessFacts(admitted=12, completion=31, cpu=11)).cpu_ns == 11


def test_a_partition_says_what_was_asked_for() -> None:
    row = row_of(LIFE, ProcessFacts(admitted=12, completion=31, region=Region(8, 16)))
    assert row.memory == Allocation(base=8, size=16, requested=5)


def row_for(spec: ProcessSpec, life: list[Row], fact: ProcessFacts) -> ProcessRow:
    """The row of a process that is specified otherwise than by its arrival."""
    intervals = Intervals()
    for state, start, end, core, why in life:
        intervals.add((0, state, start, end, core, -1, why))
    given = replace(workload_for([spec.arrival], 2), processes=(spec,))
    return summarize(given, intervals, [fact], ()).processes[0]


LATE: list[Row] = [  # two jobs of 6 ns, released at 0 and 5, due 5 later: the second begins at once
    (RUNNING, 0, 6, 0, "released"),
    (RUNNING, 6, 12, 0, "blocked"),
    (BLOCKED, 12, 15, -1, "released"),
    (RUNNING, 15, 21, 0, "ended"),
]
PERIODIC = ProcessSpec(
    0,
    "A",
    0,
    Program.of([(CPU, 6), (RELEASE, 0), (CPU, 6), (RELEASE, 0), (CPU, 6)]),
    cores=(0, 1),
    period=5,
    deadline=5,
)


def test_jobs_are_told_with_their_completions() -> None:
    row = row_for(PERIODIC, LATE, ProcessFacts(admitted=0, completion=21, jobs=[6, 12, 21]))
    assert row.jobs is not None
    assert [tuple(job.values()) for job in row.jobs] == [(0, 5, 6), (5, 10, 12), (10, 15, 21)]


def test_a_late_job_begins_a_slice_and_preempts_nobody() -> None:
    row = row_for(PERIODIC, LATE, ProcessFacts(admitted=0, completion=21))
    assert (row.slices, row.preemptions, row.blocked_ns) == (3, 0, 3)


def test_a_process_without_deadline_has_no_jobs() -> None:
    assert row_of(LIFE).jobs is None


def test_the_cores_that_a_process_may_use_are_its_affinity() -> None:
    assert row_for(PERIODIC, LATE, ProcessFacts()).affinity == [0, 1]
    assert row_of(LIFE).affinity is None


def test_a_process_is_ready_until_the_switch_to_it_is_over() -> None:
    life: list[Row] = [(READY, 0, 4, -1, "dispatched"), (RUNNING, 4, 9, 0, "ended")]
    found = summary(life, overheads=[Overhead(0, 1, 4, "switch")])
    row, [core] = found.processes[0], found.cores
    assert (row.first_run_ns, row.waiting_ns, row.cpu_ns, row.slices) == (4, 4, 5, 1)
    assert (core.busy_ns, core.overhead_ns, core.idle_ns) == (5, 3, 1)


def test_without_a_partition_there_is_no_memory() -> None:
    assert row_of(LIFE).memory is None


# -- of the whole run -----------------------------------------------------------------------------

TWO: tuple[list[Row], list[Row]] = (
    [(RUNNING, 0, 6, 0, "ended")],
    [(READY, 2, 3, -1, "dispatched"), (RUNNING, 3, 10, 1, "ended")],
)


def test_the_makespan_is_the_last_end_of_a_program() -> None:
    assert summary(*TWO).makespan_ns == 10


def test_the_makespan_of_a_stopped_run_is_the_last_thing_seen() -> None:
    assert summary(*TWO, facts=[ProcessFacts(0, 6), ProcessFacts(2)]).makespan_ns == 10


def test_busy_idle_and_overhead_add_up_to_the_makespan() -> None:
    overheads = [Overhead(0, 6, 7, "switch"), Overhead(0, 8, 9, "switch")]
    first, second = summary(*TWO, overheads=overheads).cores
    assert (first.busy_ns, first.idle_ns, first.overhead_ns) == (6, 2, 2)
    assert (second.busy_ns, second.idle_ns, second.overhead_ns) == (7, 3, 0)


def test_utilization_is_the_busy_share_of_all_cores() -> None:
    assert summary(*TWO).averages.cpu_utilization == 13 / 20


def test_throughput_is_completions_a_second() -> None:
    assert summary(*TWO).averages.throughput_per_s == 2 / 10e-9
    stopped = summary(*TWO, facts=[ProcessFacts(0, 6), ProcessFacts(2)])
    assert stopped.averages.throughput_per_s == 1 / 10e-9


def test_averages_are_means_over_the_processes() -> None:
    averages = summary(*TWO).averages
    assert (averages.turnaround_ns, averages.response_ns, averages.waiting_ns) == (7, 1, 1)


def test_what_never_happened_is_left_out_of_the_means() -> None:
    averages = summary(*TWO, [(BLOCKED, 0, 4, -1, "ended")]).averages
    assert averages.response_ns == 1
    assert averages.turnaround_ns == 6


def test_an_empty_run_has_no_averages() -> None:
    averages = summary().averages
    assert (averages.turnaround_ns, averages.response_ns, averages.waiting_ns) == (None,) * 3
    assert (averages.throughput_per_s, averages.cpu_utilization) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ([1, 2], 2),
        ([0, 1], 1),
        ([2, 3], 3),
        ([1, 1, 2], 1),
        ([1, 2, 2], 2),
        ([-1, 0], 0),
        ([5], 5),
        ([5, None, 6], 6),
        ([None], None),
        ([], None),
    ],
)
def test_means_are_rounded_half_up(values: list[int | None], wanted: int | None) -> None:
    assert mean(values) == wanted


@given(st.lists(st.integers(0, 2**60), min_size=1))
def test_a_mean_is_within_half_a_ns_of_the_exact_one(values: list[int]) -> None:
    found = mean(values)
    assert found is not None
    excess = 2 * (found * len(values) - sum(values))
    assert -len(values) < excess <= len(values)
