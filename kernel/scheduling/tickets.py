"""Tickets of many processes, and who holds the n-th."""

from __future__ import annotations

from array import array

from kernel.process import Process


class TicketTree:
    """Sums of tickets over ranges of processes in file order: a Fenwick tree.

    Adding, removing and finding a holder take O(log of the largest index). Fenwick, A new data
    structure for cumulative frequency tables, Software: Practice and Experience 24 (1994).
    """

    def __init__(self) -> None:
        self.total = 0  # tickets of those in it
        self._holders: dict[int, Process] = {}  # by index
        self._sums = array("q", [0, 0])  # entry i: tickets of the i & -i indices that end before i

    def add(self, process: Process) -> None:
        """`process` holds `process.tickets` from now on."""
        while process.index + 1 >= len(self._sums):
            self._grow()
        self._holders[process.index] = process
        self._change(process.index, process.tickets)

    def remove(self, process: Process) -> None:
        """It holds none any more."""
        del self._holders[process.index]
        self._change(process.index, -process.tickets)

    def holder(self, ticket: int) -> Process:
        """Who holds it; `ticket` counts from 0 and is below `total`."""
        at, step = 0, len(self._sums) // 2
        while step:
            if at + step < len(self._sums) and self._sums[at + step] <= ticket:
                at += step
                ticket -= self._sums[at]
            step //= 2
        return self._holders[at]

    def _change(self, index: int, tickets: int) -> None:
        self.total += tickets
        at = index + 1
        while at < len(self._sums):
            self._sums[at] += tickets
            at += at & -at

    def _grow(self) -> None:
        """Twice as many: the new half is empty, and its last entry sums up everything."""
        size = len(self._sums)
        self._sums.frombytes(bytes(8 * size))
        self._sums[size] = self.total
