"""The guardian kills the processes that are left, whatever they do."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kernel.errors import MultiprogError
from real.host import syscalls
from real.host.guardian import Guardian
from real.host.guardian_process import GuardianProcess
from real.host.leftovers import MARK, Leftovers, hasten, wait_readable

pytestmark = pytest.mark.real


def worker(guardian: Guardian, stopped: bool = False) -> int:
    """A child that would live for a minute."""
    heard, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        guardian.join()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(tell, b"!")  # stopped before it has closed the pipe, it would hold that open
        time.sleep(60)
        os._exit(0)
    assert os.read(heard, 1) == b"!"
    os.close(heard)
    os.close(tell)
    if stopped:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED)
    return pid


@pytest.mark.parametrize("stopped", [False, True])
def test_it_kills_the_group_when_it_is_closed(stopped: bool) -> None:
    guardian = Guardian()
    pids = [worker(guardian, stopped) for _ in range(3)]
    guardian.close()
    for pid in pids:
        assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL


def test_a_worker_is_in_the_group_before_it_lets_go_of_the_pipe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guardian = Guardian()
    pid = os.fork()
    if pid == 0:  # between the two it would be unknown, and its supervisor may die just then
        monkeypatch.setattr(os, "close", lambda _fd: os._exit(os.getpgid(0) == guardian.group))
        guardian.join()
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    guardian.close()


def test_a_supervisor_that_dies_before_its_worker_has_joined_takes_it_along() -> None:
    heard, tell = os.pipe()
    wait, go = os.pipe()
    supervisor = os.fork()
    if supervisor == 0:
        guardian = Guardian()
        if os.fork() == 0:
            os.close(heard)
            os.read(wait, 1)  # the supervisor is dead when this returns
            guardian.join()
            os.write(tell, b"joined")
            time.sleep(60)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(supervisor, 0)
    os.close(tell)
    os.close(wait)
    with contextlib.suppress(BrokenPipeError):  # the guardian has killed it already
        os.write(go, b"!")
    said = b""
    while more := os.read(heard, 16):  # until the last that could write is dead
        said += more
    assert said in (b"", b"joined")
    os.close(heard)
    os.close(go)


@pytest.mark.parametrize("by", ["hasten", "the guardian"])
def test_a_process_that_may_only_use_idle_time_is_let_die(by: str) -> None:
    guardian = Guardian()
    pid = worker(guardian)
    os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
    if by == "hasten":
        hasten(pid)
        got = os.sched_getscheduler(pid)
        assert got == (os.SCHED_OTHER if os.geteuid() == 0 else os.SCHED_IDLE)
    guardian.close()
    assert os.WTERMSIG(os.waitpid(pid, 0)[1]) == signal.SIGKILL
    hasten(pid)  # gone: nothing happens


def test_nothing_of_its_own_is_left() -> None:
    Guardian().close()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_group_is_not_ours_and_not_the_guardians() -> None:
    guardian = Guardian()
    try:
        assert guardian.group != os.getpgid(0)
        assert os.getpgid(guardian.group) == guardian.group
    finally:
        guardian.close()


def test_signals_for_the_terminal_do_not_end_it() -> None:
    guardian = Guardian()
    pid = worker(guardian)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(guardian.pid, number)
    time.sleep(0.05)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    guardian.close()
    os.waitpid(pid, 0)


# -- whichever of the three is killed or stopped, in any order


@pytest.fixture
def reaping() -> Iterator[None]:
    """The orphans of a dead supervisor are ours."""
    syscalls.set_subreaper(True)
    yield
    syscalls.set_subreaper(False)


class Supervised:
    """A supervisor, in a process of its own, with a worker, and a file that is to be undone.

    It writes the numbers of its guardian, the leader and the worker; `ends` happens in it then.
    """

    def __init__(self, folder: Path, ends: Callable[[Guardian], None] | None = None) -> None:
        self.undone = folder / "to be undone"
        self.undone.touch()
        heard, tell = os.pipe()
        wait, go = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(go)
                with Guardian([self._undo]) as guardian:
                    pids = guardian.pid, guardian.group, worker(guardian, stopped=True)
                    os.write(tell, b"".join(pid.to_bytes(4, "little") for pid in pids))
                    os.read(wait, 1)
                    if ends is None:
                        time.sleep(60)
                    else:
                        ends(guardian)
            finally:
                os._exit(0)
        os.close(tell)
        said = os.read(heard, 12)
        os.close(heard)
        numbers = (int.from_bytes(said[at : at + 4], "little") for at in (0, 4, 8))
        self.guardian, self.leader, self.worker = numbers
        self.descriptors = [
            os.pidfd_open(pid) for pid in (self.pid, self.guardian, self.leader, self.worker)
        ]
        for fd in (wait, go):  # it goes on
            os.close(fd)

    def _undo(self) -> None:
        self.undone.unlink()

    def all_end(self, seconds: float = 10.0) -> bool:
        """None of them lives, and what was to be undone is undone."""
        until = time.monotonic() + seconds
        found = all(
            wait_readable([death], max(0.0, until - time.monotonic())) for death in self.descriptors
        )
        for death in self.descriptors:
            os.close(death)
        while self._reap():
            pass
        return found and not self.undone.exists()

    def _reap(self) -> bool:
        try:
            return os.waitpid(-1, os.WNOHANG)[0] > 0
        except ChildProcessError:
            return False


@pytest.mark.usefixtures("reaping")
@pytest.mark.parametrize(
    "killed",
    [
        ["pid"],
        ["pid", "guardian"],
        ["guardian", "pid"],
        ["leader", "pid"],
        ["pid", "leader"],
    ],
    ids=" ".join,
)
def test_whichever_two_are_killed_the_third_cleans_up(tmp_path: Path, killed: list[str]) -> None:
    run = Supervised(tmp_path)
    for name in killed:
        os.kill(getattr(run, name), signal.SIGKILL)
    assert run.all_end()


@pytest.mark.usefixtures("reaping")
@pytest.mark.parametrize("stopped", ["guardian", "leader"])
def test_a_stopped_one_does_not_keep_the_other_from_the_cleanup(
    tmp_path: Path, stopped: str
) -> None:
    run = Supervised(tmp_path)
    os.kill(getattr(run, stopped), signal.SIGSTOP)
    os.kill(run.pid, signal.SIGKILL)
    assert run.all_end()


@pytest.mark.usefixtures("reaping")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_supervisor_ends_whatever_became_of_its_guardian(
    tmp_path: Path, number: signal.Signals
) -> None:
    run = Supervised(tmp_path, lambda guardian: os.kill(guardian.pid, number))
    assert run.all_end()


@pytest.mark.usefixtures("reaping")
def test_a_supervisor_cleans_up_itself_when_both_were_killed(tmp_path: Path) -> None:
    def both(guardian: Guardian) -> None:
        for pid in (guardian.group, guardian.pid):
            os.kill(pid, signal.SIGKILL)

    assert Supervised(tmp_path, both).all_end()


@pytest.mark.usefixtures("reaping")
def test_a_child_that_is_stopped_before_it_has_joined_is_found(tmp_path: Path) -> None:
    def fork(_guardian: Guardian) -> None:
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            os._exit(0)
        os.kill(os.getpid(), signal.SIGKILL)

    assert Supervised(tmp_path, fork).all_end()


def test_an_undoing_that_fails_does_not_keep_the_others_from_it(tmp_path: Path) -> None:
    def fails() -> None:
        raise RuntimeError

    (tmp_path / "there").touch()
    Guardian([fails, (tmp_path / "there").unlink]).close()
    assert not (tmp_path / "there").exists()


def test_what_is_executed_for_a_run_is_known_by_its_mark() -> None:
    with Guardian(executes=True) as guardian:
        with guardian.marking():
            marked = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        guardian.kill()  # of the group alone
        assert guardian.members() == [marked.pid]
    assert marked.wait(10) == -signal.SIGKILL
    assert other.poll() is None
    other.kill()
    other.wait()
    assert MARK not in os.environ


def test_a_number_that_is_another_processs_by_now_is_not_killed() -> None:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Leftovers(group=other.pid + 1, pipe=0)._kill(other.pid, unjoined=False)
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_guardian_that_is_killed_at_once_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GuardianProcess, "guard", lambda _self, _tell: os._exit(1))
    with pytest.raises(MultiprogError, match="the guardian was killed"):
        Guardian()


def test_a_guardian_that_cannot_fork_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    fork, calls = os.fork, []

    def second_fails() -> int:
        calls.append(1)
        if len(calls) == 2:
            raise BlockingIOError(11, "no more processes")
        return fork()

    monkeypatch.setattr(os, "fork", second_fails)
    with pytest.raises(BlockingIOError):
        Guardian()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
