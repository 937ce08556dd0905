"""However a run ends, it says so, keeps what it has recorded, and leaves nothing behind."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import pytest

from benchmarks.kills import ROOT
from kernel.hardware import Region
from kernel.units import ms
from kernel.workload import Workload
from language import Options, load
from real import run_real
from real.dispatched.events import AwaitedEvent
from real.dispatched.partitions import Partitions
from real.dispatched.pool import DispatchedPool
from real.dispatched.supervisor import Supervisor
from real.dispatched.worker_handle import WorkerHandle
from real.supervisor.ending import Stopped
from tests.real.commands import PATIENCE, Command, until
from tests.real.workloads import cpu, process, two_cores, workload
from timeline.files.document import read_run, write_run
from timeline.laws.check import check

pytestmark = pytest.mark.real


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    started = Command(tmp_path, "--json")
    yield started
    if started.popen.poll() is None:
        started.popen.kill()
        started.popen.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_run_prints_what_it_has_recorded(command: Command, number: int) -> None:
    command.await_running()
    command.popen.send_signal(number)
    status, out, err = command.end()
    assert status == 130
    document = json.loads(out)
    name = signal.Signals(number).name
    assert document["stopped"] == f"interrupted by {name}"
    assert err.endswith(f"the run was stopped: interrupted by {name}\n")
    run = read_run(document)
    assert check(run) == []
    assert len(run.intervals) >= 4
    assert run.processes[0].slices > 1 and run.processes[0].completion_ns is None
    assert run.processes[3].admitted_ns is None


def test_what_it_was_started_to_ignore_does_not_end_it(tmp_path: Path) -> None:
    ignored = signal.SIGINT, signal.SIGHUP  # as by nohup, and by a shell's &
    command = Command(
        tmp_path,
        "--json",
        preexec_fn=lambda: [signal.signal(number, signal.SIG_IGN) for number in ignored],
    )
    command.await_running()
    for number in ignored:
        command.popen.send_signal(number)
    time.sleep(0.2)
    assert command.popen.poll() is None
    command.popen.terminate()
    status, out, _ = command.end()
    assert status == 130 and json.loads(out)["stopped"] == "interrupted by SIGTERM"


def test_the_terminals_ctrl_c_reaches_the_workers_too_and_changes_nothing(
    command: Command,
) -> None:
    command.await_running()
    for pid in [*command.workers(), command.popen.pid]:
        os.kill(pid, signal.SIGINT)
    status, out, _ = command.end()
    assert status == 130 and json.loads(out)["stopped"] == "interrupted by SIGINT"


def test_an_interruption_before_the_run_has_begun(command: Command) -> None:
    until(command.workers, "the first worker")
    command.popen.send_signal(signal.SIGINT)
    status, _, err = command.end()
    assert status == 130 and "Traceback" not in err


def test_a_stopped_run_is_shown_like_any_other(tmp_path: Path) -> None:
    status, out, err = Command(tmp_path, "--timeout", "400ms").end()
    assert status == 1
    assert "the run was stopped: it took longer than the timeout of 400ms" in err
    assert "core 0" in out and "Traceback" not in err


def test_a_killed_supervisor_takes_everything_with_it(command: Command) -> None:
    command.await_running()
    assert len(command.workers()) >= 5
    command.popen.kill()
    status, _, _ = command.end()
    assert status == -signal.SIGKILL


def test_kills_at_random_moments_leave_nothing() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.kills",
            *("--count", "4", "--whole", "3"),  # seconds: no run more to measure how long one is
            *("--seed", str(time.time_ns() % 10_000)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


TAKING_TURNS = """
machine: {cores: 1, devices: {disk: {units: 1}}}
memory: {scheme: fixed, partitions: [64KiB, 64KiB]}
scheduler: {policy: rr, quantum: 5ms}
processes:
  - {name: A, memory: 8KiB, cpu: 15ms}
  - {name: B, memory: 8KiB, program: [{cpu: 10ms}, {io: {disk: 10ms}}, {cpu: 5ms}]}
  - {name: C, memory: 8KiB, arrival: 5ms, program: [{cpu: 5ms}, {io: {disk: 5ms}}, {cpu: 5ms}]}
  - {name: D, arrival: 10ms, cpu: 5ms}
