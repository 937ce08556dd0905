"""A run at one instant: who runs, who is ready by what keys, who waits for what, what happened.

An instant is looked at after all that happens in it. It is read from the record alone, so a run
that is still under way, a finished one and one read from a file are looked at alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from kernel.process import BLOCKED, NEW, READY, RUNNING, SUSPENDED
from kernel.units import format_size
from report.cells import Stay, stays
from report.decisions import key_text
from timeline.book import dispatch_slack
from timeline.decisions import plain
from timeline.intervals import Interval
from timeline.run import SIMULATED, MemoryEvent, Run
from timeline.tracks import by_process, slices

MOST_APART = 1_000_000
"""ns at most from the first to the last of what a real machine does at what is one instant."""


class Waiting(NamedTuple):
    """A process that does not run, since when (ns), and for what it waits or by which keys."""

    process: str
    since: int
    what: str


class Moment(NamedTuple):
    """A run at `at` ns. Lists are in the order in which those in them began to wait."""

    at: int
    running: list[str | None]  # by core
    ready: list[Waiting]
    blocked: list[Waiting]
    outside: list[Waiting]  # waiting for memory
    suspended: list[Waiting]
    to_come: int  # have not arrived
    ended: int
    memory: list[Stay]


class Film:
    """A run that can be looked at in any of its instants."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.names = run.process_names
        self.tracks = by_process(run)
        self.stays = stays(run.memory_events)
        self._starts = [[row.start for row in track] for track in self.tracks]
        self._sizes = _sizes(run)
        self._keys = _keys_of(run)

    def at(self, at: int) -> Moment:
        """The instant `at` ns."""
        running: list[str | None] = [None] * len(self.run.cores)
        lines: dict[int, list[Waiting]] = {
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
                words = self._words(row)
                lines[row.state].append(Waiting(self.names[index], row.start, words))
        for line in lines.values():
            line.sort(key=attrgetter("since"))
        held = [s for s in self.stays if s.since <= at and (s.until is None or at < s.until)]
        ready, blocked, outside, suspended = lines.values()
        return Moment(at, running, ready, blocked, outside, suspended, to_come, ended, held)

    def _row(self, process: int, at: int) -> Interval | None:
        """In which it is then."""
        place = bisect_right(self._starts[process], at) - 1
        track = self.tracks[process]
        return track[place] if place >= 0 and at < track[place].end else None

    def _has_arrived(self, process: int, at: int) -> bool:
        return at >= self.run.processes[process].arrival_ns

    def _words(self, row: Interval) -> str:
        """What it waits for; for a core: by which keys."""
        if row.state == READY:
            return self._key_words(row)
        if row.state == BLOCKED:
            return self.run.device_names[row.device] if row.device >= 0 else "a wait"
        return self._sizes.get(self.names[row.process], "") if row.state == NEW else ""

    def _key_words(self, row: Interval) -> str:
        """As the decision had them for which it was ready."""
        known = self._keys.get(self.names[row.process], ())
        place = bisect_right(known, row.start, key=lambda entry: entry[0] + 1)
        return known[place][1] if place < len(known) and known[place][0] <= row.end else ""

    # -- what happened ----------------------------------------------------------------------------

    def news(self, after: int, until: int) -> list[str]:
        """What happened after `after` and not after `until` (ns), in a few words each."""
        found: list[tuple[int, int, str]] = []
        for index, track in enumerate(self.tracks):
            name, arrival = self.names[index], self.run.processes[index].arrival_ns
            if after < arrival <= until:
                found.append((arrival, 1, f"{name} arrives"))
            for row, following in pairwise([*track, None]):
                assert row is not None
                if after < row.start <= until and row.state == RUNNING:
                    found.append((row.start, 3, f"{name} gets core {row.core}"))
                if after < row.end <= until and (words := self._ending(row, following)):
                    found.append((row.end, 0, f"{name} {words}"))
        for event in self.run.memory_events:
            if after < event.at_ns <= until and (words := _memory_words(event)):
                found.append((event.at_ns, 2, f"{event.process} {words}"))
        return [words for _, _, words in sorted(found, key=lambda entry: entry[:2])]

    def _ending(self, row: Interval, following: Interval | None) -> str:
        """What the end of an interval says that no other news says."""
        if row.why == "blocked":
            device = following.device if following is not None else -1
            return f"waits for {self.run.device_names[device]}" if device >= 0 else "waits"
        if row.why == "woke":
            return "has waited long enough" if row.device < 0 else "is served"
        return _ENDINGS.get(row.why, "")

    def instants(self) -> list[int]:
        """Every instant at which anything happened, from 0 on, ns.

        What the model does at one instant takes a real machine a little while: it is one instant
        here, the last moment of it.
        """
        times = {0, *(row.arrival_ns for row in self.run.processes)}
        times.update(self.run.intervals.start, self.run.intervals.end)
        times.update(event.at_ns for event in self.run.memory_events)
        close = self.close
        found: list[int] = []
        begun = -1
        for at in sorted(times):
            if found and at - begun <= close:
                found[-1] = at
            else:
                found.append(at)
                begun = at
        return found

    @property
    def close(self) -> int:
        """ns from the first to the last of what belongs to one instant."""
        return 0 if self.run.backend == SIMULATED else min(MOST_APART, dispatch_slack(self.run))


_ENDINGS = {
    "expired": "has used up its quantum",
    "preempted": "loses its core",
    "interrupted": "loses its core to an outsider",
    "yielded": "gives up its core",
    "ended": "ends",
    "killed": "is killed",
    "stopped": "is stopped with the run",
    "continued": "has to wait again",
    "released": "has its next job due",
    "suspended": "is suspended",
    "resumed": "goes on",
}


def _memory_words(event: MemoryEvent) -> str:
    size, where = format_size(event.size) if event.size > 0 else "0", _address(event.base)
    return {
        "waits": "waits for memory",
        "placed": f"is placed at {where}",
        "moved": f"is moved to {where}",
        "freed": "frees its memory",
        "swapped-out": "is swapped out",
        "swapped-in": f"is swapped in, to {where}",
        "alloc": f"allocates {size}",
        "free": f"gives back {size}",
        "touch": f"touches {where}",
        "refused": f"is refused {size}",
        "misfreed": f"gives back {size} that it never had",
        "fault": f"touches {where}, which is not its own",
    }.get(event.event, event.event)


def _address(base: int) -> str:
    return format_size(base) if base > 0 else "0"


def _sizes(run: Run) -> dict[str, str]:
    return {row.name: format_size(row.memory.requested) for row in run.processes if row.memory}


def _keys_of(run: Run) -> Mapping[str, Sequence[tuple[int, str]]]:
    """For each process the decisions (ns) for which it was ready, and its keys in words."""
    found: dict[str, list[tuple[int, str]]] = {}
    for decision in run.decisions or ():
        for name, keys in decision.ready:
            found.setdefault(name, []).append((decision.at_ns, key_words(keys)))
    return found


def key_words(keys: Mapping[str, Any]) -> str:
    """`remaining 30ms, since 5ms`."""
    return ", ".join(key_text(key, plain(value)) for key, value in keys.items())


def counterparts(first: Film, second: Film) -> Iterator[tuple[int, int]]:
    """The instants of two runs that belong together, ns: the first's, and then the second's.

    Where both have the same slice, what happens at its start and end belongs together; what lies
    between is as far behind as what was before it. From the first difference on, time is time.
    """
    anchors = [(0, 0)]
    for mine, yours in zip(slices(first.tracks), slices(second.tracks), strict=False):
        if first.names[mine.process] != second.names[yours.process]:
            break
        anchors += [(mine.start, yours.start), (mine.end, yours.end)]
    latest: dict[int, int] = {}
    for at, other in anchors:
        latest[at] = max(latest.get(at, 0), other)
    known = sorted(latest)
    for at in first.instants():
        place = bisect_right(known, at) - 1
        behind = latest[known[place]] - known[place]
        if at in latest:
            yield at, latest[at]
            continue
        until = latest[known[place + 1]] if place + 1 < len(known) else at + behind + second.close
        yield at, max(0, min(at + behind + second.close, until))
