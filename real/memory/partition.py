"""A worker's partition: its own pages, wherever they lie now, and the check that they are its own.

Compaction moves a partition while its program runs. The supervisor does so only while the worker is
stopped outside of any access, and counts the moves in a cell, the generation. Before each access
the worker looks whether the generation has changed. If so, it makes its old pages inaccessible and
the new ones accessible. All addresses of a program are relative to its base: it notices nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kernel.hardware import Region
from real.cells import ACCESSING, BASE, CHECKED, GENERATION, ROW, SIZE, SharedCells
from real.host import syscalls
from real.memory.physical import PhysicalMemory

PIECE = 1 << 20  # bytes touched in one access: a move waits for less than a millisecond
WHOLE = 256  # pages: a partition of no more is looked at as a whole, in 0.1 ms
SAMPLES = 32  # pages of a larger one, in 0.1 ms

INTACT, BROKEN = 1, 2
"""What CHECKED says of the bytes that a program left behind.

BROKEN is added to the offset, from the base, of the first page with other bytes."""


class Partition:
    """The part of the memory mapped at `address` that the supervisor gave to worker `worker`."""

    def __init__(self, shared: SharedCells, worker: int, address: int) -> None:
        self._cells, self._row = shared.cells, worker * ROW
        self._address = address  # of the whole machine's memory
        self._pattern = worker % 255 + 1
        self._open = Region(0, 0)
        self._generation = -1  # nothing is open yet

    @classmethod
    def prepare(
        cls, memory: PhysicalMemory, shared: SharedCells, worker: int, workers: int
    ) -> Partition:
        """Map the memory in worker number `worker` of `workers`: none of it is accessible yet."""
        address = memory.prepare(workers)
        syscalls.keep_from_children(address, memory.size)
        return cls(shared, worker, address)

    @property
    def size(self) -> int:
        """Return its real bytes, the same wherever it lies."""
        return self._cells[self._row + SIZE]

    @contextmanager
    def access(self) -> Iterator[int]:
        """Keep the partition where it is in this context. Yields the address of its first byte."""
        cells, row = self._cells, self._row
        cells[row + ACCESSING] = 1
        if cells[row + GENERATION] != self._generation:
            self._follow()
        yield self._address + self._open.base
        cells[row + ACCESSING] = 0

    def _follow(self) -> None:
        """Make the old pages inaccessible, and the pages where it lies now accessible."""
        cells, row, old = self._cells, self._row, self._open
        if old.size:
            syscalls.protect(self._address + old.base, old.size, accessible=False)
        self._open = Region(cells[row + BASE], cells[row + SIZE])
        syscalls.protect(self._address + self._open.base, self._open.size, accessible=True)
        self._generation = cells[row + GENERATION]

    def load(self) -> None:
        """Load the program: fill the partition with a pattern of its own."""
        for offset in range(0, self.size, PIECE):
            with self.access() as start:
                syscalls.fill(start + offset, min(PIECE, self.size - offset), self._pattern)

    def write(self, offset: int) -> None:
        """Write a byte at `offset` from the base, which may lie outside: the hardware checks it."""
        with self.access() as start:
            syscalls.fill(start + offset, 1, self._pattern)

    def check(self) -> None:
        """Check that its bytes are still its own, and say so in the cell CHECKED.

        Of up to WHOLE pages all are looked at; of more, SAMPLES of them, evenly spread, with the
        first and the last.
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
