"""A run's processes are killed, stopped and continued from outside.

The run says so in one line, its record is lawful, and nothing is left. `make kills` does it by the
hundred, at random moments.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from benchmarks import kills
from real.cells import SharedCells
from real.dispatched.worker_handle import WorkerHandle
from real.host import mp_helpers, probe, session
from real.supervisor import interference
from tests.real.commands import KINDS, Command, take_signals, until
from timeline.files.document import read_run
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = [pytest.mark.real, pytest.mark.apart]
ONE_AFTER_THE_OTHER = {
    kind: text.replace("policy: rr, quantum: 5ms", "policy: fcfs").replace(
        "policy: rr, quantum: 20ms", "policy: fcfs"
    )
    for kind, text in KINDS.items()
}
"""A process that has a core keeps it, so that the supervisor's SIGCONT undoes no SIGSTOP."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    """Starts the command with a scenario, and ends it in the end."""
    started: list[Command] = []

    def begin(text: str, *options: str, **how: Any) -> Command:
        started.append(Command(tmp_path, "--json", *options, text=text, **how))
        return started[-1]

    yield begin
    for each in started:
        if each.popen.poll() is None:
            each.popen.kill()
            each.popen.communicate()


def runs(process: psutil.Process) -> bool:
    return bool(process.status() == psutil.STATUS_RUNNING)


def ended(command: Command, status: int, says: str) -> Run:
    """It ends so, says so in its last line, and its record holds what was until then."""
    code, out, err = command.end()
    assert code == status, err
    assert says in err.splitlines()[-1] and "Traceback" not in err
    run = read_run(json.loads(out))
    assert check(run) == []
    assert run.stopped is not None and says.endswith(run.stopped)
    assert len(run.intervals) > 0
    return run


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_killed_by_an_outsider(start: Any, kind: str) -> None:
    command = start(KINDS[kind])
    command.worker(runs).kill()
    code, out, err = command.end()
    assert code == 1
    assert err.splitlines()[-1].endswith("was killed by signal 9 in the middle of its program")
    assert check(read_run(json.loads(out))) == []


def test_a_worker_that_breaks_down(start: Any) -> None:
    command = start(KINDS["ordinary"])
    command.worker(runs).send_signal(signal.SIGSEGV)
    code, out, err = command.end()
    assert code == 1 and "Traceback" not in err
    assert err.splitlines()[-1].endswith("was killed by signal 11 in the middle of its program")
    assert check(read_run(json.loads(out))) == []


@pytest.mark.parametrize("kind", ["life", "swapping", "linux"])
def test_a_supervisor_that_is_terminated(start: Any, kind: str) -> None:
    command = start(KINDS[kind])
    command.await_running()
    command.popen.terminate()
    ended(command, 130, "the run was stopped: interrupted by SIGTERM")


@pytest.mark.parametrize("kind", ["life", "swapping", "linux"])
def test_a_supervisor_that_is_killed(start: Any, kind: str) -> None:
    command = start(KINDS[kind])
    command.await_running()
    command.popen.kill()
    assert command.end()[0] == -signal.SIGKILL


@pytest.mark.skipif(session.niceness() is None or os.geteuid() != 0, reason="no autogroup")
def test_the_session_of_a_run_whose_guardian_is_killed_is_put_back(tmp_path: Path) -> None:
    with run_in_session(tmp_path, KINDS["linux"]) as (run, mark):
        until(lambda: run.left() == ["the session's niceness is -20"], "it to be put ahead")
        os.kill(kills.find("guardian", list(kills.look(run.leader, mark)), 0)[0], signal.SIGKILL)
        until(lambda: run.poll() is not None, "the command to end")
        assert run.poll() == 1 and run.left() == []


@contextlib.contextmanager
def run_in_session(folder: Path, text: str) -> Iterator[tuple[kills.Session, str]]:
    """The command as a shell would start it, and its mark; nothing of it is left in the end."""
    file, mark = folder / "run.yaml", str(folder)
    file.write_text(text)
    arguments = kills.command_of(kills.KINDS["ordinary"], file)
    run = kills.Session(arguments, folder, mark, terminal=False)
    try:
        yield run, mark
        until(lambda: [each.pid for each in kills.look(run.leader, mark)] == [run.leader], "them")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(run.pid, signal.SIGKILL)
        run.close()


