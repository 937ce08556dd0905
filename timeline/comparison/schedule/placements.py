"""The criterion that all programs get the same places in memory, in the same order."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from timeline.comparison.criteria import Criterion
from timeline.comparison.schedule.excuses import Excuses
from timeline.memory.occupancy import arrangement
from timeline.number_formats import size_words
from timeline.record.run import MemoryEvent, Run


def placement_criterion(
    names: tuple[str, str], first: Run, second: Run, excuses: Excuses
) -> Criterion:
    """Judge whether all programs get the same places in the same order, with moves and swaps."""
    one, other = arrangement(first), arrangement(second)
    events = {each.event for each in (*one, *other)}
    others = [word for event, word in _OTHERS.items() if event in events]
    what = " and ".join(["placements", *others]) + " in memory"
    wanted, unit = "the same in the same order", "change" if others else "placement"
    for at, (mine, yours) in enumerate(zip_longest(one, other)):
        if mine is None or yours is None or mine[1:] != yours[1:]:  # the time is not compared
            both = f"{_where(mine)} in {names[0]}, {_where(yours)} in {names[1]}"
            criterion = Criterion(what, wanted, f"{unit} {at + 1} is {both}", False)
            return excuses.judge(criterion, _time_of(mine, yours), _apart(mine, yours, one, other))
    return Criterion(what, wanted, f"all {len(one)} the same", True)


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


_OTHERS = {"moved": "moves", "swapped-out": "swaps"}
_WORDS = {"placed": "at", "moved": "moved to", "swapped-in": "back at", "swapped-out": "out of"}


def _where(event: MemoryEvent | None) -> str:
    if event is None:
        return "none"
    return f"{event.process} {_WORDS[event.event]} {size_words(event.base)}"
