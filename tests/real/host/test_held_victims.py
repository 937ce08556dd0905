"""A victim of SIGKILL lives until it is let go."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from real.host import syscalls
from real.host.held_victims import IDLE, TRACED, HeldVictims
from real.host.leftovers import is_dead

pytestmark = pytest.mark.real
ALL = os.sched_getaffinity(0)


@pytest.fixture
def victim() -> Iterator[tuple[int, int]]:
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    pidfd = os.pidfd_open(pid)
    yield pid, pidfd
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(pidfd)


@pytest.fixture
def traced(victim: tuple[int, int]) -> tuple[int, int]:
    """The victim, on a system that lets a process trace its children."""
    try:
        syscalls.stop_at_exit(victim[0])
    except OSError as refused:
        pytest.skip(f"this system refuses to trace children: {refused}")
    while not syscalls.let_exit(victim[0]):
        time.sleep(0.001)
    return victim


@pytest.mark.parametrize("stopped", [False, True])
def test_a_killed_process_lives_until_it_is_let_go(traced: tuple[int, int], stopped: bool) -> None:
    pid, pidfd = traced
    if stopped:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    held = HeldVictims()
    held.hold(pid, pidfd, ALL)
    os.kill(pid, signal.SIGKILL)
    assert not is_dead(pidfd, 0.2)
    held.let_go(pid, ALL)
    assert is_dead(pidfd, 10)
    assert held.ways == {TRACED}


def test_a_process_that_is_let_go_without_being_killed_goes_on(traced: tuple[int, int]) -> None:
    pid, pidfd = traced
    held = HeldVictims()
    held.hold(pid, pidfd, ALL)
    held.let_go(pid, ALL)
    assert not is_dead(pidfd, 0.05)


def test_where_tracing_is_refused_the_victim_waits_in_the_idle_class(
    victim: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int) -> None:
        raise PermissionError

    monkeypatch.setattr(syscalls, "stop_at_exit", refuse)
    pid, pidfd = victim
    held = HeldVictims()
    held.hold(pid, pidfd, ALL)
    assert os.sched_getscheduler(pid) == os.SCHED_IDLE
    os.kill(pid, signal.SIGKILL)
    held.let_go(pid, ALL)
    assert is_dead(pidfd, 20)
    assert held.ways == {IDLE}


def test_a_stopped_process_that_acts_on_sigterm_is_held_and_a_sigkill_changes_nothing(
    traced: tuple[int, int],
) -> None:
    pid, pidfd = traced
    os.kill(pid, signal.SIGSTOP)
    os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
    os.kill(pid, signal.SIGTERM)
    held = HeldVictims()
    held.act_on_sigterm(pid, pidfd)
    os.kill(pid, signal.SIGKILL)
    assert not is_dead(pidfd, 0.05)
    held.let_go(pid, ALL)
    assert is_dead(pidfd, 10)
    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    assert ended.si_status == signal.SIGTERM


def test_where_tracing_is_refused_a_process_that_acts_on_sigterm_dies(
    victim: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_pid: int) -> None:
        raise PermissionError

    monkeypatch.setattr(syscalls, "stop_at_exit", refuse)
    pid, pidfd = victim
    os.kill(pid, signal.SIGSTOP)
    os.kill(pid, signal.SIGTERM)
    HeldVictims().act_on_sigterm(pid, pidfd)
    assert is_dead(pidfd)
