"""The live view: what has happened in a run that is under way, on the wall clock."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, DEAD, RUNNING, UNBORN
from kernel.system.system import System
from real.dispatched.journal import Dispatch, Journal
from timeline.record.intervals import NO_CORE, NO_DEVICE, Interval
from timeline.record.live import LiveUpdate
from timeline.record.run import MemoryEvent

_ABSENT = (UNBORN, DEAD)


class LiveView:
    """Looks at the system and the journal of one run.

    The time that a look takes grows with what has happened since the last one. `arrival` returns at
    which ns of the run a process arrived; None: it has not arrived.
    """

    def __init__(
        self, system: System, journal: Journal, arrival: Callable[[Process], int | None]
    ) -> None:
        self._system = system
        self._journal = journal
        self._arrival = arrival
        self._seen = {process.index: 0 for process in system.processes}  # changes seen of each
        self._since: dict[int, int] = {}  # ns of the run up to which each process was shown
        self._events = 0  # memory events seen

    def look(self, now: int) -> LiveUpdate:
        """Return what has happened since the last look, and each state at `now`, ns of the run."""
        closed: list[Interval] = []
        under_way: list[Interval] = []
        for process in self._system.processes:
            if process.state is UNBORN or not self._has_arrived(process):
                continue
            closed += self._changes(process)
            if process.state not in _ABSENT and now > self._since[process.index]:
                under_way.append(self._state(process, now))
        memory: list[MemoryEvent] = self._journal.memory[self._events :]
        self._events += len(memory)
        return LiveUpdate(now, closed, under_way, memory)

    def _has_arrived(self, process: Process) -> bool:
        """Return whether the process has arrived.

        A process that another one starts has not arrived before the call that starts it returned.
        """
        if process.index not in self._since:
            arrival = self._arrival(process)
            if arrival is None:
                return False
            self._since[process.index] = arrival
        return True

    def _changes(self, process: Process) -> list[Interval]:
        index = process.index
        changes = self._journal.changes[index][self._seen[index] :]
        self._seen[index] += len(changes)
        found = []
        for change in changes:
            since, until = self._since[index], change.wall
            core = self._core(index, since) if change.state == RUNNING else NO_CORE
            if until > since:
                found.append(
                    Interval(index, change.state, since, until, core, change.device, change.why)
                )
                self._since[index] = until
        return found

    def _state(self, process: Process, now: int) -> Interval:
        """Return the interval that the process is in now. Why it will end is not known yet."""
        device = process.places[process.step] if process.state is BLOCKED else NO_DEVICE
        since = self._since[process.index]
        core = process.core if process.state is RUNNING else NO_CORE
        return Interval(
            process.index, int(process.state), since, now, core, max(device, NO_DEVICE), "stopped"
        )

    def _core(self, index: int, at: int) -> int:
        """Return the core to which the worker of process `index` had last been sent by `at`."""
        dispatches = self._journal.dispatches[index]
        place = bisect_right(dispatches, at, key=_due) - 1
        return dispatches[place].core if place >= 0 else NO_CORE


def _due(dispatch: Dispatch) -> int:
    return dispatch.due
