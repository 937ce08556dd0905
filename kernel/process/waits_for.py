"""A row of the graph of a deadlock: which process waits for which, and what for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from translation import recorded


class WaitsFor(NamedTuple):
    """One process that waits for ever.

    `holders` are the processes on which it depends, dead ones among them; none if no certain
    process could end its wait.
    """

    process: str
    waits: str  # "for lock m"
    because: str  # "held by A, which was killed by signal 9"; may be empty
    holders: list[str]

    def words(self) -> str:
        """Return one clause: which process waits for what, and why."""
        named = {"process": self.process, "waits": self.waits}
        if not self.because:
            return recorded("{process} waits {waits}", **named)
        return recorded("{process} waits {waits}, {because}", because=self.because, **named)


def circle(graph: Sequence[WaitsFor]) -> list[str]:
    """Return processes of which each waits for the next, and the last for the first; [] if none.

    The circle begins with the first process of the graph that is in one.
    """
    waits = {row.process: row.holders for row in graph}
    for start in waits:
        for path in _paths(waits, [start]):
            if start in waits[path[-1]]:
                return path
    return []


def _paths(waits: dict[str, list[str]], path: list[str]) -> Iterator[list[str]]:
    """Yield the path, and one longer path to each process that can be reached from its end."""
    seen, open_paths = {path[-1]}, [path]
    while open_paths:
        path = open_paths.pop(0)
        yield path
        for holder in waits[path[-1]]:
            if holder in waits and holder not in seen:
                seen.add(holder)
                open_paths.append([*path, holder])
