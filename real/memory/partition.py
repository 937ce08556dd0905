"""A worker's partition: its own pages, which may move, and the check that the bytes are its own.

Compaction moves the partition of a program that has not ended. That is done only while the worker
is stopped outside of any access. A cell, the generation, counts the moves. Before each access
the worker looks whether the generation has changed. If it has, the worker makes its old
pages inaccessible, and the new ones accessible. All addresses of a program are relative to the base
of its partition, so the program does not notice the move.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.hardware import Region
from real.cells import ACCESSING, BASE, CHECKED, GENERATION, ROW, SIZE, SharedCells
from real.host import syscalls
from real.memory.physical import PhysicalMemory

PIECE = 1 << 20  # bytes filled in one access, so that a move waits for less than 1 ms
WHOLE = 256  # pages; a partition of at most so many is checked as a whole, which takes 0.1 ms
SAMPLES = 32  # pages of a larger partition that are checked, which takes 0.1 ms

INTACT, BROKEN = 1, 2
"""The result of a check in the cell CHECKED.

INTACT: the checked bytes are the program's own. Otherwise the result is BROKEN plus the offset,
from the base, of the first page with other bytes."""


class Partition:
    """The part of the memory, mapped at `address`, that the supervisor gave to worker `worker`."""

    def __init__(self, shared: SharedCells, worker: int, address: int) -> None:
        self._cells, self._row = shared.cells, worker * ROW
        self._address = address  # of the machine's whole memory, as it is mapped here
        self._pattern = worker % 255 + 1
        self._open = Region(0, 0)
        self._generation = -1  # no pages are accessible yet

    @classmethod
    def prepare(
        cls, memory: PhysicalMemory, shared: SharedCells, worker: int, workers: int
    ) -> Partition:
        """Map the whole memory, inaccessible, for worker number `worker` of `workers`."""
        address = memory.prepare(workers)
        syscalls.keep_from_children(address, memory.size)
        return cls(shared, worker, address)

    @property
    def size(self) -> int:
        """Return the size of the partition in physical memory, bytes."""
        return self._cells[self._row + SIZE]

    @contextmanager
    def access(self) -> Iterator[int]:
        """Make an access in this context, in which the partition is not moved.

        Yields the address of its first byte.
        """
        cells, row = self._cells, self._row
        cells[row + ACCESSING] = 1
        if cells[row + GENERATION] != self._generation:
            self._follow()
        yield self._address + self._open.base
        cells[row + ACCESSING] = 0

    def _follow(self) -> None:
        """Make the old pages inaccessible, and the present pages accessible."""
        cells, row, old = self._cells, self._row, self._open
        if old.size:
            syscalls.protect(self._address + old.base, old.size, accessible=False)
        self._open = Region(cells[row + BASE], cells[row + SIZE])
        syscalls.protect(self._address + self._open.base, self._open.size, accessible=True)
        self._generation = cells[row + GENERATION]

    def load(self) -> None:
        """Load the program: fill the partition with a byte that depends on the worker."""
        for offset in range(0, self.size, PIECE):
            with self.access() as start:
                syscalls.fill(start + offset, min(PIECE, self.size - offset), self._pattern)

    def write(self, offset: int) -> None:
        """Write a byte at `offset` from the base. The MMU checks that it lies inside."""
        with self.access() as start:
            syscalls.fill(start + offset, 1, self._pattern)

    def check(self) -> None:
        """Check that the bytes are still its own, and put the result into the cell CHECKED.

        In a partition of up to WHOLE pages all pages are checked. In a larger one, SAMPLES pages
        are checked: the first, the last, and others evenly between them.
        """
        pages = self.size // syscalls.PAGE
        with self.access() as start:
            if pages <= WHOLE and syscalls.is_filled(start, self.size, self._pattern):
                found = INTACT
            else:
                looked_at = range(pages) if pages <= WHOLE else _spread(pages)
                found = next(
                    (
                        BROKEN + page * syscalls.PAGE
                        for page in looked_at
                        if not syscalls.is_filled(
                            start + page * syscalls.PAGE, syscalls.PAGE, self._pattern
                        )
                    ),
                    INTACT,
                )
        self._cells[self._row + CHECKED] = found


def _spread(pages: int) -> list[int]:
    return [(pages - 1) * sample // (SAMPLES - 1) for sample in range(SAMPLES)]
