"""Newcomers that take a core from a running process with an equal key (`newcomer: preempts`)."""

from __future__ import annotations

from collections.abc import Callable

from kernel.process.control_block import Process

COMES = ("arrived", "woke", "released")
"""The reasons for which a process becomes ready without having had a core until now."""


class Newcomers:
    """The ready processes that came after a running one was picked. Times are in ns.

    A process that was preempted is no newcomer: otherwise two equal processes would take the core
    from each other for ever. While a process runs, its `place` is the time at which it was picked.
    """

    def __init__(self) -> None:
        self._came: dict[Process, int] = {}  # ready processes that are newcomers, and since when
        self._next: Process | None = None  # takes the core that an equal process loses now

    def note(self, process: Process, why: str, now: int) -> None:
        """Note that a process became ready, and why."""
        if why in COMES:
            self._came[process] = now

    def takes(self, best: Process, running: Process) -> bool:
        """Return whether the first ready process takes the core of a running one of equal key.

        If it does, it is the next pick.
        """
        if self._came.get(best, -1) <= running.place:
            return False
        self._next = best
        return True

    def pick(self, take: Callable[[], Process | None], now: int) -> Process | None:
        """Return the newcomer that takes a core, else the process that `take` returns."""
        process = self._next or take()
        if process is not None:
            self.forget(process)
            process.place = now
        return process

    def forget(self, process: Process) -> None:
        """Note that a process has left the ready queue."""
        self._came.pop(process, None)
        if self._next is process:
            self._next = None