"""


@pytest.fixture
def taking_turns(tmp_path: Path) -> Workload:
    """Two partitions for three programs; an arrival at the moment at which a quantum expires."""
    file = tmp_path / "turns.yaml"
    file.write_text(TAKING_TURNS)
    return load(file, Options()).workload


@two_cores  # nothing is decided ahead without a core to spare
@pytest.mark.parametrize("nth", range(1, 9))
def test_a_run_stopped_between_a_decision_and_its_moment_is_lawful(
    monkeypatch: pytest.MonkeyPatch, taking_turns: Workload, nth: int
) -> None:
    waits = itertools.count(1)
    await_rest = Supervisor._await_rest

    def interrupted(supervisor: Supervisor, ahead: list[AwaitedEvent]) -> None:
        if next(waits) == nth:
            raise Stopped("interrupted by a test")
        await_rest(supervisor, ahead)

    monkeypatch.setattr(Supervisor, "_await_rest", interrupted)
    run = run_real(taking_turns)
    assert run.stopped in (None, "interrupted by a test")  # busy machine: fewer are ahead
    assert check(run) == []
    stream = StringIO()
    write_run(run, stream)
    assert check(read_run(json.loads(stream.getvalue()))) == []


def test_a_run_stopped_while_its_first_programs_load_is_lawful(
    monkeypatch: pytest.MonkeyPatch, taking_turns: Workload
) -> None:
    def interrupted(_supervisor: Supervisor, at_most: int) -> None:
        time.sleep(at_most / 1e9 + 0.005)  # the run's first moment has just passed
        raise Stopped("interrupted by a test")

    monkeypatch.setattr(Supervisor, "_sleep", interrupted)
    run = run_real(taking_turns)
    assert run.stopped == "interrupted by a test"
    assert check(run) == []
    assert [row.admitted_ns for row in run.processes] == [None] * 4


def test_an_interrupt_during_the_last_exits_does_not_kill_a_worker_that_is_done(
    monkeypatch: pytest.MonkeyPatch, taking_turns: Workload
) -> None:
    def interrupted(_supervisor: Supervisor) -> None:
        raise Stopped("interrupted by a test")

    monkeypatch.setattr(Supervisor, "_finish", interrupted)
    run = run_real(taking_turns)
    assert run.stopped == "interrupted by a test"
    assert [row.exitcode for row in run.processes] == [0] * 4


def test_a_program_is_loaded_only_when_the_one_before_it_in_its_partition_has_ended(
    monkeypatch: pytest.MonkeyPatch, taking_turns: Workload
) -> None:
    loaded: list[tuple[int, bool]] = []
    pools: list[DispatchedPool] = []
    load, start = Partitions.load, DispatchedPool.start

    def started(pool: DispatchedPool) -> None:
        pools.append(pool)
        start(pool)

    def watched(partitions: Partitions, worker: WorkerHandle, region: Region) -> None:
        finished = [each.has_finished_burst() or each.dismissed for each in pools[0].workers]
        loaded.append((worker.index, any(finished)))
        load(partitions, worker, region)

    monkeypatch.setattr(DispatchedPool, "start", started)
    monkeypatch.setattr(Partitions, "load", watched)
    run = run_real(taking_turns)
    assert check(run) == []
    assert loaded == [(0, False), (1, False), (2, True)]


def test_a_worker_killed_by_an_outsider_stops_the_run() -> None:
    before = {child.pid for child in psutil.Process().children()}
    killed: list[int] = []

    def kill_the_last_worker(_done: int) -> None:
        if not killed:  # told some 100 ms after the start
            workers = [c.pid for c in psutil.Process().children() if c.pid not in before]
            killed.append(max(workers))
            os.kill(killed[0], signal.SIGKILL)

    run = run_real(
        workload(process("A", cpu(60_000)), process("B", cpu(60_000))),
        ms(20_000),
        kill_the_last_worker,
    )
    assert run.stopped == "B was killed by signal 9 in the middle of its program"
    assert run.processes[1].pid == killed[0]
    assert run.processes[0].completion_ns is None
    assert run.processes[0].cpu_ns == 0 or run.processes[0].slices
    assert {child.pid for child in psutil.Process().children()} == before
    assert check(run) == []


def test_signal_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    run_real(workload(process("A", cpu(1))))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_it_runs_outside_the_main_thread_too() -> None:
    runs = []
    thread = threading.Thread(target=lambda: runs.append(run_real(workload(process("A", cpu(5))))))
    thread.start()
    thread.join(PATIENCE)
    assert runs[0].stopped is None and check(runs[0]) == []


SHORT = """
machine: {cores: 1}
memory: {scheme: fixed, partitions: [64KiB, 64KiB]}
scheduler: {policy: rr, quantum: 5ms}
processes:
  - {name: A, memory: 8KiB, cpu: 30ms}
  - {name: B, memory: 8KiB, program: [{cpu: 10ms}, {io: 20ms}, {cpu: 10ms}]}
"""


def run_short(folder: Path, **how: Any) -> subprocess.Popen[str]:
    (folder / "short.yaml").write_text(SHORT)
    return subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "run-real", "--no-wait", "short.yaml", "--json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **how,
    )


def test_two_runs_at_once(tmp_path: Path) -> None:
    both = [run_short(tmp_path) for _ in range(2)]
    for each in both:
        out, err = each.communicate(timeout=PATIENCE)
        assert each.returncode == 0, err
        run = read_run(json.loads(out))
        assert all(row.exitcode == 0 for row in run.processes)
        assert check(run) == []


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run as another user")
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_an_unprivileged_user_can_run_it_and_is_told_what_privilege_would_add() -> None:
    python = [*NOBODY, sys.executable]
    helped = [*python, str(ROOT / "cli.py"), "--help"]
    if subprocess.run(helped, capture_output=True, check=False).returncode:
        pytest.skip("the user nobody may not read this repository or its Python")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "short.yaml").write_text(SHORT)
        done = subprocess.run(
            [
                *python,
                str(ROOT / "cli.py"),
                "run-real",
                "--no-wait",
                str(folder / "short.yaml"),
                "--json",
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    run = read_run(json.loads(done.stdout))
    assert "run as root" in run.machine["privilege"]
    assert check(run) == []
