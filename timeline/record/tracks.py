"""The intervals of a record by process, by core, and as one sequence of slices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

from kernel.process.states import BLOCKED, READY, RUNNING
from timeline.record.intervals import Interval
from timeline.record.run import Run

_BY_START = itemgetter(Interval._fields.index("start"))
_BY_END = itemgetter(Interval._fields.index("end"))


class Slice(NamedTuple):
    """A slice: from the dispatch of a process until it gives the core up or loses it.

    On the real machine a slice may have holes, in which a program outside the run had the core.
    """

    process: int
    core: int
    start: int  # ns
    end: int  # ns
    ready_since: int  # ns, when it began to wait for this slice
    woke: bool  # it became ready because an I/O completed; the release of a job is no I/O


class Tracks(list[list[Interval]]):
    """For each process its rows in the order of time.

    Running intervals of 0 ns cannot be ordered by their times. So `instants` keeps, for each
    process, the places in the record of its running intervals of 0 ns.
    """

    def __init__(self, run: Run) -> None:
        super().__init__([] for _ in run.processes)
        self.instants: dict[int, list[int]] = {}
        columns = run.intervals
        rows = zip(columns.start, columns.end, columns.state, columns.process, strict=True)
        for place, (start, end, state, process) in enumerate(rows):
            if start == end and state == RUNNING:
                self.instants.setdefault(process, []).append(place)


def in_time(run: Run) -> list[Interval]:
    """Return all rows by start, then by end, then in the order of the record."""
    rows = list(run.intervals)
    rows.sort(key=_BY_END)
    rows.sort(key=_BY_START)
    return rows


def by_process(run: Run) -> Tracks:
    """Return for each process its rows in the order of time."""
    tracks = Tracks(run)
    for row in in_time(run):
        tracks[row.process].append(row)
    return tracks


def by_core(tracks: list[list[Interval]], cores: int) -> list[list[Interval]]:
    """Return for each core its running intervals, by start. Unknown cores are left out."""
    lanes: list[list[Interval]] = [[] for _ in range(cores)]
    for track in tracks:
        for row in track:
            if row.state == RUNNING and 0 <= row.core < cores:
                lanes[row.core].append(row)
    for lane in lanes:
        lane.sort(key=_BY_END)
        lane.sort(key=_BY_START)
    return lanes


def slices(tracks: Sequence[Sequence[Interval]]) -> list[Slice]:
    """Return every slice of the run in the order of dispatch: by start, at one instant by core.

    On one core, slices of 0 ns come before the longer slice that begins at the same time. They are
    in the order of the record.
    """
    instants = tracks.instants if isinstance(tracks, Tracks) else {}
    places = {process: iter(own) for process, own in instants.items()}
    found = []
    for track in tracks:
        for turn in _slices_of(track):
            lasts = turn.end > turn.start
            place = 0 if lasts else next(places.get(turn.process, iter(())), 0)
            found.append((turn.start, turn.core, lasts, place, turn))
    found.sort(key=itemgetter(0, 1, 2, 3))
    return [turn for *_, turn in found]


def after_interruption(track: Sequence[Interval]) -> list[bool]:
    """Return for each row whether it continues a slice that a program outside the run interrupted.

    The hole of the slice, a ready interval that ends with `resumed`, counts too.
    """
    rests = [False] * len(track)
    for at, (before, row) in enumerate(pairwise(track), start=1):
        broken = before.state == RUNNING and before.why == "interrupted"
        hole = rests[at - 1] and before.state == READY and before.why == "resumed"
        rests[at] = broken or (hole and row.state == RUNNING)
    return rests


def _slices_of(track: Sequence[Interval]) -> list[Slice]:
    found: list[Slice] = []
    waits_since, woke = -1, False
    for row, rest in zip(track, after_interruption(track), strict=True):
        if row.state == RUNNING:
            if rest and found:
                found[-1] = found[-1]._replace(end=row.end)
            else:
                since = waits_since if waits_since >= 0 else row.start
                found.append(Slice(row.process, row.core, row.start, row.end, since, woke))
            waits_since, woke = -1, False
        elif row.state == READY:
            waits_since = row.start
        else:
            waits_since, woke = -1, row.state == BLOCKED and row.why != "released"
    return found
