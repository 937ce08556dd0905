"""The guardian kills what is left, whoever it was and whatever it does."""

from __future__ import annotations

import os
import signal
import time

import pytest

from real.guardian import Guardian, hasten

pytestmark = pytest.mark.real


def worker(guardian: Guardian, stopped: bool = False) -> int:
    """A child that would live for a minute."""
    heard, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        guardian.join()
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.write(tell, b"!")  # who is stopped before it has let go of the pipe would hold it open
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
    if pid == 0:  # between the two nobody would know of it, and its supervisor may die just then
        monkeypatch.setattr(os, "close", lambda fd: os._exit(os.getpgid(0) == guardian.group))
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
    os.write(go, b"!")
    said = b""
    while more := os.read(heard, 16):  # until the last that could write is dead
        said += more
    assert said in (b"", b"joined")
    os.close(heard)
    os.close(go)


@pytest.mark.parametrize("by", ["hasten", "the guardian"])
def test_one_that_may_only_use_idle_time_is_let_die(by: str) -> None:
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
