"""The tickets of many processes: which process holds the n-th ticket."""

from __future__ import annotations

from array import array

from kernel.process.control_block import Process


class TicketTree:
    """Sums of tickets over ranges of processes in file order: a Fenwick tree.

    Adding, removing and finding a holder take O(log of the largest index). Fenwick, A new data
    structure for cumulative frequency tables, Software: Practice and Experience 24 (1994).
    """

    def __init__(self) -> None:
        self.total = 0  # tickets of all processes in the tree
        self._holders: list[Process | None] = [None, None]  # by index
        self._sums = array("q", [0, 0])  # entry i: tickets of the i & -i indices that end before i

    def add(self, process: Process) -> None:
        """Let `process` hold `process.tickets` tickets."""
        while process.index + 1 >= len(self._sums):
            self._grow()
        self._holders[process.index] = process
        self._change(process.index, process.tickets)

    def remove(self, process: Process) -> None:
        """Let `process` hold no tickets."""
        self._holders[process.index] = None
        self._change(process.index, -process.tickets)

    def holders(self) -> list[Process]:
        """Return all holders of tickets, in file order."""
        return [holder for holder in self._holders if holder is not None]

    def holder(self, ticket: int) -> Process:
        """Return the holder of a ticket, which counts from 0 and is below `total`."""
        sums, at, step = self._sums, 0, len(self._sums) // 2  # a power of two
        while step:
            below = sums[at + step]
            if below <= ticket:
                at += step
                ticket -= below
            step >>= 1
        holder = self._holders[at]
        assert holder is not None
        return holder

    def _change(self, index: int, tickets: int) -> None:
        self.total += tickets
        sums, size, at = self._sums, len(self._sums), index + 1
        while at < size:
            sums[at] += tickets
            at += at & -at

    def _grow(self) -> None:
        """Double the tree: the new half is empty, and its last entry is the sum of all tickets."""
        size = len(self._sums)
        self._sums.frombytes(bytes(8 * size))
        self._sums[size] = self.total
        self._holders.extend([None] * size)
