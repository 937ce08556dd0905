"""What a run on real processes records, and that it is sound."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import pytest

from kernel.errors import UsageError
from kernel.hardware import DeviceSpec
from kernel.process.states import BLOCKED, RUNNING
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from kernel.units import ms
from kernel.workload import SchedulerSpec
from real import run_real
from real.host.cpus import choose_cpus
from tests.real.workloads import cpu, io, process, run_undisturbed, two_cores, workload
from timeline.laws.check import check
from timeline.record.run import REAL, Run

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def run() -> Run:
    """Three programs under round robin, with I/O."""
    return run_real(
        workload(
            process("A", cpu(25), io(20), cpu(15)),
            process("B", cpu(30), arrival=5),
            process("C", io(10), cpu(10), arrival=5),
            quantum=10,
        )
    )


def test_it_obeys_the_laws(run: Run) -> None:
    assert check(run) == []
    assert run.backend == REAL and run.stopped is None


def test_each_process_receives_the_cpu_time_that_it_asks_for(run: Run) -> None:
    for row in run.processes:
        assert row.demand_ns <= row.cpu_ns < row.demand_ns + ms(2)


def test_the_processes_were_real_ones_and_are_gone(run: Run) -> None:
    pids = [row.pid for row in run.processes]
    assert len({*pids, os.getpid()}) == 4
    for pid in pids:
        assert pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert [row.exitcode for row in run.processes] == [0, 0, 0]


def test_nothing_happens_before_an_arrival(run: Run) -> None:
    assert [row.arrival_ns for row in run.processes] == [0, ms(5), ms(5)]
    for row in run.processes:
        assert row.first_run_ns is not None and row.first_run_ns >= row.arrival_ns


def test_a_device_takes_at_least_its_time(run: Run) -> None:
    waits = [row.end - row.start for row in run.intervals if row.state == BLOCKED]
    assert sorted(wait // ms(10) for wait in waits) == [1, 2]


def test_the_system_was_asked_about_each_process(run: Run) -> None:
    views = {seen.process: seen.value for seen in run.observations if seen.name == "psutil"}
    assert sorted(views) == ["A", "B", "C"]
    for view in views.values():
        assert view["threads"] == 1 and view["rss"] > 0 and view["voluntary_switches"] > 0


def test_the_machine_is_described(run: Run) -> None:
    for key in ("cpu", "cpus", "kernel", "privilege", "dispatch", "steal_ns", "start_method"):
        assert key in run.machine
    assert run.machine["dispatch"]["count"] >= 7


@two_cores
def test_two_cores_really_run_two_at_once() -> None:
    run = run_undisturbed(
        workload(process("A", cpu(60)), process("B", cpu(60)), policy="fcfs", cores=2)
    )
    lanes = [
        [row for row in run.intervals if row.state == RUNNING and row.core == i] for i in (0, 1)
    ]
    together = sum(
        max(0, min(one.end, two.end) - max(one.start, two.start))
        for one in lanes[0]
        for two in lanes[1]
    )
    assert together > ms(30)
    assert len(set(run.machine["cpus"])) == 2
    assert check(run) == []


def test_a_queue_at_a_device_serves_one_at_a_time() -> None:
    requests = [process(name, cpu(2), io(30, 0), cpu(2)) for name in "ABC"]
    run = run_real(workload(*requests, policy="fcfs", devices=[DeviceSpec("disk", 1)]))
    ends = sorted(row.end for row in run.intervals if row.state == BLOCKED)
    assert all(later - earlier >= ms(29) for earlier, later in pairwise(ends))
    assert check(run) == []


def test_more_cores_than_the_machine_has() -> None:
    have = len(os.sched_getaffinity(0))
    with pytest.raises(UsageError, match=f"this machine has {have}; use --cores {have}"):
        choose_cpus(workload(process("A", cpu(5)), cores=have + 1))


def test_progress_counts_the_programs_that_are_done() -> None:
    told: list[int] = []
    run_real(
        workload(process("A", cpu(100)), process("B", cpu(400)), policy="fcfs"), None, told.append
    )
    assert told == sorted(told) and 1 in told


def test_a_timeout_stops_the_run_and_keeps_what_was_recorded() -> None:
    run = run_real(
        workload(process("A", cpu(5)), process("B", cpu(60_000)), policy="fcfs"), ms(300)
    )
    assert run.stopped == "it took longer than the timeout of 300ms"
    done, stopped = run.processes
    assert done.completion_ns is not None and stopped.completion_ns is None
    assert stopped.first_run_ns is not None
    assert check(run) == []
    assert stopped.pid
    with pytest.raises(ProcessLookupError):
        os.kill(stopped.pid, 0)


class Confused(FirstComeFirstServed):
    """A student's first try."""

    def pick(self, core: int) -> None:  # noqa: ARG002 - the policy's interface
        return None


def test_a_policy_that_fails_leaves_no_process() -> None:
    from dataclasses import replace

    from kernel.errors import PolicyError

    wanted = replace(workload(process("A", cpu(5))), scheduler=SchedulerSpec("mine", Confused))
    with pytest.raises(PolicyError):
        run_real(wanted)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_it_leaves_no_descriptor_open() -> None:
    small = workload(process("A", cpu(1)), process("B", cpu(1)))
    run_real(small)
    before = len(list(Path("/proc/self/fd").iterdir()))
    run_real(small)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_many_processes() -> None:
    run = run_real(workload(*(process(f"p{i}", cpu(1)) for i in range(120)), policy="fcfs"))
    assert run.stopped is None and len({row.pid for row in run.processes}) == 120
    assert check(run) == []
