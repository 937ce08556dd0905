"""The intervals of a run, in columns: a row for each stretch of time of a process in one state.

The engine appends integers to one flat list, which is the cheapest operation that Python has. They
are packed into 64 bits each (32 bytes for a row) while they are still in the processor's cache. The
columns are made when a column is asked for: from these integers, and from the meaning of each tag.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from kernel.process.states import WHYS, tag, untag

CHUNK = 1024  # rows kept loose before they are packed

NO_CORE = -1
NO_DEVICE = -1


class Interval(NamedTuple):
    """One row. `process` and `device` are indices into the run's names; -1 means none."""

    process: int
    state: int  # kernel.process.State
    start: int  # ns
    end: int  # ns
    core: int
    device: int
    why: str  # why it ended


WIDTH = 4  # integers in a row: process, start, end, and a tag for state, core, device and why


class Intervals:
    """Append-only rows of intervals, in the order in which they ended.

    The columns (`process`, `state`, …) are arrays of equal length; `why` holds indices into WHYS.
    """

    __slots__ = ("_columns", "_loose", "_packed")

    def __init__(self) -> None:
        self._loose: list[int] = []  # row after row
        self._packed = array("q")  # the same, of the rows before
        self._columns = _empty()  # all earlier rows

    def sink(self) -> Callable[[Sequence[int]], None]:
        """Return a function that appends a row (process, start, end, tag), or several at once.

        The tag is that of kernel.process.states.tag. The caller must call `pack` now and then.
        """
        return self._loose.extend

    def pack(self) -> None:
        """Pack the loose rows if there are at least CHUNK of them."""
        if len(self._loose) >= CHUNK * WIDTH:
            self._pack()

    def add(self, row: Interval | tuple[int, int, int, int, int, int, str]) -> None:
        """Append one row. The function that `sink` returns is faster."""
        process, state, start, end, core, device, why = row
        self._loose.extend((process, start, end, tag(state, why, core, device)))
        self.pack()

    def extend(self, columns: Sequence[Iterable[int]]) -> None:
        """Append whole columns, in the order of `Interval`'s fields.

        Raises ValueError if their lengths differ.
        """
        process, state, start, end, core, device, why = columns
        self._append((process, start, end, state, core, device, why))

    def _append(self, columns: Iterable[Iterable[int]]) -> None:
        mine = self._all()
        added = [array(old.typecode, new) for old, new in zip(mine, columns, strict=True)]
        if len({len(column) for column in added}) > 1:
            raise ValueError(f"columns of different lengths: {[len(column) for column in added]}")
        for column, more in zip(mine, added, strict=True):
            column.extend(more)

    def columns(self) -> list[array[int]]:
        """Return all rows, as columns in the order of `Interval`'s fields."""
        process, start, end, state, *rest = self._all()
        return [process, state, start, end, *rest]

    def take(self) -> list[array[int]]:
        """Return the columns, and forget them."""
        taken, self._columns = self.columns(), _empty()
        return taken

    def _pack(self) -> None:
        # twice as fast as array("q", self._loose)
        self._packed.frombytes(struct.pack(f"{len(self._loose)}q", *self._loose))
        self._loose.clear()

    def _all(self) -> list[array[int]]:
        """Return the columns after moving all rows into them."""
        if self._loose:
            self._pack()
        if self._packed:
            *rows, tags = (self._packed[place::WIDTH] for place in range(WIDTH))
            self._packed = array("q")
            meanings = {each: untag(each) for each in set(tags)}  # few tags, however many rows
            columns: list[Iterable[int]] = [*rows]
            for part in range(4):
                of_tag = {each: meaning[part] for each, meaning in meanings.items()}
                columns.append(map(of_tag.__getitem__, tags))
            if self._columns[0]:
                self._append(columns)
            else:  # the usual case: start and end need no conversion
                kinds = [column.typecode for column in self._columns]
                self._columns = [_as(kind, new) for kind, new in zip(kinds, columns, strict=True)]
        return self._columns

    @property
    def process(self) -> array[int]:
        """Index of the process."""
        return self._all()[0]

    @property
    def state(self) -> array[int]:
        """The state: a value of kernel.process.states.State."""
        return self._all()[3]

    @property
    def start(self) -> array[int]:
        """When the interval began, ns."""
        return self._all()[1]

    @property
    def end(self) -> array[int]:
        """When the interval ended, ns."""
        return self._all()[2]

    @property
    def core(self) -> array[int]:
        """The core of a running interval; NO_CORE in other states."""
        return self._all()[4]

    @property
    def device(self) -> array[int]:
        """Index of the device at which the process was blocked; NO_DEVICE if there is none."""
        return self._all()[5]

    @property
    def why(self) -> array[int]:
        """Why the interval ended: an index into WHYS."""
        return self._all()[6]

    def __len__(self) -> int:
        return len(self._columns[0]) + (len(self._packed) + len(self._loose)) // WIDTH

    def __iter__(self) -> Iterator[Interval]:
        for process, start, end, state, core, device, why in zip(*self._all(), strict=True):
            yield Interval(process, state, start, end, core, device, WHYS[why])


def _empty() -> list[array[int]]:
    return [array(kind) for kind in "iqqbhhb"]


def _as(kind: str, column: Iterable[int]) -> array[int]:
    """Return `column` as an array of this typecode; `column` itself if it is one already."""
    if isinstance(column, array) and column.typecode == kind:
        return column
    return array(kind, column)