def states(run: kills.Session, mark: str) -> dict[str, str]:
    """Return the states of all processes of the run but the guardian and the leader.

    These two never stand still.
    """
    spared = (
        run.leader,
        *(
            pid
            for name in ("guardian", "leader")
            for pid in kills.find(name, list(kills.look(run.leader, mark)), 0)
        ),
    )
    found = kills.look(run.leader, mark)
    return {f"{each.pid} {each.name}": each.state for each in found if each.pid not in spared}


def is_under_way(run: kills.Session, mark: str) -> bool:
    workers = kills.find("worker", list(kills.look(run.leader, mark)), 0)
    return any(_cpu_time(pid) > 0.1 for pid in workers)


def _cpu_time(pid: int) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        return float(psutil.Process(pid).cpu_times().user)
    return 0.0


@pytest.mark.parametrize("kind", ["ordinary", "linux"])
def test_ctrl_z_stops_the_whole_run_which_goes_on_after_it(tmp_path: Path, kind: str) -> None:
    text = SHORT if kind == "ordinary" else SHORT.replace("fcfs", "linux")
    with run_in_session(tmp_path, text) as (run, mark):
        until(lambda: is_under_way(run, mark), "the run to begin")
        os.kill(run.pid, signal.SIGTSTP)
        until(lambda: set(states(run, mark).values()) == {"T"}, "all to stand still")
        time.sleep(1.5)
        assert set(states(run, mark).values()) == {"T"} and run.poll() is None
        os.kill(run.pid, signal.SIGCONT)
        until(lambda: run.poll() is not None, "the command to end")
        assert run.poll() == 0
    found = read_run(json.loads((tmp_path / kills.RESULT).read_text()))
    assert check(found) == [] and [row.exitcode for row in found.processes] == [0, 0]
    said = [text for text in found.machine["disturbances"] if "the run was suspended" in text]
    assert len(said) == 1 and said[0].endswith(" s (Ctrl-Z)")


def test_a_suspended_command_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    with run_in_session(tmp_path, KINDS["life"]) as (run, mark):
        until(lambda: is_under_way(run, mark), "the run to begin")
        os.kill(run.pid, signal.SIGTSTP)
        until(lambda: set(states(run, mark).values()) == {"T"}, "all to stand still")
        os.kill(run.pid, signal.SIGKILL)
        until(lambda: run.poll() is not None, "the command to end")


SERVED = """
start_method: forkserver
scheduler: {policy: rr, quantum: 20ms}
programs: {child: {cpu: 60s}}
processes: [{name: P, program: [{start: {program: child, name: C}}, {cpu: 60s}]}]
expect: {exitcode: {P: 0, C: 0}}
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_sockets_of_fork_servers_are_removed(start: Any, number: signal.Signals) -> None:
    command = start(SERVED)
    until(lambda: list(command.folder.rglob("listener-*")), "the fork server")
    command.popen.send_signal(number)
    assert command.end()[0] in (130, -signal.SIGKILL)  # and it looks for files


def test_an_interruption_before_all_were_started_keeps_what_was_recorded(start: Any) -> None:
    command = start(SERVED.replace("program: [{start", "program: [{cpu: 30s}, {start"))
    command.await_running()
    command.popen.send_signal(signal.SIGINT)
    run = ended(command, 130, "the run was stopped: interrupted by SIGINT")
    assert [line.got for line in run.expectations] == ["None"] * 2
    assert not any(line.holds for line in run.expectations)  # under noise it is left undecided


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_stopped_by_an_outsider_ends_the_run(start: Any, kind: str) -> None:
    command = start(ONE_AFTER_THE_OTHER[kind])
    command.worker(runs).suspend()
    code, out, err = command.end()
    assert code == 1
    last = "was stopped by another program (SIGSTOP), and did not go on"
    assert err.splitlines()[-1].endswith(last)
    run = read_run(json.loads(out))
    assert check(run) == []
    assert run.stopped is not None and run.stopped.endswith(last)


SHORT = """
machine: {cores: 1}
scheduler: {policy: fcfs}
processes: [{name: A, cpu: 1.5s}, {name: B, cpu: 100ms}]
"""


def test_a_worker_stopped_and_continued_goes_on(start: Any) -> None:
    command = start(SHORT)
    worker = command.worker(runs)
    worker.suspend()
    time.sleep(1)
    worker.resume()
    code, out, err = command.end()
    assert code == 0, err
    assert "A was stopped by another program (SIGSTOP)\n" in err
    run = read_run(json.loads(out))
    assert run.machine["disturbances"] == ["A was stopped by another program (SIGSTOP)"]
    assert check(run) == [] and [row.exitcode for row in run.processes] == [0, 0]


PREEMPTED = """
machine: {cores: 1}
scheduler: {policy: priority}
processes:
  - {name: low, priority: 2, cpu: 60s}
  - {name: high, priority: 1, arrival: 500ms, cpu: 60s}
