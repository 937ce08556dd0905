"""The guardian kills what is left, whoever it was and whatever it does."""

from __future__ import annotations

import os
import signal
import time

import pytest

from real.guardian import Guardian

pytestmark = pytest.mark.real


def worker(guardian: Guardian, stopped: bool = False) -> int:
    """A child that would live for a minute."""
    pid = os.fork()
    if pid == 0:
        guardian.forget()
        os.setpgid(0, guardian.group)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(60)
        os._exit(0)
    while os.getpgid(pid) != guardian.group:
        time.sleep(0.001)
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
        os.kill(guardian._pid, number)
    time.sleep(0.05)
    assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    guardian.close()
    os.waitpid(pid, 0)
