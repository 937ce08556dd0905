"""Each law holds where it should, and can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.hardware import Costs
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.process.states import READY, RUNNING
from kernel.units import ms, us
from sim import simulate
from tests.sim.cases import workload
from tests.timeline.gantt import as_real, change, gantt, make, remade, with_memory
from timeline.laws.check import MOST, check
from timeline.record.intervals import Interval
from timeline.record.run import REAL, Job, MemoryEvent, Overhead, Run

ROUND_ROBIN = """
    A 000...000---0
    B ...000...00
"""


def broken(run: Run) -> set[str]:
    return {violation.law for violation in check(run)}


def row_of(run: Run, process: str, start: int) -> int:
    index = run.process_names.index(process)
    return next(
        at
        for at, row in enumerate(run.intervals)
        if row.process == index and row.start == start and row.end > start
    )


def test_a_sound_run_breaks_no_law() -> None:
    assert check(gantt(ROUND_ROBIN)) == []


def test_a_sound_real_run_breaks_no_law() -> None:
    assert check(as_real(gantt(ROUND_ROBIN))) == []


def test_two_processes_on_one_core() -> None:
    run = gantt("A 0000\nB ..00", machine={"cores": 1})
    [violation] = [v for v in check(run) if v.law == "one process a core"]
    assert violation.message == "A and B both run on core 0 for 2ms from 2ms"
    assert (violation.at_ns, violation.process, violation.core) == (ms(2), "B", 0)


def test_a_real_worker_cannot_see_a_gap_shorter_than_its_resolution() -> None:
    run = gantt("A 000\nB ...00", backend=REAL)
    seen_late = change(run, row_of(run, "A", 0), end=ms(3) + us(90))
    assert "one process a core" not in broken(seen_late)
    seen_late = change(run, row_of(run, "A", 0), end=ms(3) + us(110))
    assert "one process a core" in broken(seen_late)


def test_one_process_on_two_cores() -> None:
    run = gantt("A 00011", machine={"cores": 2})
    both = change(run, row_of(run, "A", ms(3)), start=ms(2))
    assert {"one core a process", "no gap, no overlap"} <= broken(both)


def test_a_core_that_the_machine_does_not_have() -> None:
    assert "one core a process" in broken(change(gantt("A 000"), 0, core=7))


def test_a_core_that_the_process_may_not_use() -> None:
    run = gantt("A 000", machine={"cores": 2})
    run.processes[0].affinity = [1]
    assert "one core a process" in broken(run)


@pytest.mark.parametrize("start", [ms(2), ms(4)])
def test_a_gap_or_an_overlap_in_a_life(start: int) -> None:
    run = gantt("A 000---00")
    assert "no gap, no overlap" in broken(change(run, row_of(run, "A", ms(3)), start=start))


def test_a_record_that_begins_after_arrival() -> None:
    run = gantt("A 000")
    run.processes[0].arrival_ns = -1
    assert "no gap, no overlap" in broken(run)


def test_a_record_that_ends_before_completion() -> None:
    run = gantt("A 000")
    run.processes[0].completion_ns = ms(4)
    assert "no gap, no overlap" in broken(run)


@pytest.mark.parametrize("why", ["woke", "blocked", "dispatched", "expired"])
def test_a_reason_that_does_not_lead_to_the_next_state(why: str) -> None:
    assert broken(remade(change(gantt("A 000"), 0, why=why))) == {"legal states"}


def test_a_life_that_goes_on_after_its_end() -> None:
    run = gantt("A 000---00")
    assert broken(change(run, 0, why="ended")) == {"legal states"}


def test_simulated_cpu_is_exactly_what_was_asked_for() -> None:
    run = gantt("A 000")
    run.processes[0].demand_ns += 1
    assert broken(run) == {"CPU as asked"}


@pytest.mark.parametrize(("off", "holds"), [(us(1090), True), (us(1110), False)])
def test_real_cpu_may_overshoot_a_little(off: int, holds: bool) -> None:
    run = as_real(gantt("A 000"))
    run.processes[0].cpu_ns += off
    assert ("CPU as asked" not in broken(run)) is holds


def test_a_killed_program_need_not_get_its_cpu() -> None:
    run = change(gantt("A 000"), 0, why="killed")
    run.processes[0].demand_ns = ms(50)
    assert check(run) == []


@pytest.mark.parametrize(
    "metric", ["turnaround_ns", "response_ns", "first_run_ns", "waiting_ns", "blocked_ns", "cpu_ns"]
)
def test_each_metric_must_agree_with_the_intervals(metric: str) -> None:
    run = gantt(ROUND_ROBIN)
    setattr(run.processes[0], metric, getattr(run.processes[0], metric) + 1)
    assert "metrics as recorded" in broken(run)


@pytest.mark.parametrize("count", ["slices", "preemptions", "migrations"])
def test_each_count_must_agree_with_the_intervals(count: str) -> None:
    run = gantt("A 00x00..11--00\nB ....0000")
    assert "metrics as recorded" not in broken(run)
    setattr(run.processes[0], count, getattr(run.processes[0], count) + 1)
    assert "metrics as recorded" in broken(run)


def test_a_slice_that_a_program_outside_interrupted_goes_on_after_that() -> None:
    run = gantt("A 00x00--00", backend=REAL)
    run.processes[0].slices = 2
    assert "metrics as recorded" not in broken(run)


@pytest.mark.parametrize("part", ["busy_ns", "idle_ns", "overhead_ns"])
def test_each_core_adds_up_to_the_makespan(part: str) -> None:
    run = gantt(ROUND_ROBIN)
    setattr(run.cores[0], part, getattr(run.cores[0], part) + 1)
    assert broken(run) == {"cores add up"}


def test_no_core_is_at_work_longer_than_the_run() -> None:
    run = gantt(ROUND_ROBIN)
    run.cores[0].overhead_ns = run.cores[0].idle_ns + 1
    run.cores[0].idle_ns = -1
    assert broken(run) == {"cores not overbooked"}


def test_no_process_takes_part_before_admission() -> None:
    run = gantt("A www000")
    run.processes[0].admitted_ns = ms(4)
    assert broken(run) == {"times in order"}


def test_fifo_admission_lets_no_program_pass() -> None:
    text = """
        A 0000
        B ww..0000
        C w........000
    """

    def law_is_broken(admission: str) -> bool:
        run = with_memory(gantt(text), admission, A=(0, 50, 40), B=(50, 50, 40), C=(50, 40, 40))
        return "first come, first admitted" in broken(run)

    assert law_is_broken("fifo")
    assert not law_is_broken("skip")


def test_two_partitions_that_share_a_byte() -> None:
    run = gantt("A 00\nB ..00")
    assert broken(with_memory(run, A=(0, 50, 50), B=(50, 50, 50))) == set()
    [violation] = check(with_memory(run, A=(0, 51, 50), B=(50, 50, 50)))
    assert violation.law == "partitions apart"
    assert "B (50B at 50) overlaps the partition of A" in violation.message


def test_a_place_may_be_used_again_at_the_instant_it_is_freed() -> None:
    assert check(with_memory(gantt("A 00\nB ww00"), A=(0, 50, 50), B=(0, 50, 50))) == []


def test_a_partition_outside_memory() -> None:
    assert broken(with_memory(gantt("A 00"), A=(60, 50, 50))) == {"partitions apart"}


def test_freeing_what_was_not_held() -> None:
    run = with_memory(gantt("A 00"), A=(0, 50, 50))
    run.memory_events.append(MemoryEvent(ms(2), "freed", "A", 0, 50))
    assert broken(run) == {"partitions apart"}


def test_placing_a_program_that_has_a_place() -> None:
    run = with_memory(gantt("A 00"), A=(0, 50, 50))
    run.memory_events.insert(1, MemoryEvent(ms(1), "placed", "A", 50, 50))
    assert broken(run) == {"partitions apart"}


def test_a_program_larger_than_its_partition() -> None:
    assert broken(with_memory(gantt("A 00"), A=(0, 50, 51))) == {"program fits"}


def test_an_idle_core_while_a_process_is_ready() -> None:
    [violation] = check(gantt("A 000\nB .....00"))
    assert violation.law == "no idle core while ready"
    assert violation.message == "core 0 is idle for 2ms from 3ms while B is ready (allowed: 0)"


def test_a_modelled_switch_is_not_idle_time() -> None:
    switch = Overhead(0, ms(3), ms(4), "switch")
    assert check(gantt("A 000\nB ....00", overheads=[switch])) == []


@pytest.mark.parametrize(("dead", "holds"), [(us(900), True), (us(1100), False)])
def test_a_real_dispatch_may_take_as_long_as_was_measured(dead: int, holds: bool) -> None:
    rows = [
        Interval(0, RUNNING, 0, ms(3), 0, -1, "ended"),
        Interval(1, 1, 0, ms(3) + dead, -1, -1, "dispatched"),
        Interval(1, RUNNING, ms(3) + dead, ms(9), 0, -1, "ended"),
    ]
    switch = Overhead(0, ms(3), ms(3) + dead, "switch")
    machine = {"cores": 1, "dispatch": {"slack_ns": ms(1)}}
    run = make("AB", rows, backend=REAL, machine=machine, scheduler={}, overheads=[switch])
    assert (check(run) == []) is holds


@pytest.mark.parametrize("taker", ["interrupted", "dispatcher"])
def test_a_core_that_an_outsider_or_the_dispatcher_took_is_not_idle(taker: str) -> None:
    taken = Overhead(0, ms(2), ms(5), taker)
    run = gantt("A 00xxx000\nB ........00", backend=REAL, overheads=[taken])
    assert check(run) == []


def test_a_process_that_an_outsider_interrupted_is_not_waiting_for_the_dispatcher() -> None:
    assert check(gantt("A 00xxx000", backend=REAL)) == []


def test_an_idle_core_that_the_ready_process_may_not_use() -> None:
    run = gantt("A 000\nB ...00", machine={"cores": 2})
    assert broken(run) == {"no idle core while ready"}
    run.processes[1].affinity = [0]
    assert check(run) == []


PER_CORE = {"queues": "per-core", "balance": "none"}


def test_without_balance_a_core_may_idle_while_others_queue_elsewhere() -> None:
    text = "A 00000\nB .....0000\nC 11"
    assert broken(gantt(text)) == {"no idle core while ready"}
    assert check(gantt(text, scheduler=PER_CORE)) == []


def test_without_balance_a_core_may_not_idle_while_its_own_queue_waits() -> None:
    run = gantt("A 000\nB ....000\nC 1111111", scheduler=PER_CORE)
    [violation] = check(run)
    assert violation.message.startswith("core 0 is idle for 1ms from 3ms while B is ready")


def test_without_balance_no_process_runs_on_another_core() -> None:
    [violation] = check(gantt("A 00..11", scheduler=PER_CORE, machine={"cores": 2}))[:1]
    assert violation.law == "one queue a process"
    assert violation.message == "A runs on core 1 from 4ms, but its queue is that of core 0"


@pytest.mark.parametrize("balance", ["steal", "push"])
def test_with_balance_no_core_idles_while_one_waits_that_may_run_there(balance: str) -> None:
    scheduler = {"queues": "per-core", "balance": balance}
    run = gantt("A 00000\nB .....0000\nC 11", scheduler=scheduler)
    assert broken(run) == {"no idle core while ready"}
    run.processes[1].affinity = [0]
    assert check(run) == []


def test_with_balance_a_process_may_change_cores() -> None:
    scheduler = {"queues": "per-core", "balance": "steal"}
    run = gantt("A 00.111\nB ..0\nC 111", scheduler=scheduler)
    assert check(run) == []


COSTS = {"cores": 2, "costs": {"dispatch": ms(1), "switch": ms(2), "migration": 0}}


def test_a_process_to_which_a_core_is_being_switched_is_not_waiting_for_another() -> None:
    parts = [Overhead(0, 0, ms(1), "dispatch"), Overhead(0, ms(1), ms(3), "switch")]
    assert check(gantt("A ...000", machine=COSTS, overheads=parts)) == []
    assert broken(gantt("A ....00", machine=COSTS, overheads=parts)) == {"no idle core while ready"}


def test_a_switch_is_no_longer_than_its_parts() -> None:
    """The second switch is A's; in the time of the first, which is another's, it was waiting."""
    parts = [Overhead(0, 0, ms(2), "switch"), Overhead(0, ms(2), ms(4), "switch")]
    assert broken(gantt("A ....00", machine=COSTS, overheads=parts)) == {"no idle core while ready"}


def test_a_process_that_loses_its_core_at_the_end_of_its_switch_is_ready_again() -> None:
    rows = [
        Interval(0, READY, 0, ms(2), -1, -1, "dispatched"),
        Interval(0, READY, ms(2), ms(6), -1, -1, "dispatched"),
        Interval(0, RUNNING, ms(6), ms(9), 0, -1, "ended"),
        Interval(1, READY, ms(1), ms(4), -1, -1, "dispatched"),
        Interval(1, RUNNING, ms(4), ms(5), 0, -1, "ended"),
    ]
    switches = [Overhead(0, 0, ms(2), "switch"), Overhead(0, ms(2), ms(4), "switch")]
    switches.append(Overhead(0, ms(5), ms(6), "switch"))
    machine = {**COSTS, "cores": 1}
    run = make("AB", rows, machine=machine, scheduler={}, overheads=switches)
    assert check(run) == []
    free = make("AB", rows, machine={"cores": 1}, scheduler={}, overheads=switches)
    assert broken(free) == {"legal states"}


def with_jobs(run: Run, *times: tuple[int, int, int | None]) -> Run:
    """The run, its first process with jobs of (release, deadline, completion) in ms."""
    run.processes[0].jobs = [
        Job(
            release_ns=ms(release),
            deadline_ns=ms(deadline),
            completion_ns=None if completion is None else ms(completion),
        )
        for release, deadline, completion in times
    ]
    return run


def test_a_periodic_process_waits_for_its_release_and_begins_a_late_job_at_once() -> None:
    run = gantt("A 00--00")
    assert check(change(run, row_of(run, "A", ms(2)), why="released")) == []
    late = [
        Interval(0, RUNNING, 0, ms(6), 0, -1, "released"),
        Interval(0, RUNNING, ms(6), ms(9), 0, -1, "ended"),
    ]
    assert check(make("A", late, machine={"cores": 1}, scheduler={})) == []


def test_jobs_that_are_done_one_after_another() -> None:
    assert check(with_jobs(gantt("A 00--00"), (0, 4, 2), (4, 8, 6))) == []
    assert check(with_jobs(gantt("A 00--00"), (0, 1, 2), (4, 5, 6))) == []  # missed, but in order


@pytest.mark.parametrize(
    ("jobs", "said"),
    [
        (((0, 4, 2), (5, 9, 4)), "job 2 of A is completed at 4ms, before its release at 5ms"),
        (((0, 9, 6), (0, 9, 5)), "job 2 of A is completed at 5ms, before the one before it (6ms)"),
        (((0, 4, None), (4, 9, 6)), "job 2 of A is completed at 6ms, but one before it is not"),
        (((0, 4, 7),), "job 1 of A is completed at 7ms, after the end of the program (6ms)"),
        (((0, 4, 2), (4, 9, None)), "A ended without completing all jobs"),
    ],
)
def test_jobs_that_are_not(jobs: tuple[tuple[int, int, int | None], ...], said: str) -> None:
    [violation, *_] = check(with_jobs(gantt("A 00--00"), *jobs))
    assert (violation.law, violation.message) == ("jobs in order", said)


def with_dropped_job(text: str, dropped: int, due: int) -> Run:
    """The run, its first process with a job that was dropped, and one that is done at 6 ms."""
    run = with_jobs(gantt(text), (0, due, None), (4, 9, 6))
    row = run.processes[0]
    assert row.jobs is not None
    row.jobs[0]["dropped_ns"] = ms(dropped)
    row.demand_ns += ms(dropped)
    return run


def test_a_dropped_job_takes_its_cpu_time_with_it() -> None:
    assert check(with_dropped_job("A 00--00", 3, 2)) == []
    short = with_dropped_job("A 00--00", 3, 2)
    short.processes[0].demand_ns += 1
    assert [each.law for each in check(short)] == ["CPU as asked"]


def test_a_process_does_not_go_on_with_a_dropped_job() -> None:
    [violation] = check(with_dropped_job("A 00--00", 3, 1))
    assert violation.law == "jobs in order"
    assert violation.message == (
        "A computes for 1ms after its deadline at 1ms, at which job 1 of A was dropped"
    )


def test_a_dropped_job_is_not_done() -> None:
    run = with_dropped_job("A 00--00", 3, 2)
    assert run.processes[0].jobs is not None
    run.processes[0].jobs[0]["completion_ns"] = ms(2)
    assert "though it was dropped" in check(run)[0].message


def test_a_run_that_was_stopped_need_not_complete_its_jobs() -> None:
    run = with_jobs(gantt("A 00--00", stopped="interrupted"), (0, 4, 2), (4, 9, None))
    assert check(run) == []


@pytest.mark.parametrize("policy", ["fcfs", "rr", "srtf", "edf", "rm"])
@pytest.mark.parametrize("costs", [Costs(), Costs(1, 2, 3)])
def test_simulated_jobs_on_two_cores_break_no_law(policy: str, costs: Costs) -> None:
    jobs = [(CPU, 7), (RELEASE, 0), (CPU, 3), (WAIT, 2), (RELEASE, 0), (CPU, 5)]
    base = workload(policy, [], {"quantum": 2} if policy == "rr" else {}, cores=2)
    periodic = [
        ProcessSpec(i, f"P{i}", i % 3, Program.of(jobs), period=6 + i, deadline=5 + i)
        for i in range(4)
    ]
    run = simulate(replace(base, processes=tuple(periodic), costs=costs))
    assert check(run) == []
    assert run.processes[0].jobs is not None
    assert all(job["completion_ns"] is not None for job in run.processes[0].jobs)


def test_a_run_that_was_stopped() -> None:
    run = gantt("A 000...0\nB ...000.", stopped="interrupted by Ctrl-C")
    assert run.processes[0].completion_ns is None
    assert check(run) == []


def test_only_the_first_violations_of_a_law_are_listed() -> None:
    run = gantt("\n".join(f"P{i} 000" for i in range(50)))
    assert len([v for v in check(run) if v.law == "one process a core"]) == MOST


def idle_by_millisecond(tracks: Sequence[str], cores: int) -> bool:
    """Work conservation as one would check it by hand: at each ms, a process ready, a core idle."""
    for cells in zip(*tracks, strict=True):
        taken = {cell for cell in cells if cell.isdigit()}
        if "." in cells and len(taken) < cores:
            return True
    return False


@given(st.lists(st.text("01.-", min_size=12, max_size=12), min_size=1, max_size=5))
def test_the_sweep_finds_exactly_the_idle_milliseconds(tracks: list[str]) -> None:
    ended = [f"{track}0" for track in tracks]  # not all end in `ready`
    run = gantt("\n".join(f"P{i} {t}" for i, t in enumerate(ended)), machine={"cores": 2})
    expected = idle_by_millisecond(tracks, 2)
    assert ("no idle core while ready" in broken(run)) is expected


@given(st.lists(st.text("01.-", min_size=12, max_size=12), min_size=2, max_size=5))
def test_two_on_one_core_are_always_found(tracks: list[str]) -> None:
    run = gantt("\n".join(f"P{i} {t}" for i, t in enumerate(tracks)), machine={"cores": 2})
    clash = any(cells.count("0") > 1 or cells.count("1") > 1 for cells in zip(*tracks, strict=True))
    assert ("one process a core" in broken(run)) is clash
