"""The memory schemes as slow as can be: one cell per byte, looked through from the start each time.

Written from docs/memory.md, and knowing nothing of `kernel.memory`. A place is (address, size).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

FREE, RESERVED, TAKEN = ".", "#", "x"
Place = tuple[int, int]


class Cells:
    """Memory, byte by byte."""

    def __init__(self, cells: str) -> None:
        self.cells = list(cells)

    def fill(self, place: Place, mark: str) -> None:
        for address in range(place[0], place[0] + place[1]):
            assert self.cells[address] == (FREE if mark == TAKEN else TAKEN)
            self.cells[address] = mark

    def free(self, place: Place) -> None:
        self.fill(place, FREE)

    def holes(self) -> list[Place]:
        found, length = [], 0
        for address, cell in enumerate([*self.cells, RESERVED]):
            if cell == FREE:
                length += 1
            elif length:
                found.append((address - length, length))
                length = 0
        return found


class Variable(Cells):
    """Initial holes with reserved cells between them; `fit` first, next, best or worst."""

    def __init__(self, holes: Sequence[int], fit: str, next_from: str = "placement") -> None:
        self.next_from = next_from
        gap = max(
            step for step in range(1, min(holes) + 1) if all(n % step == 0 for n in [4096, *holes])
        )
        super().__init__((RESERVED * gap).join(FREE * size for size in holes))
        self.fit = fit
        self.pointer = 0
        self.taken: list[Place] = []

    def allocate(self, size: int) -> Place | None:
        fitting = [hole for hole in self._in_order() if hole[1] >= size]
        if not fitting:
            return None
        if self.fit == "best":
            fitting.sort(key=lambda hole: hole[1])  # equal ones keep their order
        if self.fit == "worst":
            fitting.sort(key=lambda hole: -hole[1])
        place = fitting[0][0], size
        self.fill(place, TAKEN)
        self.taken.append(place)
        self.pointer = place[0] + (fitting[0][1] if self.next_from == "hole" else size)
        return place

    def free(self, place: Place) -> None:
        self.taken.remove(place)
        self.fill(place, FREE)

    def compact(self) -> list[tuple[Place, Place]]:
        """The lowest first, everybody slides down byte by byte. Who moved: from where, to where."""
        moved = []
        for place in sorted(self.taken):
            base, size = place
            self.free(place)
            while base and self.cells[base - 1] == FREE:
                base -= 1
            self.fill((base, size), TAKEN)
            self.taken.append((base, size))
            if base < place[0]:
                moved.append((place, (base, size)))
        return moved

    def would_hold(self, size: int) -> bool:
        """After compaction, which is tried out."""
        trial = copy.deepcopy(self)
        trial.compact()
        return trial.allocate(size) is not None

    def _in_order(self) -> list[Place]:
        """The holes as one meets them who walks up from the start of the hole at the pointer."""
        if self.fit != "next":
            return self.holes()
        start, holes = self.pointer % len(self.cells), dict(self.holes())
        while self.cells[start] == FREE and start and self.cells[start - 1] == FREE:
            start -= 1
        walk = [*range(start, len(self.cells)), *range(start)]
        return [(address, holes[address]) for address in walk if address in holes]


class Compacting(Variable):
    """A line in front of it, and compaction when needed. Programs are numbers, as in `line`."""

    def __init__(self, holes: Sequence[int], fit: str, admission: str) -> None:
        super().__init__(holes, fit)
        self.skips = admission == "skip"
        self.line: list[tuple[int, int]] = []  # program, size
        self.place_of: dict[int, Place] = {}
        self.moves: list[tuple[int, Place]] = []  # program, where to

    def admit(self) -> list[tuple[int, Place]]:
        """Return those in the queue that get a place now."""
        admitted = []
        for program, size in list(self.line):
            place = self.allocate(size)
            if place is None and self.would_hold(size):
                self.make_room()
                place = self.allocate(size)
            if place is not None:
                self.place_of[program] = place
                self.line.remove((program, size))
                admitted.append((program, place))
            elif not self.skips:
                break
        return admitted

    def make_room(self) -> None:
        for source, place in self.compact():
            mover = next(who for who, where in self.place_of.items() if where == source)
            self.place_of[mover] = place
            self.moves.append((mover, place))

    def leave(self, program: int) -> None:
        self.free(self.place_of.pop(program))


class Fixed:
    """Partitions one after another."""

    def __init__(self, sizes: Sequence[int], fit: str) -> None:
        self.partitions = [(sum(sizes[:at]), size) for at, size in enumerate(sizes)]
        self.taken: list[Place] = []
        self.fit = fit
        self.pointer = 0

    def holes(self) -> list[Place]:
        return [place for place in self.partitions if place not in self.taken]

    def allocate(self, size: int) -> Place | None:
        chosen = None
        for place in self.holes():
            if place[1] >= size and (chosen is None or self._comes_before(place, chosen)):
                chosen = place
        if chosen is not None:
            self.taken.append(chosen)
            self.pointer = chosen[0] + chosen[1]
        return chosen

    def _comes_before(self, place: Place, lower: Place) -> bool:
        """Is it chosen rather than one that fits as well and has a lower address?"""
        if self.fit == "next":
            return lower[0] < self.pointer <= place[0]
        return {"first": False, "best": place[1] < lower[1], "worst": place[1] > lower[1]}[self.fit]

    def free(self, place: Place) -> None:
        self.taken.remove(place)


class PerPartition(Fixed):
    """A queue per partition. Programs are numbers; `line` is who waits, in the order they came."""

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__(sizes, "first")
        self.line: list[tuple[int, int]] = []  # program, size

    def home(self, size: int) -> Place:
        smallest = min(place[1] for place in self.partitions if place[1] >= size)
        return next(place for place in self.partitions if place[1] == smallest)

    def admit(self) -> list[tuple[int, Place]]:
        """Return those in the queue that get a place now."""
        admitted = []
        for program, size in list(self.line):
            if self.home(size) not in self.taken:
                self.taken.append(self.home(size))
                self.line.remove((program, size))
                admitted.append((program, self.home(size)))
        return admitted


class Buddy(Cells):
    """Free blocks are not kept at all, but read from the cells.

    A block is free if all its cells are and it is not half of a larger block of which all are.
    """

    def __init__(self, memory: int, min_block: int) -> None:
        super().__init__(FREE * memory)
        self.sizes = [min_block]
        while self.sizes[-1] < memory:
            self.sizes.append(self.sizes[-1] * 2)

    def all_free(self, base: int, size: int) -> bool:
        return size <= len(self.cells) and set(self.cells[base : base + size]) == {FREE}

    def blocks(self, size: int) -> list[Place]:
        """The free blocks of one size."""
        return [
            (base, size)
            for base in range(0, len(self.cells), size)
            if self.all_free(base, size)
            and not self.all_free(base // (2 * size) * 2 * size, 2 * size)
        ]

    def holes(self) -> list[Place]:
        return sorted(block for size in self.sizes for block in self.blocks(size))

    def allocate(self, size: int) -> Place | None:
        sufficient = [block for block in self.sizes if block >= size]
        for block in sufficient:
            if self.blocks(block):
                place = self.blocks(block)[0][0], sufficient[0]
                self.fill(place, TAKEN)
                return place
        return None
