"""Whether a process sleeps is seen from the kernel, and a busy machine makes no difference."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from real.host.asleep import LOOKS, SleepWatch, ran_between, sleeps_in, threads_of

pytestmark = pytest.mark.real


@contextlib.contextmanager
def child(do: Callable[[], object]) -> Iterator[int]:
    """Fork a process that does this, and kill it in the end."""
    pid = os.fork()
    if pid == 0:
        do()
        os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def compute() -> None:
    while True:
        pass


def looks(watch: SleepWatch, seconds: float = 5.0) -> bool:
    """Look until the process is seen asleep, for at most so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if watch.is_asleep():
            return True
        time.sleep(0.0005)
    return False


def test_a_process_that_waits_is_asleep() -> None:
    reading, _ = os.pipe()
    with child(lambda: os.read(reading, 1)) as pid:
        assert looks(SleepWatch(pid))


def test_it_takes_several_looks_that_see_the_same() -> None:
    reading, _ = os.pipe()
    with child(lambda: os.read(reading, 1)) as pid:
        assert looks(SleepWatch(pid))
        watch = SleepWatch(pid)
        assert [watch.is_asleep() for _ in range(LOOKS)] == [False] * (LOOKS - 1) + [True]


def test_a_process_that_waits_for_a_core_is_not_asleep() -> None:
    def on_one_core() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        compute()

    with child(on_one_core) as first, child(on_one_core) as second:
        assert not looks(SleepWatch(first), 0.2)
        assert not looks(SleepWatch(second), 0.2)


def test_a_stopped_process_is_not_asleep() -> None:
    with child(signal.pause) as pid:
        assert looks(SleepWatch(pid))
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
        assert not looks(SleepWatch(pid), 0.1)


def test_a_dead_process_is_not_asleep() -> None:
    with child(lambda: None) as pid:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert not looks(SleepWatch(pid), 0.05)


def test_how_long_a_process_ran_is_measured() -> None:
    with child(compute) as pid:
        before = threads_of(pid)
        time.sleep(0.1)
        assert 0 <= ran_between(before, threads_of(pid)) < 1_000_000_000


def test_the_kernel_says_in_which_function_a_process_sleeps() -> None:
    with child(signal.pause) as pid:
        assert looks(SleepWatch(pid))
        assert "read" not in sleeps_in(pid)
    assert sleeps_in(0) == ""
