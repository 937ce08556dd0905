"""What is right, case by case: each file beside this one says in its comment what must come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import main
from kernel.units import ms
from kernel.workload import Workload
from language import Options, ScenarioError, load
from sim import simulate
from timeline.expect import check as expected
from timeline.laws.check import check
from timeline.record.run import Run
from timeline.record.tracks import by_process, slices

HERE = Path(__file__).parent


def workload_of(name: str, **options: object) -> Workload:
    return load(HERE / f"{name}.yaml", Options(**options)).workload  # type: ignore[arg-type]


def run_of(name: str, **options: object) -> Run:
    """The run of the model, whose record keeps the laws."""
    run = simulate(workload_of(name, **options))
    assert check(run) == []
    return run


def ends(run: Run) -> dict[str, float | None]:
    """Return when each process ends, ms."""
    return {row.name: row.completion_ns and row.completion_ns / ms(1) for row in run.processes}


def what_fails(name: str, run: Run) -> list[str]:
    workload = workload_of(name)
    assert workload.expect is not None
    lines = expected(workload.expect, run, time_unit=workload.time_unit)
    return [line.what for line in lines if not line.holds]


def test_each_case_has_a_test() -> None:
    names = {path.stem.replace("-", "_") for path in HERE.glob("*.yaml")}
    tested = {name.removeprefix("test_") for name in globals() if is_of_a_case(name)}
    assert names == tested - {"life_pipe_full_with_a_feeder"}


def is_of_a_case(name: str) -> bool:
    return name.startswith(("test_engine", "test_exam", "test_life", "test_linux"))


def test_engine_mlfq_boost() -> None:
    run = run_of("engine-mlfq-boost")
    assert what_fails("engine-mlfq-boost", run) == []
    assert [(turn.process, turn.start // ms(1)) for turn in slices(by_process(run))] == [
        (0, 0),
        (1, 52),
        (0, 53),
    ]


def test_engine_preempted_among_equals() -> None:
    """Behind its equals: another convention, by name, is still to come."""
    run = run_of("engine-preempted-among-equals")
    assert ends(run) == {"B": 8, "G": 6, "H": 3}


def test_engine_steps_without_time() -> None:
    run = run_of("engine-steps-without-time")
    assert what_fails("engine-steps-without-time", run) == []
    assert {row.cpu_ns for row in run.processes} == {ms(4), ms(5)}


@pytest.mark.usefixtures("capsys")
def test_exam_idle_share() -> None:
    """5 of 47: rounded, cut off, as a time, and from the other side."""
    for key in ("idle.cpu=10.6%", "idle.core 0=10.63%", "idle.cpu=5", "utilization.cpu=89.4%"):
        assert main(["simulate", str(HERE / "exam-idle-share.yaml"), "--set", f"expect.{key}"]) == 0
    for key in ("idle.cpu=10.5%", "idle.cpu=10.65%", "utilization.cpu=5"):
        assert main(["simulate", str(HERE / "exam-idle-share.yaml"), "--set", f"expect.{key}"]) == 1


def test_exam_srtf_draws() -> None:
    """An equal newcomer waits; that it takes the core, by name, is still to come."""
    assert ends(run_of("exam-srtf-draws")) == {
        "p6": 7,
        "p1": 8,
        "p2": 10,
        "p3": 13,
        "p4": 17,
        "p5": 22,
    }


def test_exam_two_keys() -> None:
    run = run_of("exam-two-keys")
    assert run.makespan_ns == 40 * ms(1000) and run.averages.cpu_utilization == 1


@pytest.mark.parametrize("command", ["check", "simulate", "run-real", "compare"])
def test_linux_deadline_admission(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = HERE / "linux-deadline-admission.yaml"
    assert main([command, str(file)]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{file}:9:34: processes.1.runtime: Linux refuses it (EBUSY): ")
    assert said.count("\n") == 1


def test_linux_yield() -> None:
    """B has the core from 1 ms to the tick at 4 ms, the first after its slice of 2.8 ms."""
    assert ends(run_of("linux-yield")) == {"A": 5, "B": 12}


def admitted(changes: dict[str, object]) -> Workload:
    """The case with other values."""
    sets = tuple(f"{key}={value}" for key, value in changes.items())
    return workload_of("linux-deadline-admission", sets=sets)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"machine.cores": 2}, None),  # 90 + 90
        ({"machine.cores": 2, "processes.1.runtime": "91ms"}, "EBUSY"),
        ({"processes.0.runtime": "80ms", "processes.1.runtime": "10ms"}, None),
        ({"processes.0.runtime": "81ms", "processes.1.runtime": "10ms"}, "EBUSY"),
        ({"machine.cores": 2, "processes.1.count": 2}, "EBUSY"),
        ({"scheduler.fair_server": 0, "processes.1.runtime": "5ms"}, None),
        ({"scheduler.policy": "edf"}, None),
        ({"machine.cores": 2, "processes.1.period": "99us"}, "from 100us to 4194.304ms"),
        ({"machine.cores": 2, "processes.1.period": "5s"}, "from 100us to 4194.304ms"),
        ({"machine.cores": 2, "processes.1.deadline": "80ms"}, "in a deadline of 80ms (EINVAL)"),
        ({"machine.cores": 2, "processes.1.deadline": "2s"}, "later than its period"),
        ({"machine.cores": 2, "processes.1.runtime": "1us"}, "at least 1.024us (EINVAL)"),
        ({"machine.cores": 2, "processes.1.cores": "[0]"}, "pinned (EPERM)"),
    ],
)
def test_what_linux_admits_of_class_deadline(changes: dict[str, object], says: str | None) -> None:
    """As measured on Linux 6.18 with two processors, and as its sources say."""
    if says is None:
        admitted(changes)
        return
    with pytest.raises(ScenarioError) as error:
        admitted(changes)
    assert says in str(error.value)


def said(run: Run, process: str) -> list[tuple[str, object]]:
    """Return what a process observed and printed."""
    return [(row.name, row.value) for row in run.observations if row.process == process]


def looks(run: Run, process: str) -> list[tuple[object, object]]:
    """Return `is_alive` and `exitcode` of each look at a Process object."""
    seen = [value for _, value in said(run, process) if isinstance(value, dict)]
    return [(value["is_alive"], value["exitcode"]) for value in seen]


def test_life_join_zero() -> None:
    run = run_of("life-join-zero")
    assert looks(run, "P") == [(True, None)]
    assert [row.at_ns // ms(1) for row in run.observations if row.value == "P is done"] == [20]


def test_life_killed_at_barrier() -> None:
    run = run_of("life-killed-at-barrier")
    assert not any(name == "prints" for each in "BC" for name, _ in said(run, each))
    assert looks(run, "parent") == [(True, None), (True, None)]
    assert [(row.process, row.holders) for row in run.deadlock] == [
        ("parent", ["B", "C"]),
        ("B", ["A"]),
        ("C", ["B"]),
    ]
    assert "among them A, which was killed by signal 9" in (run.stopped or "")


def test_life_killed_in_get() -> None:
    run = run_of("life-killed-in-get")
    assert (said(run, "second"), looks(run, "parent")) == ([], [(True, None)])
    assert (run.stopped or "").endswith(
        "second waits for the read lock of queue q, held by first, which was killed by signal 15"
    )


def test_life_look_after_terminate() -> None:
    run = run_of("life-look-after-terminate")
    assert (run.stopped, looks(run, "P")) == (None, [(True, None), (False, -15)])


def test_life_pipe_full() -> None:
    """The SimpleQueue of the file: the put itself blocks."""
    run = run_of("life-pipe-full")
    assert run.stopped == (
        "deadlock: parent waits for the end of producer; "
        "producer waits for room in queue q, which is full"
    )


def test_life_pipe_full_with_a_feeder() -> None:
    """With a Queue all puts return, and the producer cannot end."""
    queues = ("queues={q: {kind: queue}}",)
    run = simulate(workload_of("life-pipe-full", sets=queues))
    assert said(run, "producer") == [("prints", "producer is done")]
    assert run.stopped == (
        "deadlock: parent waits for the end of producer; "
        "producer waits at its exit until its values are written into queue q, which is full"
    )
