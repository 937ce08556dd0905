"""A queue that a process may leave from anywhere, and that can take another queue whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel.process.control_block import Process

Node = list[Any]
"""[the node before, the node behind, its process]; a queue is a ring with one empty node."""


class LinkedQueue:
    """A queue whose operations all take O(1). The node of a process is in `process.place`."""

    def __init__(self) -> None:
        self._ring: Node = [None, None, None]
        self._ring[:2] = self._ring, self._ring

    def first(self) -> Process | None:
        """Return the process at the front, if any."""
        process: Process | None = self._ring[1][2]
        return process

    def __iter__(self) -> Iterator[Process]:
        """Yield the processes from the front to the end; the queue must not change meanwhile."""
        node = self._ring[1]
        while node[2] is not None:
            yield node[2]
            node = node[1]

    def append(self, process: Process) -> None:
        """Add a process at the end."""
        ring = self._ring
        last = ring[0]
        last[1] = ring[0] = process.place = [last, ring, process]

    def put_first(self, process: Process) -> None:
        """Add a process at the front."""
        ring = self._ring
        first = ring[1]
        first[0] = ring[1] = process.place = [ring, first, process]

    def take(self) -> Process | None:
        """Remove the process at the front, if any, and return it."""
        ring = self._ring
        first = ring[1]
        process: Process | None = first[2]
        if process is not None:
            process.place = None
            behind = ring[1] = first[1]
            behind[0] = ring
        return process

    def remove(self, process: Process) -> None:
        """Remove a process, wherever it is."""
        before, behind, _ = process.place
        process.place = None
        before[1], behind[0] = behind, before

    def join(self, other: LinkedQueue) -> None:
        """Move all processes of `other` behind the processes of this queue."""
        first, last = other._ring[1], other._ring[0]
        if first is other._ring:
            return
        end = self._ring[0]
        end[1], first[0] = first, end
        last[1], self._ring[0] = self._ring, last
        other._ring[:2] = other._ring, other._ring
