"""Runs that are left to the operating system: the kernel dispatches, and we record it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import replace
from statistics import median
from typing import Any

import pytest

from kernel.errors import UsageError
from kernel.hardware import DeviceSpec, MemorySpec
from kernel.process.linux_attributes import Attributes
from kernel.process.states import BLOCKED, RUNNING
from kernel.units import ms, us
from kernel.workload import Workload
from real import run_real
from real.cells import CPU, ROW
from real.host import probe, sched_classes
from real.host.cpus import choose_cpus
from real.native import meter
from sim import simulate
from tests.real.workloads import (
    TRIES,
    cpu,
    interruptions,
    io,
    process,
    run_undisturbed,
    two_cores,
    workload,
)
from timeline.comparison.compare import compare
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
OFTEN = 0.1  # interruptions for each tick, from which on they may decide how long turns are


def native(*processes: dict[str, Any], policy: str = "linux", **given: Any) -> Workload:
    made = workload(*processes, policy=policy, **given)
    return replace(made, scheduler=replace(made.scheduler, dispatch="none"))


def running_intervals(run: Run, process: int) -> list[int]:
    """How long each of its running intervals was, ns."""
    return [
        row.end - row.start
        for row in run.intervals
        if row.process == process and row.state == RUNNING
    ]


def first_end(run: Run) -> int:
    return min(row.completion_ns or 0 for row in run.processes)


def had_by(run: Run, process: int, until: int) -> int:
    rows = [row for row in run.intervals if row.process == process and row.state == RUNNING]
    return sum(max(0, min(row.end, until) - row.start) for row in rows)


def test_all_processes_end_and_the_record_keeps_the_laws() -> None:
    run = run_real(
        native(
            process("A", cpu(30), io(10), cpu(10)),
            process("B", cpu(40)),
            process("late", io(5), cpu(5), io(5), arrival=20),
        )
    )
    assert [row.exitcode for row in run.processes] == [0, 0, 0]
    assert check(run) == []
    assert run.stopped is None
    assert multiprocessing.active_children() == []


def test_any_policy_can_be_left_to_the_machine() -> None:
    run = run_real(native(process("A", cpu(20)), process("B", cpu(20)), policy="rr"))
    assert check(run) == []
    assert run.scheduler["dispatch"] == "none"


def test_a_device_serves_one_after_the_other() -> None:
    run = run_undisturbed(
        native(
            *(process(name, io(30, 0), cpu(1)) for name in "ABC"),
            devices=[DeviceSpec("disk")],
        )
    )
    ends = sorted(row.end for row in run.intervals if row.state == BLOCKED)
    assert ends == [ms(30), ms(60), ms(90)]


def test_periodic_jobs_come_at_their_releases() -> None:
    one = process("A", cpu(2), (-3, 0), cpu(2), (-3, 0), cpu(2), period=ms(20), deadline=ms(20))
    run = run_undisturbed(native(one))
    assert run.processes[0].jobs is not None
    assert [job["release_ns"] for job in run.processes[0].jobs] == [0, ms(20), ms(40)]
    slack = 50_000  # ns: CPU time is another clock
    assert (run.processes[0].completion_ns or 0) >= ms(42) - slack


def test_hogs_get_whole_ticks_and_not_the_base_slice() -> None:
    # A worker that asked for its CPU time all the time would be preempted when its slice is over.
    tick, base = probe.tick_ns(), sched_classes.base_slice()
    if base is None or tick < 2 * base:
        pytest.skip("on this kernel the tick and the slice do not differ enough")
    wanted = native(process("A", cpu(150)), process("B", cpu(150)))
    (core,) = choose_cpus(wanted).cores
    for _ in range(TRIES):
        noise = interruptions(core, ms(50))
        run = run_undisturbed(wanted)
        noise += interruptions(core, ms(50))
        if median(running_intervals(run, 0) + running_intervals(run, 1)) > 0.75 * tick:
            return
        # after each of them the kernel chooses anew, before the tick and however short it was
        if noise <= OFTEN * ms(100) / tick:
            raise AssertionError("shorter turns, and no interruption came in between")
    pytest.skip(f"others took the core {noise} times in 100 ms from a program that computed there")


def test_a_custom_slice_is_what_the_kernel_is_asked_for() -> None:
    if sched_classes._release() < sched_classes.KEEP_SLICE:
        pytest.skip("needs Linux 6.12")
    # How long turns are then depends on whether others want the core, but the kernel knows of it.
    (spec,) = native(process("A", cpu(1), linux=Attributes(slice=ms(24)))).processes
    child = multiprocessing.get_context("fork").Process(target=signal.pause)
    child.start()
    assert child.pid is not None
    sched_classes.take(child.pid, spec)
    assert sched_classes.base_slice(child.pid) == ms(24)
    child.kill()
    child.join()


def test_nice_counts_as_all_are_of_one_session() -> None:
    # In sessions of their own, autogroup would give them equal shares.
    run = run_undisturbed(native(process("A", cpu(200)), process("B", cpu(200), nice=10)))
    until = first_end(run)
    assert had_by(run, 0, until) > 4 * had_by(run, 1, until)


@two_cores
def test_a_pinned_process_runs_there_and_nowhere_else() -> None:
    pinned = [process(name, cpu(60), cores=(core,)) for core, name in enumerate("AB")]
    run = run_real(native(*pinned, process("anywhere", cpu(30)), cores=2))
    for index in range(2):
        found = {row.core for row in run.intervals if (row.process, row.state) == (index, RUNNING)}
        assert found == {index}
    assert check(run) == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nice": -5}, "P: nice -5 is below"),
        ({"linux": Attributes("fifo", 1)}, "P: class fifo with rt_priority 1 needs root"),
        ({"linux": Attributes("rr", 9)}, "P: class rr with rt_priority 9 needs root"),
    ],
)
def test_what_needs_privilege_is_refused_by_name_without_it(
    given: dict[str, Any], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sched_classes, "_privileged", lambda: False)
    monkeypatch.setattr("resource.getrlimit", lambda _which: (0, 0))
    with pytest.raises(UsageError, match=told):
        sched_classes.require(native(process("P", cpu(10), **given)), 2)


def test_deadline_is_refused_while_pinned() -> None:
    reserved = process("P", cpu(10), period=ms(20), linux=Attributes("deadline", runtime=ms(5)))
    with pytest.raises(UsageError, match="pinned: use --cores 7"):
        sched_classes.require(native(reserved), 7)


def test_partitions_are_refused() -> None:
    memory = MemorySpec(1 << 20, scheme="variable")
    with pytest.raises(UsageError, match="leave out memory"):
        run_real(native(process("A", cpu(1), memory=4096), memory=memory))


def test_a_timeout_stops_it_with_a_record_of_what_was() -> None:
    run = run_real(native(process("A", cpu(5000)), process("B", cpu(5000))), timeout=ms(150))
    assert run.stopped is not None
    assert [row.completion_ns for row in run.processes] == [None, None]
    assert sum(running_intervals(run, 0)) > 0
    assert check(run) == []


@pytest.mark.parametrize("dispatch", ["none", "ours"])
def test_a_busy_loop_on_the_same_core_is_named_and_never_a_disagreement(dispatch: str) -> None:
    """The kernel gives it half of the core. With root our workers go ahead of it."""
    policy = "linux" if dispatch == "none" else "rr"
    wanted = workload(process("A", cpu(150)), process("B", cpu(150)), policy=policy)
    wanted = replace(wanted, scheduler=replace(wanted.scheduler, dispatch=dispatch))
    busy = multiprocessing.get_context("fork").Process(
        target=_spin, args=(choose_cpus(wanted).cores,)
    )
    busy.start()
    try:
        run = run_real(wanted)
    finally:
        busy.kill()
        busy.join()
    found = compare(simulate(wanted), run)
    assert found.verdict.startswith(
        ("inconclusive",) if dispatch == "none" else ("inconclusive", "agree")
    )
    assert found.noise.outsiders > (0.1 if dispatch == "none" else 0.0)
    named = [row["pid"] for row in run.machine["others"]]
    assert busy.pid in named or len(named) == probe.MOST_OTHERS  # if others are busier still


def _spin(cpus: tuple[int, ...]) -> None:
    os.sched_setaffinity(0, cpus)
    while True:
        pass


class Thread:
    """A clock, and the CPU time of the thread that reads it: 1 us passes from look to look."""

    def __init__(self) -> None:
        self.now, self.cpu = int(ms(1000)), 0

    def look(self) -> int:
        self.now += us(1)
        self.cpu += us(1)
        return self.now

    def away_until(self, at: int) -> None:
        self.now = max(self.now, at)


@pytest.mark.parametrize("away", [0, us(50), ms(12)])
def test_a_thread_that_loses_its_core_behind_a_burst_asks_for_no_more_in_the_next(
    away: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = Thread()
    monkeypatch.setattr(meter, "monotonic_ns", thread.look)
    monkeypatch.setattr(meter, "thread_time_ns", lambda: thread.cpu)
    monkeypatch.setattr("real.host.syscalls.sleep_until", thread.away_until)
    cells = memoryview(bytearray(8 * ROW)).cast("q")
    made = meter.Meter(cells, 0, moves=False, threaded=False, watching=False)
    made.burn(ms(10))
    thread.away_until(thread.now + away)
    made.sleep_until(thread.now + ms(20))
    before = thread.cpu
    made.burn(ms(5))
    assert abs(thread.cpu - before - ms(5)) < us(60)
    assert abs(cells[CPU] - ms(15)) < us(60)
