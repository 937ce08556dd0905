"""What the supervisor does when it has time: dismiss workers, empty logs, report the progress."""

from __future__ import annotations

from collections.abc import Callable

from real.cells import LOG
from real.dispatched.journal import Journal
from real.dispatched.live_view import LiveView
from real.dispatched.machine import RealMachine
from real.dispatched.pool import DispatchedPool
from real.dispatched.worker_handle import WorkerHandle
from real.host.cpus import Cpus
from timeline.record.live import LiveUpdate

PROGRESS_EVERY = 100_000_000  # ns between two reports of the progress

Watcher = Callable[[Callable[[], LiveUpdate]], None]
"""A function that gets, now and then, a function which returns a look at the run. It need not call
it."""


class Chores:
    """The chores of one run. None of them is urgent."""

    def __init__(
        self,
        machine: RealMachine,
        pool: DispatchedPool,
        journal: Journal,
        cpus: Cpus,
        progress: Callable[[int], None],
        live_view: LiveView,
        watcher: Watcher | None,
    ) -> None:
        """`progress` gets the number of programs that have ended."""
        self._machine = machine
        self._pool = pool
        self._journal = journal
        self._cpus = cpus
        self._progress = progress
        self._live_view = live_view
        self._watcher = watcher
        self._told_progress = 0

    def do_one(self, now: int) -> bool:
        """Do one chore at `now` (ns of the run). Return False if there is none to do.

        Without a processor of its own the supervisor would dismiss a worker on the core of another
        one. So it does that only while all cores are idle.
        """
        dismissals = self._machine.to_dismiss
        if dismissals and (self._cpus.spare or not any(self._machine.on_core)):
            self._dismiss(dismissals.popleft())
            return True
        if now - self._told_progress > PROGRESS_EVERY:
            self._told_progress = now
            self._progress(len(self._journal.departures))
            self._pool.empty_logs(LOG // 4)
            if self._watcher is not None and now >= 0:
                self._watcher(lambda: self._live_view.look(now))
            return True
        return False

    def dismiss_finished(self) -> None:
        """Let all workers exit whose programs have ended and which are not dismissed yet."""
        while self._machine.to_dismiss:
            self._dismiss(self._machine.to_dismiss.popleft())

    def _dismiss(self, worker: WorkerHandle) -> None:
        """Note what the operating system says of the worker, and let it exit on processors aside.

        A worker that was ended by its own memory step was already looked at.
        """
        if not worker.leaving or worker.fate is None:
            self._journal.look_at(worker, self._machine.clock.now())
        worker.dismiss(self._cpus.aside)
