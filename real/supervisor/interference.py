"""Signals from outside: which processes of the run another program has stopped or continued.

The operating system does not tell the supervisor of these signals. So the supervisor looks at the
processes now and then. A process that should run and is stopped was stopped from outside. If it is
not continued from outside in time, the run ends. A worker that the supervisor has stopped and that
runs was continued from outside. The supervisor stops it again. The record says both.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from typing import Protocol

from real.host.process_table import state_of
from real.host.time_limits import LONGEST_STOP, STOPPED, stays_stopped_words, stopped_words
from real.supervisor.handle import ProcessHandle
from translation import recorded, recorded_n

EVERY = 250_000_000  # ns between two looks
PATIENCE = int(LONGEST_STOP * 1e9)  # ns that a process may be stopped from outside
STOOD_STILL = 1_000_000_000  # ns; a supervisor that wakes later than this was itself stopped
AT_ONCE = 100  # workers in one look: each takes some 20 us


class Watched(Protocol):
    """The pool of a run, as far as it is looked at here."""

    @property
    def workers(self) -> Sequence[ProcessHandle]:
        """Return the handles of the workers, started or not."""

    def unguarded(self) -> str | None:
        """Return why the run should not go on, if its guardian was killed; else None."""

    def servants(self) -> Collection[tuple[str, int]]:
        """Return name and pid of each process of the run that is no worker."""


class Interference:
    """Sees what other programs do to the processes of one pool."""

    def __init__(self, pool: Watched) -> None:
        self._pool = pool
        self._next = 0  # number of the worker with which the next look begins
        self._looked = time.monotonic_ns()
        self._since: dict[int, int] = {}  # pid: when it was first seen stopped, absolute ns
        self._held: dict[int, tuple[int, int]] = {}  # index: how often stopped, CPU time received
        self._stood_still = 0  # ns
        self._seen_stopped: dict[str, None] = {}  # names, in the order in which they were seen
        self._continued: dict[str, int] = {}  # name: how often

    @property
    def remarks(self) -> list[str]:
        """Return a sentence for the record for each disturbance that was seen."""
        found: list[str] = []
        if self._stood_still:
            seconds = f"{self._stood_still / 1e9:.1f} s"
            found.append(
                recorded(
                    "the supervisor stood still for {time}: it was stopped, or the machine",
                    time=seconds,
                )
            )
        found += [stopped_words(name) for name in self._seen_stopped]
        for name, times in self._continued.items():
            found.append(
                recorded_n(
                    "{process} was continued by another program out of its turn, and stopped again",
                    "{process} was continued by another program out of its turn ({n} times), and "
                    "stopped again",
                    times,
                    process=name,
                )
            )
        return found

    def late(self, by: int) -> None:
        """Note that the supervisor woke `by` ns later than it wanted to."""
        if by > STOOD_STILL:
            self._stood_still += by

    def look(self) -> str | None:
        """Return why the run cannot go on; None: it can. Most calls return at once."""
        now = time.monotonic_ns()
        if now - self._looked < EVERY:
            return None
        if now - self._looked > STOOD_STILL:  # the supervisor was stopped, perhaps with the workers
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
                return stays_stopped_words(name)
        return None

    def _should_run(self) -> Iterator[tuple[str, int]]:
        """Yield name and pid of each process that should run.

        Stop again the workers that the supervisor has stopped and that run.
        """
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
        """Stop a worker again if it runs although the supervisor has stopped it.

        It is noted as continued only at the second look since it was stopped. At the first look,
        what the kernel and the cells say may be from before, as a signal takes time.
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
