"""Laws of the ready queues: no core is idle beside a ready process; processes keep their queues.

With one global queue every core can take every process. With a queue per core it depends on how
processes move between the queues (`balance`):

- none: a process stays in the queue of the core on which it runs. Other cores may be idle.
- steal: a core that would be idle takes a process from any queue, if it may run on this core.
- push: an idle core has a load of 0. A core in whose queue a process waits has a load of at least
  2, as otherwise it would have picked that process. So a process that may run on the idle core is
  moved to it before the cores pick.
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
"""Start and end, ns; the end is not part of it."""

COSTS = ("leave", "held back", "dispatch", "switch", "migration")
"""The parts of a modelled switch, in the order of time. A part that costs nothing is not there."""

REACTION = ms(10)
"""How long it may take until a run is stopped after the death of the process that had the core."""


REACTION_TO_SIGNALS = ms(5_000)
"""The same, if a signal from outside has stopped that process: it may still be continued."""


def stays_at_its_core(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes that change cores, though each core has a queue and `balance` is none.

    A run that Linux schedules is not checked, as Linux moves processes itself.
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

    This is work conservation. An idle stretch and a ready stretch overlap for longer than the slack
    exactly if they still intersect when the slack is cut from the end of both.

    A run that Linux schedules on several cores is not checked: Linux does not promise it, as it
    balances the cores only now and then.
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

    If the queues are not balanced, it is the core on which the process runs. If the process never
    ran, the record does not tell in which queue it was, and there is no such core.
    """
    if _closed_queues(sorted_run.run):
        return frozenset(interval.core for interval in track if interval.state == RUNNING)
    return None if row.affinity is None else frozenset(row.affinity)


def _waiting(sorted_run: SortedRun) -> dict[frozenset[int] | None, list[tuple[int, int, str]]]:
    """Return for each set of cores the ready stretches of the processes that wait for them.

    Only stretches longer than the slack count. The slack is cut from their end, and they are sorted
    by start. A hole in a real slice does not count: there a program outside the run had the core.
    """
    found: dict[frozenset[int] | None, list[tuple[int, int, str]]] = defaultdict(list)
    slack = sorted_run.slack
    given_at = _Given(sorted_run.run.overheads if sorted_run.simulated else ()).at
    reserved = frozenset(sorted_run.run.machine.get("reservations", ()))
    for row, track in sorted_run.rows_with_tracks:
        if row.name in reserved:  # it waits when the CPU time of its period is used up
            continue
        cores = _wanted_cores(sorted_run, row, track)
        for at, (interval, hole) in enumerate(zip(track, after_interruption(track), strict=True)):
            if interval.state != READY or hole:
                continue
            end = interval.end
            if interval.why == "dispatched":  # a process that only looked again may leave no slice
                end = given_at(track[at + 1].start if at + 1 < len(track) else end)
            if end - interval.start > slack:
                found[cores].append((interval.start, end - slack, row.name))
    for rows in found.values():
        rows.sort()
    return found


class _Given:
    """When a core was given to a process, which is before the switch to that process."""

    def __init__(self, overheads: Iterable[Overhead]) -> None:
        # The start of each overhead that took time, by end, core and part. If there are several
        # with the same end, core and part, the first counts.
        self._parts: dict[int, dict[int, dict[str, int]]] = {}
        for each in overheads:
            if each.start_ns < each.end_ns:
                here = self._parts.setdefault(each.end_ns, {}).setdefault(each.core, {})
                here.setdefault(each.why, each.start_ns)
        self.at = cache(self._at)

    def _at(self, at: int) -> int:
        """Return when (ns) the switch began for a process whose wait for a core ended at `at`.

        The switches of all cores are looked at, because the process may lose its core at once and
        get another one at the same instant.
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
    """Return the overheads of each core. The dead time of a real switch counts as idle instead.

    `SortedRun.slack` allows for that dead time.
    """
    found: dict[int, list[Stretch]] = defaultdict(list)
    for row in sorted_run.run.overheads:
        if sorted_run.simulated or row.why != "switch":
            found[row.core].append((row.start_ns, row.end_ns))
    return found


def _idle(sorted_run: SortedRun, core: int, spent: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield the stretches in which no process had the core, and no overhead (`spent`) either."""
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
    """Yield for each idle stretch its first intersection with a row: start, end, process.

    Both are sorted by start, and idle stretches are disjoint.
    """
    at, latest = 0, (0, 0, "")  # the row that ends last among those that have begun
    for start, end in idle:
        while at < len(rows) and rows[at][0] <= start:
            latest = max(latest, rows[at], key=lambda row: row[1])
            at += 1
        if latest[1] > start:
            yield start, min(end, latest[1]), latest[2]
        elif at < len(rows) and rows[at][0] < end:
            yield rows[at][0], min(end, rows[at][1]), rows[at][2]
