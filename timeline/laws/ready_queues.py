"""Laws of the ready queues: no core is idle beside a ready process, closed queues stay closed.

With one global queue every core is for every process. With a queue per core it depends on how
processes move between them (`balance`):

- none: a process's queue is that of the core on which it runs; other cores may well be idle.
- steal: a core that would idle takes a process that waits anywhere and may run on it.
- push: an idle core is one whose load is 0. A core where a process waits has a load of two at
  least, or it would have picked, so a process that may run on the idle core is pushed over before
  cores pick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from kernel.process.states import READY, RUNNING
from kernel.units import ms
from timeline.record.intervals import Interval
from timeline.record.run import Overhead, ProcessRow, Run
from timeline.record.sorted_run import Breach, SortedRun, text_of
from timeline.record.tracks import after_interruption

Stretch = tuple[int, int]
"""From start to before end, ns."""

COSTS = ("held back", "dispatch", "switch", "migration")
"""What a modelled switch consists of, in the order of time; what costs nothing is not there."""

REACTION = ms(10)
"""How long it may take until a run is stopped after the death of the process that had the core."""


REACTION_TO_SIGNALS = ms(5_000)
"""The same, if a signal from outside has stopped that process: it may be continued."""


def stays_at_its_core(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes that change cores, though each core has a queue and none are moved.

    Linux itself moves processes all the same.
    """
    if not _closed_queues(sorted_run.run) or _left_to_linux(sorted_run):
        return
    for row, track in sorted_run.rows_with_tracks:
        runs = [interval for interval in track if interval.state == RUNNING]
        for before, interval in pairwise(runs):
            if before.core != interval.core:
                text = f"{row.name} runs on core {interval.core} from {text_of(interval.start)}"
                text = f"{text}, but its queue is that of core {before.core}"
                yield text, interval.start, row.name, interval.core


def no_idle_core_while_ready(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield cores that idle for longer than a dispatch takes while a process is ready.

    This is work conservation. A core and a ready process are together for more than the slack
    exactly if both stretches, cut by the slack at their end, still intersect.

    Of several cores Linux itself does not promise it: it balances them now and then.
    """
    if len(sorted_run.lanes) > 1 and _left_to_linux(sorted_run):
        return
    slack = sorted_run.slack
    waiting = _waiting(sorted_run)
    spent = _spent(sorted_run)
    for core in range(len(sorted_run.lanes)):
        stretches = _idle(sorted_run, core, spent[core])
        idle = [(start, end - slack) for start, end in stretches if end - start > slack]
        for cores, rows in waiting.items() if idle else ():
            if cores is not None and core not in cores:
                continue
            for start, end, name in _meetings(idle, rows):
                text = f"core {core} is idle for {text_of(end - start + slack)} from "
                text = f"{text}{text_of(start)} while {name} is ready"
                yield f"{text} (allowed: {text_of(slack)})", start, name, core


def _left_to_linux(sorted_run: SortedRun) -> bool:
    return not sorted_run.simulated and sorted_run.run.scheduler.get("dispatch") == "none"


def _closed_queues(run: Run) -> bool:
    queues, balance = (run.scheduler.get(key) for key in ("queues", "balance"))
    return queues == "per-core" and balance == "none"


def _wanted_cores(
    sorted_run: SortedRun, row: ProcessRow, track: list[Interval]
) -> frozenset[int] | None:
    """Return the cores that must not be idle while this process waits; None: all of them.

    Of a process in a closed queue that never ran the record does not tell in which queue it was.
    """
    if _closed_queues(sorted_run.run):
        return frozenset(interval.core for interval in track if interval.state == RUNNING)
    return None if row.affinity is None else frozenset(row.affinity)


def _waiting(sorted_run: SortedRun) -> dict[frozenset[int] | None, list[tuple[int, int, str]]]:
    """Return ready stretches longer than the slack, cut by it, by start; for each set of cores.

    A hole in a real slice is no wait for the dispatcher: a program outside had the core.
    """
    found: dict[frozenset[int] | None, list[tuple[int, int, str]]] = defaultdict(list)
    slack = sorted_run.slack
    given_at = _Given(sorted_run.run.overheads if sorted_run.simulated else ()).at
    reserved = frozenset(sorted_run.run.machine.get("reservations", ()))
    for row, track in sorted_run.rows_with_tracks:
        if row.name in reserved:  # it has to wait when its budget is used up
            continue
        cores = _wanted_cores(sorted_run, row, track)
        for at, (interval, hole) in enumerate(zip(track, after_interruption(track), strict=True)):
            if interval.state != READY or hole:
                continue
            end = interval.end
            if at + 1 < len(track) and interval.why == "dispatched":
                end = given_at(track[at + 1].start)
            if end - interval.start > slack:
                found[cores].append((interval.start, end - slack, row.name))
    for rows in found.values():
        rows.sort()
    return found


class _Given:
    """When a core was given to a process: before it was switched to it."""

    def __init__(self, overheads: Iterable[Overhead]) -> None:
        # Overheads that took time, by end, core and part. Of several of one kind the first counts.
        self._parts: dict[int, dict[int, dict[str, int]]] = {}
        for each in overheads:
            if each.start_ns < each.end_ns:
                here = self._parts.setdefault(each.end_ns, {}).setdefault(each.core, {})
                here.setdefault(each.why, each.start_ns)
        self.at = cache(self._at)

    def _at(self, at: int) -> int:
        """Return when the switch began for a process that got a core at `at` (ns).

        It may be any core: a process may lose a core at once, and get another at that instant.
        """
        return min((self._begun(core, at) for core in self._parts.get(at, ())), default=at)

    def _begun(self, core: int, end: int) -> int:
        """Return when (ns) the switch of `core` that was over at `end` began."""
        at, parts = end, list(COSTS)
        while found := [part for part in self._parts.get(at, {}).get(core, ()) if part in parts]:
            parts = parts[: parts.index(found[0])]
            at = self._parts[at][core][found[0]]
        return at


def _spent(sorted_run: SortedRun) -> dict[int, list[Stretch]]:
    """Return by core what it spent on itself. Dead time of a real switch is idle: see `slack`."""
    found: dict[int, list[Stretch]] = defaultdict(list)
    for row in sorted_run.run.overheads:
        if sorted_run.simulated or row.why != "switch":
            found[row.core].append((row.start_ns, row.end_ns))
    return found


def _idle(sorted_run: SortedRun, core: int, spent: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield when no process had the core, and the core spent no time on itself."""
    taken = [(row.start, row.end) for row in sorted_run.lanes[core]]
    taken += spent
    at = 0
    for start, end in sorted(taken):
        if start > at:
            yield at, start
        at = max(at, end)
    end = sorted_run.run.makespan_ns
    reaction = REACTION_TO_SIGNALS if sorted_run.run.machine.get("disturbances") else REACTION
    noticing = (
        sorted_run.run.stopped is not None and not sorted_run.simulated and end - at < reaction
    )
    if at < end and not noticing:
        yield at, end


def _meetings(
    idle: Iterable[Stretch], rows: list[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str]]:
    """Yield the first meeting of each idle stretch with a row.

    Both are by start, and idle stretches are disjoint.
    """
    at, latest = 0, (0, 0, "")  # of the rows begun so far the one that ends last
    for start, end in idle:
        while at < len(rows) and rows[at][0] <= start:
            latest = max(latest, rows[at], key=lambda row: row[1])
            at += 1
        if latest[1] > start:
            yield start, min(end, latest[1]), latest[2]
        elif at < len(rows) and rows[at][0] < end:
            yield rows[at][0], min(end, rows[at][1]), rows[at][2]
