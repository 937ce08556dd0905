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
    """Behind its equals by default; where it was, as the case expects, by `requeue`."""
    name = "engine-preempted-among-equals"
    assert ends(run_of(name)) == {"B": 8, "G": 6, "H": 3}
    keeping = run_of(name, sets=("scheduler.requeue=keeps-place",))
    assert ends(keeping) == {"B": 5, "G": 8, "H": 3}
    assert what_fails(name, keeping) == []


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
    """Both published answers, by `newcomer`. The mean waiting is 35/6 ms in both."""
    waits = {"p6": 7, "p1": 8, "p2": 10, "p3": 13, "p4": 17, "p5": 22}
    preempts = {"p1": 7, "p2": 8, "p3": 10, "p4": 13, "p5": 17, "p6": 22}
    for newcomer, wanted in (("waits", waits), ("preempts", preempts)):
        run = run_of("exam-srtf-draws", sets=(f"scheduler.newcomer={newcomer}",))
        assert ends(run) == wanted
        assert sum(row.waiting_ns for row in run.processes) == ms(35)
    by_default = run_of("exam-srtf-draws")
    assert ends(by_default) == waits


def test_exam_two_keys() -> None:
    """The two keys differ by one burst, A's on d2: 5 s and 100 % together, or 10 s and 88.9 %."""
    run = run_of("exam-two-keys")
    assert run.makespan_ns == 40 * ms(1000) and run.averages.cpu_utilization == 1
    changed = run_of("exam-two-keys", sets=("processes.0.program.3.io.d2=10",))
    assert changed.makespan_ns == 45 * ms(1000)
    assert round(changed.averages.cpu_utilization, 3) == 0.889


@pytest.mark.parametrize(("burst", "makespan", "used"), [(5, 75, 0.533), (10, 80, 0.5)])
def test_the_two_keys_one_after_the_other(burst: int, makespan: int, used: float) -> None:
    """B arrives when A has ended."""
    late = f"processes.1.arrival={30 + burst}"
    run = run_of("exam-two-keys", sets=(f"processes.0.program.3.io.d2={burst}", late))
    assert run.makespan_ns == makespan * ms(1000)
    assert round(run.averages.cpu_utilization, 3) == used


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
