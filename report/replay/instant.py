"""A run at one instant: the running, the ready and the waiting processes, and memory.

An `Instant` is the state after all that happens at that time. It is read from the record alone, so
a run that is still under way, a finished run and a run read from a file are treated alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from kernel.process.states import BLOCKED, NEW, READY, RUNNING, SUSPENDED
from kernel.units import format_size
from report.base.memory_spans import MemorySpan, memory_spans
from report.sections.decisions import key_text
from timeline.files.decisions import plain
from timeline.record.intervals import Interval
from timeline.record.run import Run
from timeline.record.tracks import by_process
from translation import tr


class WaitingProcess(NamedTuple):
    """A process that waits `since` a time (ns). `what`: what it waits for; if ready, its keys."""

    process: str
    since: int
    what: str


class Instant(NamedTuple):
    """The state of a run at `at` ns. In each list, the process that has waited longest is first."""

    at: int
    running: list[str | None]  # by core; None: the core is idle
    ready: list[WaitingProcess]
    blocked: list[WaitingProcess]
    outside: list[WaitingProcess]  # waiting for memory
    suspended: list[WaitingProcess]
    to_come: int  # number of processes that have not arrived
    ended: int
    memory: list[MemorySpan]


class Replay:
    """A run whose state at any instant can be asked for."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.names = run.process_names
        self.tracks = by_process(run)
        self.stays = memory_spans(run.memory_events)
        self._starts = [[row.start for row in track] for track in self.tracks]
        self._sizes = _sizes(run)
        self._keys = _keys_of(run)

    def at(self, at: int) -> Instant:
        """Return the state of the run at `at` ns."""
        running: list[str | None] = [None] * len(self.run.cores)
        lines: dict[int, list[WaitingProcess]] = {
            int(state): [] for state in (READY, BLOCKED, NEW, SUSPENDED)
        }
        to_come = ended = 0
        for index in range(len(self.names)):
            row = self._row(index, at)
            if row is None:
                to_come += not self._has_arrived(index, at)
                ended += self._has_arrived(index, at)
            elif row.state == RUNNING and 0 <= row.core < len(running):
                running[row.core] = self.names[index]
            elif row.state in lines:
                words = self._words(row, at)
                lines[row.state].append(WaitingProcess(self.names[index], row.start, words))
        for line in lines.values():
            line.sort(key=attrgetter("since"))
        held = [s for s in self.stays if s.since <= at and (s.until is None or at < s.until)]
        ready, blocked, outside, suspended = lines.values()
        return Instant(at, running, ready, blocked, outside, suspended, to_come, ended, held)

    def _row(self, process: int, at: int) -> Interval | None:
        """Return the process's interval that contains `at` ns; None if there is none."""
        place = bisect_right(self._starts[process], at) - 1
        track = self.tracks[process]
        return track[place] if place >= 0 and at < track[place].end else None

    def _has_arrived(self, process: int, at: int) -> bool:
        return at >= self.run.processes[process].arrival_ns

    def _words(self, row: Interval, at: int) -> str:
        """Return what a process waits for, or its keys if it is ready."""
        if row.state == READY:
            return self._key_words(row, at)
        if row.state == BLOCKED:
            return self.run.device_names[row.device] if row.device >= 0 else tr("a wait")
        return self._sizes.get(self.names[row.process], "") if row.state == NEW else ""

    def _key_words(self, row: Interval, at: int) -> str:
        """Return the keys of a ready process at the last decision of this interval up to `at`.

        If there was none yet, return its keys at the next decision of the interval, else "".
        """
        known = self._keys.get(self.names[row.process], ())
        place = bisect_right(known, at, key=itemgetter(0)) - 1
        if place < 0 or known[place][0] < row.start:
            place += 1
        if place < len(known) and known[place][0] <= row.end:
            return key_words(known[place][1])
        return ""


def _sizes(run: Run) -> dict[str, str]:
    return {row.name: format_size(row.memory.requested) for row in run.processes if row.memory}


def _keys_of(run: Run) -> Mapping[str, Sequence[tuple[int, Mapping[str, Any]]]]:
    """Return for each process (time in ns, keys) of each decision in which it was ready."""
    found: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for decision in run.decisions or ():
        for name, keys in decision.ready:
            found.setdefault(name, []).append((decision.at_ns, keys))
    return found


def key_words(keys: Mapping[str, Any]) -> str:
    """Return the keys of a process in words, like `remaining 30ms, since 5ms`."""
    return ", ".join(key_text(key, plain(value)) for key, value in keys.items())
