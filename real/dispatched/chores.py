"""What the supervisor does when it has time: dismiss workers, empty logs, tell of the progress."""

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

PROGRESS_EVERY = 100_000_000  # ns

Watcher = Callable[[Callable[[], LiveUpdate]], None]
"""Is given a look at the run now and then, which it need not take."""


class Chores:
    """Those of one run. None of them is urgent."""

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
        """`progress` is told how many programs have ended."""
        self._machine = machine
        self._pool = pool
        self._journal = journal
        self._cpus = cpus
        self._progress = progress
        self._live_view = live_view
        self._watcher = watcher
        self._told_progress = 0

    def do_one(self, now: int) -> bool:
        """Do one thing that can wait, at `now` (ns of the run). False: there is none.

        Without a processor of its own the supervisor would do it on a worker's core, so it is put
        off until all cores are idle.
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
        """Let the workers exit whose exits were put off."""
        while self._machine.to_dismiss:
            self._dismiss(self._machine.to_dismiss.popleft())

    def _dismiss(self, worker: WorkerHandle) -> None:
        """Ask the operating system about the worker, and let it exit where it disturbs least."""
        if not worker.leaving or worker.fate is None:
            self._journal.look_at(worker, self._machine.clock.now())
        worker.dismiss(self._cpus.aside)
