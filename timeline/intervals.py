"""The intervals of a run: one row each time a process was in one state, in columns.

The engine appends plain values to one flat list, which is the cheapest thing Python can do; every
`CHUNK` rows they are packed into typed arrays of some 30 bytes a row.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

CHUNK = 32_768  # rows kept loose before they are packed
WIDTH = 7  # values a row

WHYS = (
    "admitted",  # new → ready: a partition was found
    "dispatched",  # ready → running
    "blocked",  # running → blocked
    "expired",  # running → ready: its quantum was up
    "preempted",  # running → ready: a better one came
    "interrupted",  # running → ready: somebody outside the scenario took its core (real only)
    "resumed",  # ready → running: and gave it back (real only)
    "yielded",  # running → ready
    "woke",  # blocked → ready
    "ended",  # the program's last step is done
    "killed",  # a signal ended it
    "stopped",  # the run was stopped first
    "continued",  # blocked → blocked: the next wait follows without a core
)
"""Why an interval ended: the words of the `why` column."""
_WHY_CODE = {why: code for code, why in enumerate(WHYS)}

NO_CORE = -1
NO_DEVICE = -1


class Interval(NamedTuple):
    """One row. `process` and `device` are indices into the run's names; -1: none."""

    process: int
    state: int  # kernel.process.State
    start: int  # ns
    end: int  # ns
    core: int
    device: int
    why: str  # why it ended


class Intervals:
    """Append-only columns of intervals, in the order in which they ended."""

    __slots__ = ("_loose", "core", "device", "end", "process", "start", "state", "why")

    def __init__(self) -> None:
        self.process = array("i")
        self.state = array("b")
        self.start = array("q")
        self.end = array("q")
        self.core = array("h")
        self.device = array("h")
        self.why = array("b")
        self._loose: list[int | str] = []

    def sink(self) -> Callable[[Sequence[int | str]], None]:
        """A function that takes one row (process, state, start, end, core, device, why).

        Whoever uses it calls `pack` now and then, and once at the end.
        """
        return self._loose.extend

    def pack(self, force: bool = False) -> None:
        """Move loose rows into the columns when there are enough of them, or all if `force`."""
        loose = self._loose
        if not force and len(loose) < CHUNK * WIDTH:
            return
        code = _WHY_CODE
        self.process.extend(array("i", loose[0::WIDTH]))  # type: ignore[arg-type]
        self.state.extend(array("b", loose[1::WIDTH]))  # type: ignore[arg-type]
        self.start.extend(array("q", loose[2::WIDTH]))  # type: ignore[arg-type]
        self.end.extend(array("q", loose[3::WIDTH]))  # type: ignore[arg-type]
        self.core.extend(array("h", loose[4::WIDTH]))  # type: ignore[arg-type]
        self.device.extend(array("h", loose[5::WIDTH]))  # type: ignore[arg-type]
        self.why.extend(array("b", [code[why] for why in loose[6::WIDTH]]))  # type: ignore[index]
        loose.clear()

    def add(self, row: Iterable[int | str]) -> None:
        """Append one row, for those who are in no hurry."""
        self._loose.extend(row)
        self.pack()

    def __len__(self) -> int:
        return len(self.process) + len(self._loose) // WIDTH

    def __iter__(self) -> Iterator[Interval]:
        self.pack(force=True)
        for process, state, start, end, core, device, why in zip(
            self.process,
            self.state,
            self.start,
            self.end,
            self.core,
            self.device,
            self.why,
            strict=True,
        ):
            yield Interval(process, state, start, end, core, device, WHYS[why])
