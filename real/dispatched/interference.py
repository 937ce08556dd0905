"""Signals from outside: who stopped one of the run's processes, or let it go on out of its turn.

Nobody tells the supervisor of them. So it looks now and then: a worker that has a core and is
stopped is stopped by somebody else, and one that is stopped by us and is not must be let go on by
somebody else. The first may be continued as it was stopped, and only if it is not, the run ends.
The second is stopped again. Both stand in the record.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from real.host.process_table import state_of
from real.host.time_limits import LONGEST_STOP, STOPPED, stopped_words

if TYPE_CHECKING:
    from real.dispatched.pool import Pool, WorkerHandle

EVERY = 250_000_000  # ns between two looks
PATIENCE = int(LONGEST_STOP * 1e9)  # ns that a process may be stopped from outside
STOOD_STILL = 1_000_000_000  # ns: so much later than it wanted, the supervisor itself was stopped
AT_ONCE = 100  # workers in one look: each costs some 20 us


class Interference:
    """Over one pool. `remarks` is what was seen and mended."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._next = 0  # where in the pool the next look begins
        self._looked = time.monotonic_ns()
        self._since: dict[int, int] = {}  # pid: when it was first seen stopped, absolute ns
        self._held: dict[int, tuple[int, int]] = {}  # index: how often it was halted, received
        self._stood_still = 0
        self._seen_stopped: dict[str, None] = {}  # in the order in which it was seen
        self._let_go: dict[str, int] = {}

    @property
    def remarks(self) -> list[str]:
        """What a reader of the record should know, a sentence each."""
        found = []
        if self._stood_still:
            seconds = f"{self._stood_still / 1e9:.1f} s"
            found.append(
                f"the supervisor stood still for {seconds}: it was stopped, or the machine"
            )
        found += [stopped_words(name) for name in self._seen_stopped]
        for name, times in self._let_go.items():
            often = "" if times == 1 else f" ({times} times)"
            found.append(
                f"{name} was let go on by somebody else when it was not its turn{often}, "
                "and stopped again"
            )
        return found

    def late(self, by: int) -> None:
        """The supervisor woke so much later (ns) than it wanted."""
        if by > STOOD_STILL:
            self._stood_still += by

    def look(self) -> str | None:
        """Why the run cannot go on, if it cannot. Most calls return at once."""
        now = time.monotonic_ns()
        if now - self._looked < EVERY:
            return None
        if now - self._looked > STOOD_STILL:  # we were stopped, too: who continues whom first?
            self._since.clear()
        self._looked = now
        if (trouble := self._pool.unguarded()) is not None:
            return trouble
        for name, pid in self._who_should_run():
            if state_of(pid) not in STOPPED:
                self._since.pop(pid, None)
                continue
            self._seen_stopped[name] = None
            if now - self._since.setdefault(pid, now) > PATIENCE:
                return f"{stopped_words(name)}, and did not go on"
        return None

    def _who_should_run(self) -> Iterator[tuple[str, int]]:
        """Name and pid of those that we have not stopped; the others are stopped, if need be."""
        yield from self._pool.servants()
        workers = self._pool.workers
        if self._next >= len(workers):
            self._next = 0
        part = workers[self._next : self._next + AT_ONCE]
        self._next += AT_ONCE
        for worker in part:
            if worker.pid <= 0 or worker.reaped is not None:
                continue
            if worker.stopped:
                self._hold(worker)
            elif worker.working or worker.dismissed or not self._pool.dispatched:
                yield worker.name, worker.pid

    def _hold(self, worker: WorkerHandle) -> None:
        """It is stopped, or will be in a moment; if it goes on nevertheless, stop it again.

        That it was let go on shows at the second look: what the kernel or the worker says of
        going on at the first may be from before it was halted, as a signal takes its time.
        """
        seen = worker.halts, worker.received()
        before = self._held.get(worker.index)
        self._held[worker.index] = seen
        continued = worker.was_continued()
        if state_of(worker.pid) not in (*STOPPED, None):
            os.kill(worker.pid, signal.SIGSTOP)
        if before is None or before[0] != seen[0]:
            return
        if continued or before[1] < seen[1]:
            self._let_go[worker.name] = self._let_go.get(worker.name, 0) + 1
