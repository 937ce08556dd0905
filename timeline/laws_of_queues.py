"""Laws of the ready queues: no core is idle for nothing, and nobody leaves a queue that is closed.

With one global queue every core is for everybody. With a queue per core it depends on who moves
between them (`balance`):

- none: a process's queue is that of the core on which it runs; other cores may well be idle.
- steal: a core that would idle takes whoever waits anywhere and may run on it.
- push: an idle core is one whose load is 0. A core where somebody waits has a load of two at
  least, or it would have picked, so who may run on the idle one is pushed over before cores pick.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from kernel.process import READY, RUNNING
from kernel.units import ms
from timeline.book import Book, Breach, text_of
from timeline.intervals import Interval
from timeline.run import Overhead, ProcessRow, Run
from timeline.tracks import after_interruption

Stretch = tuple[int, int]
"""From start to before end, ns."""

COSTS = ("held back", "dispatch", "switch", "migration")
"""What a modelled switch consists of, in the order of time; what costs nothing is not there."""

REACTION = ms(10)
"""How long it may take until a run is stopped after the death of the process that had the core."""


PATROL = ms(5_000)
"""The same, if somebody else has stopped that process: it may be let go on, so it is waited for."""


def stays_at_its_core(book: Book) -> Iterator[Breach]:
    """With a queue per core and nobody to move it, a process runs on one core only.

    Linux itself moves it all the same.
    """
    if not _closed_queues(book.run) or _left_to_linux(book):
        return
    for row, track in book.lives:
        runs = [interval for interval in track if interval.state == RUNNING]
        for before, interval in pairwise(runs):
            if before.core != interval.core:
                text = f"{row.name} runs on core {interval.core} from {text_of(interval.start)}"
                text = f"{text}, but its queue is that of core {before.core}"
                yield text, interval.start, row.name, interval.core


def no_idle_core_while_ready(book: Book) -> Iterator[Breach]:
    """Work conservation: no core stands idle for longer than a dispatch takes while one is ready.

    A core and a ready process are together for more than the slack exactly if both stretches, cut
    by the slack at their end, still intersect.

    Of several cores Linux itself does not promise it: it balances them now and then.
    """
    if len(book.lanes) > 1 and _left_to_linux(book):
        return
    slack = book.slack
    waiting = _waiting(book)
    for core in range(len(book.lanes)):
        idle = [(start, end - slack) for start, end in _idle(book, core) if end - start > slack]
        for cores, rows in waiting.items():
            if cores is not None and core not in cores:
                continue
            for start, end, name in _meetings(idle, rows):
                text = f"core {core} is idle for {text_of(end - start + slack)} from "
                text = f"{text}{text_of(start)} while {name} is ready"
                yield f"{text} (allowed: {text_of(slack)})", start, name, core


def _left_to_linux(book: Book) -> bool:
    return not book.simulated and book.run.scheduler.get("dispatch") == "none"


def _closed_queues(run: Run) -> bool:
    queues, balance = (run.scheduler.get(key) for key in ("queues", "balance"))
    return queues == "per-core" and balance == "none"


def _for_whom(book: Book, row: ProcessRow, track: list[Interval]) -> frozenset[int] | None:
    """The cores that must not be idle while this process waits; None: all of them.

    Of a process in a closed queue that never ran the record does not tell whose queue it was.
    """
    if _closed_queues(book.run):
        return frozenset(interval.core for interval in track if interval.state == RUNNING)
    return None if row.affinity is None else frozenset(row.affinity)


def _waiting(book: Book) -> dict[frozenset[int] | None, list[tuple[int, int, str]]]:
    """Ready stretches longer than the slack, cut by it, by start; for each set of cores.

    A hole in a real slice is no wait for the dispatcher: an outsider had the core.
    """
    found: dict[frozenset[int] | None, list[tuple[int, int, str]]] = defaultdict(list)
    switches = _by_end(book.run.overheads) if book.simulated else {}
    reserved = book.run.machine.get("reservations", ())
    for row, track in book.lives:
        if row.name in reserved:  # it has to wait when its budget is used up
            continue
        cores = _for_whom(book, row, track)
        for at, (interval, hole) in enumerate(zip(track, after_interruption(track), strict=True)):
            if interval.state != READY or hole:
                continue
            end = interval.end
            if at + 1 < len(track) and interval.why == "dispatched":
                end = _given_at(track[at + 1].start, switches, len(book.lanes))
            if end - interval.start > book.slack:
                found[cores].append((interval.start, end - book.slack, row.name))
    for rows in found.values():
        rows.sort()
    return found


def _by_end(overheads: Iterable[Overhead]) -> dict[Stretch, list[Overhead]]:
    """Overheads that took time, by (core, end)."""
    found: dict[Stretch, list[Overhead]] = defaultdict(list)
    for overhead in overheads:
        if overhead.start_ns < overhead.end_ns:
            found[overhead.core, overhead.end_ns].append(overhead)
    return found


def _given_at(at: int, switches: dict[Stretch, list[Overhead]], cores: int) -> int:
    """When a core was given to a process that got it at `at`: before it was switched to it.

    It may be any core: one may lose the core in the moment it has it, and get another at once.
    """
    return min(_begun(core, at, switches) for core in range(cores))


def _begun(core: int, end: int, switches: dict[Stretch, list[Overhead]]) -> int:
    """When (ns) the switch of `core` that was over at `end` began; `end` if there was none."""
    at, parts = end, list(COSTS)
    while found := [o for o in switches.get((core, at), ()) if o.why in parts]:
        parts = parts[: parts.index(found[0].why)]
        at = found[0].start_ns
    return at


def _idle(book: Book, core: int) -> Iterator[Stretch]:
    """When nothing had the core. Dead time of a real switch is idle: the slack is its measure."""
    taken = [(row.start, row.end) for row in book.lanes[core]]
    taken += (
        (row.start_ns, row.end_ns)
        for row in book.run.overheads
        if row.core == core and (book.simulated or row.why != "switch")
    )
    at = 0
    for start, end in sorted(taken):
        if start > at:
            yield at, start
        at = max(at, end)
    end = book.run.makespan_ns
    reaction = PATROL if book.run.machine.get("disturbances") else REACTION
    noticing = book.run.stopped is not None and not book.simulated and end - at < reaction
    if at < end and not noticing:
        yield at, end


def _meetings(
    idle: Iterable[Stretch], rows: list[tuple[int, int, str]]
) -> Iterator[tuple[int, int, str]]:
    """The first meeting of each idle stretch with a row. Both are by start, idle ones disjoint."""
    at, latest = 0, (0, 0, "")  # of the rows begun so far the one that ends last
    for start, end in idle:
        while at < len(rows) and rows[at][0] <= start:
            latest = max(latest, rows[at], key=lambda row: row[1])
            at += 1
        if latest[1] > start:
            yield start, min(end, latest[1]), latest[2]
        elif at < len(rows) and rows[at][0] < end:
            yield rows[at][0], min(end, rows[at][1]), rows[at][2]
