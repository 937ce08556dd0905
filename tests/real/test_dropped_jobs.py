"""Jobs that are dropped at their deadlines, on real processes: the worker leaves its burst."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.states import RUNNING
from kernel.units import ms
from kernel.workload import Workload
from real import run_real
from real.supervisor.dropped_jobs import dropped_cpu
from sim import simulate
from tests.real.workloads import cpu, process, workload
from timeline.laws.check import check
from timeline.record.intervals import Interval
from timeline.record.jobs import aborted_jobs
from timeline.record.run import Run


def periodic(name: str, jobs: int, *steps: tuple[int, int], **more: Any) -> dict[str, Any]:
    program = Program.of([*steps, *[(RELEASE, 0), *steps] * (jobs - 1)])
    return process(name, **{"period": ms(20), "deadline": ms(20), "aborts": True, **more}) | {
        "program": program
    }


def hopeless() -> dict[str, Any]:
    """A process that never completes a job, with I/O in the middle of each."""
    return periodic("A", 3, cpu(6), (WAIT, ms(4)), cpu(30), (WAIT, ms(4)), cpu(6))


def made(policy: str) -> Workload:
    more = {"period": ms(40), "deadline": ms(12)}
    return workload(
        hopeless(), periodic("B", 2, cpu(4), **more), process("C", cpu(20)), policy=policy
    )


def holds(run: Run) -> None:
    assert run.stopped is None
    assert check(run) == []
    assert aborted_jobs(run.processes[0]) == 3
    assert all(row.exitcode == 0 for row in run.processes)
    assert any(row.why == "aborted" for row in run.intervals)


@pytest.mark.real
@pytest.mark.parametrize("policy", ["edf", "rr"])
def test_dispatched_workers_leave_the_bursts_of_dropped_jobs(policy: str) -> None:
    holds(run_real(made(policy)))


@pytest.mark.real
def test_native_workers_leave_them_themselves() -> None:
    native = made("linux")
    holds(run_real(replace(native, scheduler=replace(native.scheduler, dispatch="none"))))


def test_so_it_is_in_the_model() -> None:
    holds(simulate(made("edf")))


def test_what_a_dropped_job_had_not_had_is_measured() -> None:
    program = Program.of([(CPU, 10), (RELEASE, 0), (CPU, 10), (RELEASE, 0), (CPU, 5), (WAIT, 1)])
    ran = [
        Interval(0, RUNNING, start, end, 0, -1, "preempted")
        for start, end in ((0, 4), (6, 9), (20, 30), (40, 43))
    ]
    assert dropped_cpu(program, [30], {0: 10, 2: 50}, ran) == {0: 3, 2: 2}
