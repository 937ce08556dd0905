"""Where in memory each program lay, and from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from timeline.record.run import LEAVES, TAKES, MemoryEvent


class MemorySpan(NamedTuple):
    """A program in one place: bytes, and ns. `until` is None if the program never left it."""

    base: int
    size: int
    process: str
    since: int
    until: int | None


def memory_spans(events: Iterable[MemoryEvent]) -> list[MemorySpan]:
    """Return the places that programs had, in the order in which they got them.

    A program that is moved leaves one place and gets another.
    """
    placed: dict[tuple[str, int], int] = {}
    base_of: dict[str, int] = {}
    found: list[MemorySpan] = []
    for event in events:
        base = base_of.get(event.process, -1) if event.event == "moved" else event.base
        if event.event in ("moved", *LEAVES) and (event.process, base) in placed:
            index = placed.pop((event.process, base))
            found[index] = found[index]._replace(until=event.at_ns)
        if event.event in ("moved", *TAKES):
            base_of[event.process] = event.base
            placed[event.process, event.base] = len(found)
            found.append(MemorySpan(event.base, event.size, event.process, event.at_ns, None))
    return found
