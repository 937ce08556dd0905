"""The pool: all worker processes of a run, from the fork to the reaping."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Collection, Iterator, Sequence
from functools import partial
from typing import Protocol

from kernel.errors import MultiprogError
from real.cells import COALESCED, DRAINED, LOGGED, PARKED, SharedCells
from real.host import session
from real.host.cleanup import Undo
from real.host.cpus import Cpus
from real.host.guardian import Guardian
from real.host.leftovers import hasten
from real.host.time_limits import ExpectedProcess, TimeLimit
from real.supervisor.ending import Stopped
from real.supervisor.handle import ProcessHandle
from real.supervisor.interference import Interference
from translation import mark, recorded, tr

EXIT_LIMIT = 1.0  # seconds that a dismissed worker may take to exit
START_LIMIT = 30.0  # seconds for all workers to be parked, and 1 s more for each 50 workers
SESSION_AHEAD = mark("this session ahead of others")
LOG_BOUND = 20_000_000  # running intervals recorded in one run: a third of a gigabyte


class Helper(Protocol):
    """A process of the run that is no worker, like the swapper."""

    name: str
    pid: int
    death: int  # a pidfd

    def trouble(self) -> str | None:
        """Return why the run cannot go on, if the helper cannot; else None."""

    def close(self) -> None:
        """Kill the helper, and free what it held."""


class Pool:
    """The workers of a run. Each kind of run has a pool of its own, which starts them.

    Use it in the context `guarded`, and call `close` in that context. Then no process is left.
    """

    executes = False  # the run executes programs, which are not in its process group
    guardian: Guardian  # in the context `guarded`

    def __init__(self, shared: SharedCells, cpus: Cpus) -> None:
        self.shared = shared
        self.bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self.deaths = select.epoll()  # readable when a process of the run has died
        self.workers: Sequence[ProcessHandle] = ()
        self.helpers: list[Helper] = []
        self.at_work = 0  # workers not yet reaped
        self._cpus = cpus

    @property
    def aside(self) -> frozenset[int]:
        """Return the processors on which an exiting worker disturbs the others least."""
        return self._cpus.aside

    # -- the guardian, and what the run changes on the machine

    @contextlib.contextmanager
    def guarded(self, *undo: Undo) -> Iterator[None]:
        """Guard the run: at the end of the context its changes of the machine are undone.

        `undo` are functions that undo further changes.
        """
        try:
            self.guardian = Guardian([*self._changes(), *undo], executes=self.executes)
        except BaseException:
            self.close()
            raise
        with self.guardian:
            yield

    def _changes(self) -> Sequence[Undo]:
        """Return a function for each change that the run will make on the machine: it undoes it."""
        self._niceness = session.niceness()
        return (partial(session.put_back, self._niceness),)

    def put_session_ahead(self) -> list[str]:
        """Put this session ahead of others, if allowed. Return what was granted, in words."""
        ahead = self._niceness is not None and session.put_ahead()
        return [SESSION_AHEAD] * ahead

    def unguarded(self) -> str | None:
        """Return why the run should not go on, if the guardian or the group's leader was killed."""
        return self.guardian.trouble()

    # -- its processes

    def servants(self) -> list[tuple[str, int]]:
        """Return name and pid of each process of the run that is no worker."""
        return [*self.guardian.servants(), *((each.name, each.pid) for each in self.helpers)]

    def members(self) -> Collection[int]:
        """Return the pids of the run's living processes, without the guardian and the leader."""
        return self.guardian.members() if hasattr(self, "guardian") else ()

    def held(self) -> Collection[int]:
        """Return the pids of the processes that the supervisor has stopped."""
        return {worker.pid for worker in self.workers if worker.stopped}

    def trouble(self) -> str | None:
        """Return why the run cannot go on, if one of its helpers cannot; else None."""
        return next((why for each in self.helpers if (why := each.trouble()) is not None), None)

    def watch(self, helper: Helper) -> None:
        """Watch for the death of `helper`, whose process has been started."""
        self.deaths.register(helper.death, select.EPOLLIN)

    def enrol(self, worker: ProcessHandle) -> None:
        """Watch for the death of `worker`, whose process has been started."""
        self.at_work += 1
        self.deaths.register(worker.death, select.EPOLLIN)

    def await_parking(self) -> None:
        """Wait until all workers wait for their first turn.

        Raises MultiprogError if one of them dies or takes too long.
        """
        limit = TimeLimit(START_LIMIT + len(self.workers) / 50)
        interference = Interference(self)
        for worker in self.workers:
            expected = ExpectedProcess(worker.name, worker.pid)
            while worker.cells[worker.row + PARKED] <= 0:
                if not worker.process.is_alive():
                    died = recorded(
                        "{process} died at its start with exit code {code}",
                        process=worker.name,
                        code=worker.process.exitcode,
                    )
                    raise MultiprogError(tr(worker.refused(died)))
                expected.look()
                if (trouble := interference.look()) is not None:
                    raise MultiprogError(tr(trouble))
                if limit.is_over():
                    raise MultiprogError(tr("{process} did not start in time", process=worker.name))
                time.sleep(0.0005)

    def reap(self) -> Sequence[ProcessHandle]:
        """Reap the workers that have died. Return the workers whose death was not expected."""
        unexpected = []
        for fd, _ in self.deaths.poll(0):
            if any(fd == helper.death for helper in self.helpers):
                continue  # `trouble` says that the helper is dead
            worker = next(w for w in self.workers if w.death == fd)
            self.deaths.unregister(fd)
            os.close(fd)
            worker.death = -1
            worker.process.join()
            worker.reaped = time.monotonic_ns()
            self.at_work -= 1
            if not worker.may_die:
                unexpected.append(worker)
        return unexpected

    def hasten(self) -> None:
        """Put the workers into the normal class, so that they exit at once.

        Call it when all programs have ended: then an exit disturbs none.
        """
        for worker in self.workers:
            if worker.reaped is None:
                hasten(worker.pid)

    # -- their logs

    @property
    def loggers(self) -> Sequence[ProcessHandle]:
        """Return the handles of all workers and threads that have a log."""
        return self.workers

    def drain(self, worker: ProcessHandle) -> None:
        """Move what the worker has logged into its handle."""
        self.shared.drain(worker.index, worker.running_intervals)

    def empty_logs(self, above: int) -> None:
        """Drain the logs in which more than `above` running intervals wait.

        Raises Stopped if the run has logged more than LOG_BOUND intervals.
        """
        for worker in self.loggers:
            waiting = worker.cells[worker.row + LOGGED] - worker.cells[worker.row + DRAINED]
            if waiting > above:
                self.drain(worker)
        if sum(len(worker.running_intervals) for worker in self.loggers) > 2 * LOG_BOUND:
            raise Stopped(
                recorded(
                    "the log has reached its bound of {bound:,} running intervals", bound=LOG_BOUND
                )
            )

    def coalesced(self) -> int:
        """Return how many entries found the log full, and were joined to the last one or lost."""
        return sum(worker.cells[worker.row + COALESCED] for worker in self.loggers)

    def _take_log(self, worker: ProcessHandle) -> None:
        """Take all that the worker has logged, and the running interval in which it died."""
        self.drain(worker)
        interval = self.shared.open_interval(worker.index)
        if interval is not None:
            worker.running_intervals.extend(interval)

    # -- the end

    def close(self) -> None:
        """Kill the workers that are left, reap them, take their logs, and free what the pool held.

        The shared cells stay: the record is made from them.
        """
        self._end_workers()
        for worker in self.loggers:
            self._take_log(worker)
        for helper in self.helpers:
            helper.close()
        os.close(self.bell)
        self.deaths.close()

    def _end_workers(self) -> None:
        for worker in self.workers:
            if worker.reaped is not None:
                continue
            if worker.dismissed:  # it is about to exit by itself
                worker.process.join(EXIT_LIMIT)
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)
            hasten(worker.pid)
            worker.process.join()
            worker.reaped = time.monotonic_ns()
            os.close(worker.death)
