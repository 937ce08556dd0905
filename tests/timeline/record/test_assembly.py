"""A run is made once, of gathered facts: where each of them stands in it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import pytest

from kernel.dispatch_price import USUAL
from kernel.process.calls import Kinship
from kernel.process.states import RUNNING
from kernel.workload import Workload
from tests.sim.cases import workload
from tests.sim.oracle.system import Job
from timeline.record.assembly import RunFacts, blank_run, make_run
from timeline.record.intervals import Intervals
from timeline.record.kernel_trace import ThreadOnCore, TraceFacts
from timeline.record.metrics import ProcessFacts
from timeline.record.run import REAL, SIMULATED


def two_programs() -> Workload:
    return workload("fcfs", [Job(0, (("cpu", 4),)), Job(0, (("cpu", 6),))], names=["A", "B"])


def facts(backend: str = REAL) -> RunFacts:
    """A runs from 0 to 4 ns and B from 4 to 10, as the workers of pid 7 and 8."""
    intervals = Intervals()
    intervals.add((0, RUNNING, 0, 4, 0, -1, "ended"))
    intervals.add((1, RUNNING, 4, 10, 0, -1, "ended"))
    done = [ProcessFacts(admitted=0, completion=at, pid=pid) for at, pid in ((4, 7), (10, 8))]
    return RunFacts(backend, two_programs(), intervals=intervals, processes=done)


def test_a_run_does_not_change() -> None:
    run = make_run(facts())
    with pytest.raises(FrozenInstanceError):
        run.stopped = "interrupted"  # type: ignore[misc]


def test_what_nothing_is_known_of_is_not_in_the_machine() -> None:
    machine = make_run(facts()).machine
    unknown = {"disturbances", "others", "kernel_trace", "price", "beside"}
    assert not unknown.intersection(machine)


def test_what_was_known_beside_the_run_comes_after_what_the_machine_says() -> None:
    given = facts()
    given.machine = {"steal_ns": 0, "cores": 1}
    given.disturbances = ["A was stopped"]
    given.others = [{"pid": 3, "name": "cc", "cpu_ns": 5}]
    given.price = USUAL[True]
    given.beside = [11, 12]
    machine = make_run(given).machine

    assert [*machine][-5:] == ["steal_ns", "disturbances", "others", "price", "beside"]
    assert machine["disturbances"] == ["A was stopped"]
    assert machine["price"] == USUAL[True].to_json()
    assert machine["beside"] == [{"pid": 11}, {"pid": 12}]


def test_the_kernels_trace_is_that_of_the_runs_processes_and_ends_with_it() -> None:
    given = facts()
    threads = [
        ThreadOnCore(7, "python", 0, -2, 3),
        ThreadOnCore(9, "cc", 0, 3, 5),
        ThreadOnCore(8, "python", 0, 5, 14),
        ThreadOnCore(9, "cc", 0, 14, 20),
    ]
    given.kernel_trace = TraceFacts(switches=4, lost=0, threads=threads)
    trace = make_run(given).machine["kernel_trace"]

    assert trace["intervals"] == {
        "process": [0, 1],
        "start_ns": [0, 5],
        "end_ns": [3, 10],
        "core": [0, 0],
    }
    assert trace["others"] == [{"pid": 9, "name": "cc", "ns": 2}]


def test_without_a_lifecycle_of_its_own_each_process_is_born_and_reaped_at_its_times() -> None:
    events = [tuple(event) for event in make_run(facts(SIMULATED)).lifecycle]
    assert events == [
        (0, "born", "A", "scenario"),
        (0, "born", "B", "scenario"),
        (4, "exited", "A", "A"),
        (4, "reaped", "A", "supervisor"),
        (10, "exited", "B", "B"),
        (10, "reaped", "B", "supervisor"),
    ]


def test_a_process_that_was_never_started_is_not_in_the_run() -> None:
    given = facts()
    first, second = given.workload.processes
    child = replace(first, kinship=Kinship(parent=1))
    given.workload = replace(given.workload, processes=(child, second))
    intervals = Intervals()
    intervals.add((1, RUNNING, 0, 6, 0, -1, "ended"))
    given.intervals, given.processes = intervals, [ProcessFacts(), ProcessFacts(completion=6)]
    run = make_run(given)

    assert run.process_names == ["B"]
    assert list(run.intervals.process) == [0]


def test_a_blank_run_has_every_process() -> None:
    assert blank_run(REAL, two_programs()).process_names == ["A", "B"]
