"""The order at one instant, and the other rules of the record, each on its smallest case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from kernel.process.states import State
from sim import simulate
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.record.run import Run


def job(arrival: int, *steps: int | tuple[str, int], memory: int = 0, priority: int = 0) -> Job:
    """A bare number is a burst."""
    full = tuple(step if isinstance(step, tuple) else ("cpu", step) for step in steps)
    return Job(arrival, full, memory, priority)


def run(policy: str, *jobs: Job, **more: Any) -> Run:
    more.setdefault("names", "ABCDEFGH"[: len(jobs)])
    return simulate(workload(policy, jobs, **more))


def rr(*jobs: Job, quantum: int = 2, **more: Any) -> Run:
    return run("rr", *jobs, parameters={"quantum": quantum}, **more)


def slices(of: Run) -> str:
    """Return the slices by start and core: `A B@1` is A on core 0, then B on core 1."""
    rows = sorted(
        (row.start, row.core, of.process_names[row.process])
        for row in of.intervals
        if row.state == State.RUNNING
    )
    return " ".join(name + (f"@{core}" if core else "") for _, core, name in rows)


def life(of: Run, name: str) -> list[str]:
    """`running 0-2 expired` and so on."""
    return [
        f"{State(row.state).name.lower()} {row.start}-{row.end} {row.why}"
        for row in of.intervals
        if of.process_names[row.process] == name
    ]


def preemptions(of: Run) -> list[int]:
    return [row.preemptions for row in of.processes]


# -- ties -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ties", "wanted"), [("arrival-first", "A B A"), ("expiry-first", "A B")])
def test_an_arrival_at_an_expiry_goes_first_or_second(ties: str, wanted: str) -> None:
    assert slices(rr(job(0, 3), job(2, 1), ties=ties)) == wanted


@pytest.mark.parametrize(("ties", "wanted"), [("arrival-first", "A B A"), ("expiry-first", "A B")])
def test_a_completed_wait_at_an_expiry_goes_first_or_second(ties: str, wanted: str) -> None:
    assert slices(rr(job(0, 3), job(0, ("wait", 2), 1), ties=ties)) == wanted


def test_a_completed_wait_goes_before_an_arrival() -> None:
    found = run("fcfs", job(3, 1), job(0, 1, ("wait", 2), 1), job(0, 3))
    assert slices(found) == "B C B A"


def test_waits_complete_in_the_order_in_which_they_were_started() -> None:
    found = run("fcfs", job(0, 1, ("wait", 2), 1), job(0, ("wait", 3), 1), job(0, 3))
    assert slices(found) == "A C B A"


def test_arrivals_at_one_instant_are_taken_in_file_order() -> None:
    assert slices(run("fcfs", job(1, 1), job(0, 1), job(1, 1), job(1, 1))) == "B A C D"


def test_quanta_that_expire_together_do_so_by_core() -> None:
    found = rr(job(0, 4), job(0, 4), job(1, 2), cores=2)
    assert slices(found) == "A B@1 C A@1 B"


def test_a_burst_that_ends_exactly_at_its_quantum_ends() -> None:
    found = rr(job(0, 2, ("wait", 1), 2), job(0, 2))
    assert life(found, "A")[0] == "running 0-2 blocked"
    assert preemptions(found) == [0, 0]


def test_a_program_that_ends_frees_its_memory_before_the_next_arrives() -> None:
    found = run("fcfs", job(0, 2, memory=8), job(2, 1, memory=8), partitions=[8])
    assert life(found, "B") == ["running 2-3 ended"]


def test_whoever_waits_for_memory_is_admitted_before_the_next_arrives() -> None:
    jobs = job(2, 1, memory=8), job(0, 2, memory=8), job(1, 1, memory=8)
    found = run("fcfs", *jobs, partitions=[8])
    assert slices(found) == "B C A"


def test_all_programs_that_end_free_their_memory_before_anybody_is_admitted() -> None:
    jobs = job(0, 2, memory=9), job(0, 2, memory=5), job(1, 1, memory=4)
    found = run("fcfs", *jobs, partitions=[9, 5], fit="best", cores=2)
    placed = found.processes[2].memory
    assert placed is not None
    assert placed.base == 9


def test_a_program_without_memory_passes_those_who_wait_for_some() -> None:
    jobs = job(0, 5, memory=8), job(1, 1, memory=8), job(2, 1)
    assert slices(run("fcfs", *jobs, partitions=[8])) == "A C B"


def test_a_program_that_begins_with_a_wait_is_blocked_from_its_admission() -> None:
    found = run("fcfs", job(0, 3), job(1, ("wait", 4), 1))
    assert life(found, "B") == ["blocked 1-5 woke", "running 5-6 ended"]


def test_a_program_that_only_waits_never_runs() -> None:
    row = run("fcfs", job(1, ("wait", 4))).processes[0]
    assert (row.first_run_ns, row.response_ns, row.slices, row.completion_ns) == (None, None, 0, 5)


# -- slices ---------------------------------------------------------------------------------------


def test_round_robin_alone_is_one_slice() -> None:
    found = rr(job(0, 9))
    assert life(found, "A") == ["running 0-9 ended"]
    assert (found.processes[0].slices, found.processes[0].preemptions) == (1, 0)


def test_a_process_that_is_not_displaced_keeps_its_core() -> None:
    row = rr(job(0, 1), job(0, 9), cores=2).processes[1]
    assert (row.slices, row.preemptions, row.migrations) == (1, 0, 0)


def test_a_slice_is_extended_until_another_process_is_ready() -> None:
    found = rr(job(0, 9), job(5, 1))
    assert life(found, "A") == ["running 0-6 expired", "ready 6-7 dispatched", "running 7-10 ended"]


def test_losing_a_core_at_an_expiry_is_a_preemption() -> None:
    assert preemptions(rr(job(0, 3), job(0, 3))) == [1, 1]


def test_two_processes_that_change_cores_at_an_expiry_have_migrated() -> None:
    found = rr(job(0, 4), job(0, 4), job(1, 2), cores=2)
    assert [row.migrations for row in found.processes] == [1, 1, 0]


# -- preemption ---------------------------------------------------------------------------------


def test_a_newcomer_with_exactly_as_much_left_does_not_preempt() -> None:
    assert slices(run("srtf", job(0, 5), job(2, 3))) == "A B"


def test_a_newcomer_with_less_left_preempts() -> None:
    assert slices(run("srtf", job(0, 5), job(2, 2))) == "A B A"


def test_a_newcomer_of_equal_priority_does_not_preempt() -> None:
    assert slices(run("priority", job(0, 5, priority=2), job(2, 3, priority=2))) == "A B"


def test_a_preempted_process_goes_behind_those_of_its_priority() -> None:
    jobs = job(0, 5, priority=2), job(1, 1, priority=2), job(2, 1, priority=1)
    assert slices(run("priority", *jobs)) == "A C B A"


def test_the_least_important_of_the_running_gives_way() -> None:
    jobs = job(0, 5, priority=2), job(0, 5, priority=3), job(2, 1, priority=1)
    assert slices(run("priority", *jobs, cores=2)) == "A B@1 C@1 B@1"


def test_among_equals_the_one_that_became_ready_last_gives_way() -> None:
    jobs = job(0, 5, priority=2), job(0, 5, priority=2), job(2, 1, priority=1)
    assert slices(run("priority", *jobs, cores=2)) == "A B@1 C@1 B@1"


def test_preemption_is_decided_once_over_all_that_became_ready() -> None:
    jobs = job(0, 9), job(2, 3), job(2, 2), job(2, 1)
    found = run("srtf", *jobs)
    assert slices(found) == "A D C B A"
    assert preemptions(found) == [1, 0, 0, 0]


def test_no_process_is_preempted_while_a_core_is_free() -> None:
    found = run("srtf", job(0, 9), job(2, 1), cores=2)
    assert slices(found) == "A B@1"


# -- devices --------------------------------------------------------------------------------------


def waits_of(units: int | None) -> list[int | None]:
    jobs = [job(0, ("disk", 3)) for _ in range(3)]
    return [row.completion_ns for row in run("fcfs", *jobs, devices={"disk": units}).processes]


@pytest.mark.parametrize(("units", "ends"), [(1, [3, 6, 9]), (2, [3, 3, 6]), (None, [3, 3, 3])])
def test_a_device_serves_as_many_as_it_has_units(units: int | None, ends: Sequence[int]) -> None:
    assert waits_of(units) == ends


def test_waiting_in_line_at_a_device_is_blocked_time() -> None:
    found = run("fcfs", job(0, ("disk", 3)), job(0, ("disk", 3)), devices={"disk": 1})
    assert [row.blocked_ns for row in found.processes] == [3, 6]


def test_one_wait_after_another_is_two_intervals() -> None:
    found = run("fcfs", job(0, ("disk", 3), ("wait", 2)), devices={"disk": 1})
    assert life(found, "A") == ["blocked 0-3 continued", "blocked 3-5 ended"]
    assert [row.device for row in found.intervals] == [0, -1]
