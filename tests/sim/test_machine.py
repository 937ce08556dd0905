"""The simulated machine as a whole: the same bytes every time, and events only where needed."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

import sim.machine
from kernel.errors import PolicyError
from kernel.scheduling import Policy
from kernel.units import ms, seconds
from kernel.workload import Workload
from sim import simulate
from sim.clock import Clock
from tests.kernel.hand import PlainQueue
from tests.paths import ROOT
from tests.sim.cases import random_case, workload, workload_of
from tests.sim.oracle.system import Job
from timeline.files.document import write_run

HOUR = seconds(3600)


def document(of: Workload) -> str:
    stream = io.StringIO()
    write_run(simulate(of), stream)
    return stream.getvalue()


def fingerprint() -> str:
    """Of the documents of some workloads of every policy, with devices and memory."""
    digest = hashlib.sha256()
    for policy in ("fcfs", "rr", "sjf", "srtf", "priority"):
        for seed in range(20):
            digest.update(document(workload_of(random_case(policy, seed), 1000)).encode())
    return digest.hexdigest()


def test_the_same_workload_gives_the_same_bytes_twice() -> None:
    of = workload_of(random_case("rr", 5), 1000)
    assert document(of) == document(of)


@pytest.mark.parametrize("hashes", ["0", "1", "4711"])
def test_another_process_with_other_hashes_gives_the_same_bytes(hashes: str) -> None:
    code = "from tests.sim.test_machine import fingerprint; print(fingerprint())"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == fingerprint()


# -- the cost follows the slices, never the time --------------------------------------------------


def steps(monkeypatch: pytest.MonkeyPatch, of: Workload) -> int:
    """SimPy events that a run takes."""
    clocks: list[Clock] = []

    class Kept(Clock):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            clocks.append(self)

    monkeypatch.setattr(sim.machine, "Clock", Kept)
    simulate(of)
    return next(clocks[0]._eid)  # as many have been in SimPy's queue


def burst(length: int) -> Job:
    return Job(0, (("cpu", length), ("wait", length), ("cpu", length)))


@pytest.mark.parametrize("policy", ["fcfs", "sjf", "srtf", "priority"])
def test_an_hour_takes_as_many_steps_as_a_millisecond(
    policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = steps(monkeypatch, workload(policy, [burst(ms(1))] * 3))
    assert steps(monkeypatch, workload(policy, [burst(HOUR)] * 3)) == short


def test_steps_grow_with_the_number_of_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(0, (("cpu", ms(100)),))] * 4

    def taken(quantum: int) -> int:
        return steps(monkeypatch, workload("rr", jobs, {"quantum": quantum}))

    coarse, fine = taken(ms(10)), taken(ms(1))  # 40 and 400 slices
    assert fine - coarse == 360


def test_a_slice_takes_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(0, (("cpu", ms(100)),))] * 4
    taken = steps(monkeypatch, workload("rr", jobs, {"quantum": ms(1)}))
    assert 400 <= taken <= 402


def test_arrivals_at_one_instant_take_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [Job(5, (("wait", 1),))] * 100
    assert steps(monkeypatch, workload("fcfs", jobs)) == 101


# -- what is around a run -------------------------------------------------------------------------


class Fails(Policy):
    def ready(self, *_: object) -> None:
        raise RuntimeError("no")


def test_an_error_in_a_policy_is_blamed_on_its_line() -> None:
    with pytest.raises(PolicyError, match=r"test_machine\.py:\d+: ready\(\) raised RuntimeError"):
        simulate(workload(Fails, [burst(1)]))


@pytest.mark.parametrize("kind", ["fcfs", Fails])
def test_the_garbage_collector_is_left_as_it_was(kind: Any) -> None:
    with suppress(PolicyError):
        simulate(workload(kind, [burst(1)]))
    assert gc.isenabled()


def one_burst(arrival: int, length: int) -> Job:
    return Job(arrival, (("cpu", length),))


def looked_at(next_review: Callable[[Policy], int | None]) -> list[int]:
    """When a policy is asked to look again during a burst of 10 ns; another comes at 6."""
    looked: list[int] = []
    calls = {"next_review": next_review, "review": lambda self: looked.append(self.now)}
    simulate(workload(type("Looks", (PlainQueue,), calls), [one_burst(0, 10), one_burst(6, 1)]))
    return looked


def test_reviews_come_when_they_were_asked_for_and_end_with_the_run() -> None:
    assert looked_at(lambda policy: policy.now // 4 * 4 + 4) == [4, 8]


def test_a_review_that_is_no_longer_wanted_does_not_come() -> None:
    assert looked_at(lambda policy: 9 if policy.now < 6 else None) == []


def test_progress_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.machine, "LOOK_EVERY", 10)
    told: list[int] = []
    simulate(workload("fcfs", [Job(0, (("cpu", 1),))] * 30), told.append)
    assert told == [9, 19, 29]


def test_a_run_without_processes_is_empty() -> None:
    run = simulate(workload("fcfs", []))
    assert (run.makespan_ns, run.processes, len(run.intervals)) == (0, [], 0)
