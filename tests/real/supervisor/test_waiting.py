"""How the supervisor waits: it sees a death even while it polls."""

from __future__ import annotations

import os
import select
from types import SimpleNamespace
from typing import Any

import pytest

from real.supervisor.ending import Stopped, deadline
from real.supervisor.waiting import MOST_POLLS, SupervisorWaiting

pytestmark = pytest.mark.real


class DeadWorkersPool:
    """One worker, which has died in the last moment before its slice was over."""

    def __init__(self) -> None:
        self.bell = os.eventfd(0, os.EFD_NONBLOCK)
        self.death = os.eventfd(1)
        self.deaths = select.epoll()
        self.deaths.register(self.death, select.EPOLLIN)
        self.worker = SimpleNamespace(
            name="A",
            exitcode=-9,
            has_finished_burst=lambda: False,
            refused=lambda words: words,
        )

    def reap(self) -> list[Any]:
        return [self.worker]

    def members(self) -> list[int]:
        return []

    held = members

    def close(self) -> None:
        self.deaths.close()
        os.close(self.death)
        os.close(self.bell)


def poll(waiting: SupervisorWaiting, pool: Any) -> None:
    for _ in range(MOST_POLLS + 1):
        waiting.sleep(1_000, [pool.worker], 0)


def test_a_worker_that_dies_while_the_supervisor_polls_is_found() -> None:
    pool: Any = DeadWorkersPool()
    interruptions: Any = SimpleNamespace(
        fd=os.eventfd(0), caught=None, suspended=0, suspends=lambda _members, _held: None
    )
    cpus: Any = SimpleNamespace(spare=frozenset({0}))
    waiting = SupervisorWaiting(cpus, pool, interruptions, deadline(10**18, None), lambda: None)
    try:
        with pytest.raises(Stopped, match="A was killed by signal 9 in the middle of its program"):
            poll(waiting, pool)
    finally:
        waiting.close()
        os.close(interruptions.fd)
        pool.close()
