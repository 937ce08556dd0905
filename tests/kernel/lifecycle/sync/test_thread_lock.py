"""The lock of the threads of one process, held against `threading.Lock` itself."""

from __future__ import annotations

import sys
import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.thread_lock import ThreadLock

ACTOR = Actor(0, 0, "P", lambda: None, lambda *_: None)
MS = 1_000_000  # ns


def by_the_rules(lock: ThreadLock, timeout: int | None) -> Any:
    """What a call says. A `timeout` of None stands for release()."""
    try:
        if timeout is None:
            lock.release(ACTOR)
            return None
        if not ACTOR.begin(lock.acquire(ACTOR, timeout)):
            assert ACTOR.wait is not None
            ACTOR.time_is_over(ACTOR.wait)
            ACTOR.proceed()
        return ACTOR.found
    except Raised as error:
        return str(error)


def by_cpython(lock: Any, timeout: int | None) -> Any:
    try:
        return lock.release() if timeout is None else lock.acquire(True, timeout / 1e9)
    except (RuntimeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"


@given(st.lists(st.sampled_from([None, 0, MS // 10, -MS, -3000 * MS]), max_size=12))
def test_it_says_what_python_says(timeouts: list[int | None]) -> None:
    rules, real = ThreadLock("lock m", sys.version_info[:2]), threading.Lock()
    for timeout in timeouts:
        assert by_the_rules(rules, timeout) == by_cpython(real, timeout)


def test_minus_one_second_means_for_ever() -> None:
    lock = ThreadLock("lock m", (3, 13))
    assert by_the_rules(lock, -1000 * MS) is True
    assert not ACTOR.begin(lock.acquire(ACTOR, -1000 * MS))
    assert ACTOR.wait is not None
    assert ACTOR.wait.timeout is None
    ACTOR.leave()


def test_a_copy_is_as_the_lock_was_and_goes_its_own_way() -> None:
    lock = ThreadLock("lock m", (3, 13))
    assert by_the_rules(lock, 0) is True
    copy = lock.copy()
    lock.release(ACTOR)
    assert (by_the_rules(copy, 0), by_the_rules(lock, 0)) == (False, True)
    assert copy.reason().because == "which was held when its process was forked"
    copy.release(ACTOR)  # any thread may release it
    assert by_the_rules(copy, 0) is True