"""


def test_a_worker_that_is_continued_out_of_turn_is_stopped_again(start: Any) -> None:
    command = start(PREEMPTED)
    low = command.worker(lambda process: process.status() == psutil.STATUS_STOPPED, used=0.0)
    for _ in range(3):
        low.resume()
        until(lambda: low.status() == psutil.STATUS_STOPPED, "it to be stopped again")
    time.sleep(0.5)  # until it has been looked at
    command.popen.terminate()
    run = ended(command, 130, "the run was stopped: interrupted by SIGTERM")
    assert any(
        "low was continued by another program" in text for text in run.machine["disturbances"]
    )


@pytest.mark.parametrize("kind", ["ordinary", "linux"])
def test_a_guardian_that_is_killed_ends_the_run(start: Any, kind: str) -> None:
    command = start(KINDS[kind])
    command.await_running()
    os.kill(min(command.workers()), signal.SIGKILL)  # it was started first
    why = "the guardian was killed, which ends this run's processes if the command dies"
    ended(command, 1, f"the run was stopped: {why}")


def test_a_leader_of_the_group_that_is_killed_ends_the_run(start: Any) -> None:
    command = start(KINDS["ordinary"])
    command.await_running()
    os.kill(_named(command, "leader"), signal.SIGKILL)
    why = "the leader of the group was killed, which ends this run's processes if the command dies"
    ended(command, 1, f"the run was stopped: {why}")


@pytest.mark.parametrize(
    ("name", "words"), [("guardian", "the guardian"), ("leader", "the leader of the group")]
)
def test_a_guardian_that_is_stopped_ends_the_run(start: Any, name: str, words: str) -> None:
    command = start(KINDS["ordinary"])
    command.await_running()
    os.kill(_named(command, name), signal.SIGSTOP)
    why = f"{words} was stopped by another program (SIGSTOP), and did not go on"
    ended(command, 1, f"the run was stopped: {why}")


def test_a_supervisor_and_a_guardian_that_are_killed_leave_nothing(start: Any) -> None:
    command = start(KINDS["life"])
    command.await_running()
    guardian = _named(command, "guardian")
    command.popen.kill()
    os.kill(guardian, signal.SIGKILL)
    assert command.end()[0] == -signal.SIGKILL


def _named(command: Command, name: str) -> int:
    return next(pid for pid in command.workers() if _name(pid) == name)


def test_a_swapper_that_is_killed_ends_the_run(start: Any) -> None:
    command = start(KINDS["swapping"])
    command.await_running()
    next(psutil.Process(pid) for pid in command.workers() if _name(pid) == "swapper").kill()
    ended(command, 1, "the run was stopped: the process that swaps programs died")


def _name(pid: int) -> str:
    with contextlib.suppress(psutil.NoSuchProcess):
        return str(psutil.Process(pid).name())
    return ""


@pytest.mark.parametrize("kind", ["fcfs"])
def test_a_supervisor_that_stood_still_goes_on_and_says_so(start: Any, kind: str) -> None:
    command = start(SHORT.replace("fcfs", kind))
    command.await_running()
    command.popen.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    command.popen.send_signal(signal.SIGCONT)
    code, out, err = command.end()
    assert code == 0, err
    assert "the supervisor stood still for " in err
    run = read_run(json.loads(out))
    assert check(run) == [] and [row.exitcode for row in run.processes] == [0, 0]


def test_all_of_it_stopped_and_continued_as_by_a_suspend(start: Any) -> None:
    command = start(SHORT)
    command.await_running()
    pids = [command.popen.pid, *command.workers()]
    for number in (signal.SIGSTOP, signal.SIGCONT):
        for pid in pids:
            os.kill(pid, number)
        time.sleep(1.5)
    code, out, err = command.end()
    assert code == 0, err
    run = read_run(json.loads(out))
    assert check(run) == [] and [row.exitcode for row in run.processes] == [0, 0]


def test_a_closed_terminal_ends_it(start: Any) -> None:
    import fcntl
    import pty
    import termios

    master, slave = pty.openpty()

    def take_terminal() -> None:
        take_signals()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    command = start(KINDS["ordinary"], stdin=slave, preexec_fn=take_terminal)
    os.close(slave)
    command.await_running()
    os.close(master)  # whose session it was gets SIGHUP
    ended(command, 130, "the run was stopped: interrupted by SIGHUP")


def test_a_machine_whose_cores_are_all_busy(start: Any) -> None:
    burners = [os.fork() for _ in range(2 * len(os.sched_getaffinity(0)))]
    if 0 in burners:
        end = time.monotonic() + 60
        while time.monotonic() < end and os.getppid() != 1:
            pass
        os._exit(0)
    try:
        code, out, err = start(SHORT).end()
    finally:
        for pid in burners:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    assert code == 0, err
    run = read_run(json.loads(out))
    assert check(run) == [] and [row.exitcode for row in run.processes] == [0, 0]


def test_a_worker_that_is_continued_is_found_out_even_if_it_gets_no_core(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Other programs may keep all cores from it: the kernel says whether it was continued."""
    monkeypatch.setattr(interference, "EVERY", 0)
    pid = os.fork()
    if pid == 0:
        while True:
            signal.pause()  # and computes nothing
    worker = WorkerHandle(0, "A", SharedCells(1))
    worker.pid, worker.working = pid, True
    pool: Any = SimpleNamespace(workers=[worker], unguarded=lambda: None, servants=list)
    try:
        over = interference.Interference(pool)
        worker.halt()
        os.waitid(os.P_PID, pid, os.WSTOPPED)
        for _ in range(3):
            assert over.look() is None
        assert over.remarks == []
        os.kill(pid, signal.SIGCONT)
        over.look()
        over.look()
        assert over.remarks == [
            "A was continued by another program out of its turn, and stopped again"
        ]
        worker.go()  # its turn: and the supervisor halts it again
        worker.halt()
        over.look()
        over.look()
        assert len(over.remarks) == 1 and "times" not in over.remarks[0]
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_worker_that_dies_in_the_moment_of_its_last_look() -> None:
    gone = os.fork()
    if gone == 0:
        os._exit(0)
    os.waitpid(gone, 0)
    assert probe.describe_worker(gone) == {}


def test_named_semaphores_of_a_run_are_removed_and_those_of_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mp_helpers, "SEMAPHORES", tmp_path)
    own, others = mp_helpers.Semaphores(), mp_helpers.Semaphores()
    for prefix in (own.prefix, others.prefix):
        (tmp_path / f"sem.{prefix[1:]}-abc").touch()
    own.remove()
    own.remove()
    assert [file.name for file in tmp_path.iterdir()] == [f"sem.{others.prefix[1:]}-abc"]


def test_semaphores_made_after_a_run_are_named_as_before_it() -> None:
    config = mp_helpers._config()
    before = config["semprefix"]
    with mp_helpers.Semaphores().named():
        assert config["semprefix"] != before
    assert config["semprefix"] == before
