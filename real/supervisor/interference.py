"""Signals from outside: which processes of the run another program has stopped or continued.

The system does not tell the supervisor of them. So the supervisor looks now and then. A worker that
should run and is stopped was stopped from outside: it may be continued as it was stopped, and if it
is not, the run ends. A worker that the supervisor has stopped and that runs was continued from
outside: it is stopped again. Both stand in the record.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from real.host.process_table import state_of
from real.host.time_limits import LONGEST_STOP, STOPPED, stopped_words
from real.supervisor.handle import ProcessHandle

EVERY = 250_000_000  # ns between two looks
PATIENCE = int(LONGEST_STOP * 1e9)  # ns that a process may be stopped from outside
STOOD_STILL = 1_000_000_000  # ns: so much later than it wanted, the supervisor itself was stopped
AT_ONCE = 100  # workers in one look: each costs some 20 us


class Watched(Protocol):
    """What is looked at: the pool of a run."""

    @property
    def workers(self) -> Sequence[ProcessHandle]:
        """Return the handles of the workers, started or not."""

    def unguarded(self) -> str | None:
        """Return why the run should not go on, if its guardian was killed."""

    def servants(self) -> Collection[tuple[str, int]]:
        """Return name and pid of the run's processes that are no workers."""


class Interference:
    """What other programs do to the processes of one pool."""

    def __init__(self, pool: Watched) -> None:
        self._pool = pool
        self._next = 0  # where among the workers the next look begins
        self._looked = time.monotonic_ns()
        self._since: dict[int, int] = {}  # pid: when it was first seen stopped, absolute ns
        self._held: dict[int, tuple[int, int]] = {}  # index: how often it was halted, received
        self._stood_still = 0
        self._seen_stopped: dict[str, None] = {}  # names, in the order in which they were seen
        self._continued: dict[str, int] = {}  # name: how often

    @property
    def remarks(self) -> list[str]:
        """Return what was seen and mended, a sentence each, for the record."""
        found = []
        if self._stood_still:
            seconds = f"{self._stood_still / 1e9:.1f} s"
            found.append(
                f"the supervisor stood still for {seconds}: it was stopped, or the machine"
            )
        found += [stopped_words(name) for name in self._seen_stopped]
        for name, times in self._continued.items():
            often = "" if times == 1 else f" ({times} times)"
            found.append(
                f"{name} was continued by another program out of its turn{often}, and stopped again"
            )
        return found

    def late(self, by: int) -> None:
        """Note that the supervisor woke so much later (ns) than it wanted."""
        if by > STOOD_STILL:
            self._stood_still += by

    def look(self) -> str | None:
        """Return why the run cannot go on, if it cannot. Most calls return at once."""
        now = time.monotonic_ns()
        if now - self._looked < EVERY:
            return None
        if now - self._looked > STOOD_STILL:  # the supervisor was stopped, too, perhaps with others
            self._since.clear()
        self._looked = now
        if (trouble := self._pool.unguarded()) is not None:
            return trouble
        for name, pid in self._should_run():
            if state_of(pid) not in STOPPED:
                self._since.pop(pid, None)
                continue
            self._seen_stopped[name] = None
            if now - self._since.setdefault(pid, now) > PATIENCE:
                return f"{stopped_words(name)}, and did not go on"
        return None

    def _should_run(self) -> Iterator[tuple[str, int]]:
        """Yield name and pid of the processes that should run. Stop again those that should not."""
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
            elif worker.may_run:
                yield worker.name, worker.pid

    def _hold(self, worker: ProcessHandle) -> None:
        """Stop a worker again that the supervisor has stopped, if it goes on nevertheless.

        The second look shows that it was continued: what the kernel or the worker says at the first
        may be from before it was halted, as a signal takes its time.
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
            self._continued[worker.name] = self._continued.get(worker.name, 0) + 1
