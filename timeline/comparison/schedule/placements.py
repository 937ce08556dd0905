"""The criterion that all programs get the same places in memory, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from timeline.comparison.criteria import Criterion
from timeline.comparison.schedule.excuses import Excuses
from timeline.memory.occupancy import arrangement
from timeline.number_formats import size_words
from timeline.record.run import MemoryEvent, Run
from translation import mark, recorded


def placement_criterion(
    names: tuple[str, str], first: Run, second: Run, excuses: Excuses
) -> Criterion:
    """Judge whether all programs get the same places in the same order, with moves and swaps."""
    one, other = arrangement(first), arrangement(second)
    events = {each.event for each in (*one, *other)}
    there = ("moved" in events, "swapped-out" in events)
    what, wanted = recorded(_WHAT[there]), recorded("the same in the same order")
    text = mark("change {n} is {one} in {first}, {other} in {second}")
    if not any(there):
        text = mark("placement {n} is {one} in {first}, {other} in {second}")
    for at, (mine, yours) in enumerate(zip_longest(one, other)):
        if mine is None or yours is None or mine[1:] != yours[1:]:  # the time is not compared
            got = recorded(
                text,
                n=at + 1,
                one=_where(mine),
                first=names[0],
                other=_where(yours),
                second=names[1],
            )
            criterion = Criterion(what, wanted, got, False)
            return excuses.judge(criterion, _time_of(mine, yours), _apart(mine, yours, one, other))
    return Criterion(what, wanted, recorded("all {n} the same", n=len(one)), True)


def _time_of(mine: MemoryEvent | None, yours: MemoryEvent | None) -> int | None:
    """Return the time (ns) of the difference, in the second run if it has an event there."""
    event = yours or mine
    return event.at_ns if event else None


def _apart(
    mine: MemoryEvent | None,
    yours: MemoryEvent | None,
    first: Sequence[MemoryEvent],
    second: Sequence[MemoryEvent],
) -> int | None:
    """Return by how many ns two changes of memory must be moved to change places.

    Return None if both concern one process, or if they are not in both runs.
    """
    if mine is None or yours is None or mine.process == yours.process:
        return None
    yours_there = next((e.at_ns for e in first if _alike(e, yours) and e.at_ns >= mine.at_ns), None)
    mine_there = next((e.at_ns for e in second if _alike(e, mine) and e.at_ns >= yours.at_ns), None)
    if yours_there is None or mine_there is None:
        return None
    return yours_there - mine.at_ns + mine_there - yours.at_ns


def _alike(one: MemoryEvent, other: MemoryEvent) -> bool:
    return (one.event, one.process) == (other.event, other.process)


_WHAT = {
    (False, False): mark("placements in memory"),
    (True, False): mark("placements and moves in memory"),
    (False, True): mark("placements and swaps in memory"),
    (True, True): mark("placements and moves and swaps in memory"),
}
"""What is compared; by whether programs are moved, and whether they are swapped out."""
_WORDS = {
    "placed": mark("{process} at {address}"),
    "moved": mark("{process} moved to {address}"),
    "swapped-in": mark("{process} back at {address}"),
    "swapped-out": mark("{process} out of {address}"),
}


def _where(event: MemoryEvent | None) -> str:
    if event is None:
        return recorded("none")
    return recorded(_WORDS[event.event], process=event.process, address=size_words(event.base))
