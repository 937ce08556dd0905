"""What a dispatch costs on a real machine, by its circumstances.

How long a core stands still when it is given to a process depends on what the process and the core
did before: a first dispatch touches cold code and may move the process to its processor, a process
that was away for long finds cold caches, a core that was idle has to wake. So a price is a small
table: for each kind of circumstances the times that were measured, as quantiles. `calibrate` makes
it (real/calibration.py), a real run carries the one that held for it under `machine.price`, and the
model is charged with its middle (sim/booked.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from kernel.errors import UsageError
from kernel.process import RUNNING
from timeline.book import Book
from timeline.run import REAL, Run
from timeline.stages import Stage, stages


@dataclass(frozen=True, slots=True)
class Circumstances:
    """In which a core is given to a process."""

    first: bool  # the process has never had a core
    away_ns: int  # since it last had one; 0 if it never had
    idle_ns: int  # how long nobody had had the core
    slice_ns: int  # how long the process before had it; 0: nobody had it in this run


class Dispatched(NamedTuple):
    """A core is given to a process: the beginning of a slice."""

    process: int
    core: int
    start_ns: int  # when its process was first seen to run
    circumstances: Circumstances
    dead_ns: int | None  # how long the core stood still for it; None: of a simulated run


@dataclass(frozen=True, slots=True)
class Kind:
    """What was measured of the dispatches of one kind, ns. `from_*` are the least that belongs to
    it; of several kinds to which a dispatch belongs the last in the table is meant."""

    first: bool
    from_away_ns: int
    from_idle_ns: int
    from_slice_ns: int
    count: int
    p10_ns: int
    p50_ns: int
    p90_ns: int
    p99_ns: int

    def covers(self, c: Circumstances) -> bool:
        """Does such a dispatch belong to it?"""
        return (
            self.first == c.first
            and c.away_ns >= self.from_away_ns
            and c.idle_ns >= self.from_idle_ns
            and c.slice_ns >= self.from_slice_ns
        )


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a dispatch on one machine, with so many cores in use."""

    kinds: tuple[Kind, ...]

    def middle(self, c: Circumstances) -> int:
        """ns that it takes, of as many dispatches half more and half less."""
        return self._of(c).p50_ns

    def most(self, c: Circumstances) -> int:
        """ns that 99 of 100 such dispatches do not exceed."""
        return self._of(c).p99_ns

    def _of(self, c: Circumstances) -> Kind:
        return next(kind for kind in reversed(self.kinds) if kind.covers(c))

    def to_json(self) -> dict[str, Any]:
        """Plain data, which `from_json` reads."""
        return {"kinds": [asdict(kind) for kind in self.kinds]}

    @classmethod
    def from_json(cls, written: object) -> Price:
        """From what `to_json` wrote. Raises UsageError for anything else."""
        rows = written.get("kinds") if isinstance(written, Mapping) else None
        if not isinstance(rows, list):
            raise UsageError("price: must have kinds, a list")
        try:
            kinds = tuple(Kind(**row) for row in rows)
        except TypeError:
            raise UsageError("price: a kind has other keys than it should") from None
        for kind in kinds:
            numbers = [value for name, value in asdict(kind).items() if name != "first"]
            if type(kind.first) is not bool or any(
                type(value) is not int or value < 0 for value in numbers
            ):
                raise UsageError("price: a kind must have whole numbers of 0 or more")
        for first in (False, True):
            if not any(kind.covers(Circumstances(first, 0, 0, 0)) for kind in kinds):
                raise UsageError("price: not every dispatch has a kind")
        return cls(kinds)


def price_of(run: Run) -> Price | None:
    """The price that held when a real run was made, if its record has one."""
    written = run.machine.get("price")
    return Price.from_json(written) if run.backend == REAL and written is not None else None


def dispatched(book: Book) -> list[Dispatched]:
    """Every dispatch of a run in the order of time, with its circumstances.

    The dead time of a real one is from when its process was ready, the core was free, and the
    dispatcher could decide, to when the process saw itself run.
    """
    decided = {(row.core, row.end_ns): row.start_ns for row in book.run.overheads}
    found: list[Dispatched] = []
    for life in stages(book):
        left: int | None = None  # when it last left a core
        for stage in life:
            if stage.state == RUNNING:
                found.append(_dispatched(stage, left, book, decided))
                left = stage.end
    return sorted(found, key=lambda each: (each.start_ns, each.core))


def _dispatched(
    stage: Stage, before: int | None, book: Book, decided: Mapping[tuple[int, int], int]
) -> Dispatched:
    arrived = book.run.processes[stage.process].arrival_ns
    ready = arrived if stage.before is None else stage.before.end
    free = 0 if stage.waited_for is None else stage.waited_for.end
    due = max(ready, free)
    since = max(due, decided.get((stage.core, stage.start), due))
    dead = max(0, stage.start - since) if book.run.backend == REAL else None
    length = 0 if stage.waited_for is None else stage.waited_for.end - stage.waited_for.start
    circumstances = Circumstances(
        before is None,
        0 if before is None else max(0, due - before),
        max(0, ready - free),
        length,
    )
    return Dispatched(stage.process, stage.core, stage.start, circumstances, dead)


def quantiles(times: Iterable[int]) -> tuple[int, int, int, int]:
    """The 10 %, 50 %, 90 % and 99 % quantiles of some times, ns; 0 of none."""
    ordered = sorted(times)
    if not ordered:
        return 0, 0, 0, 0
    last = len(ordered) - 1
    p10, p50, p90, p99 = (ordered[min(last, len(ordered) * at // 100)] for at in (10, 50, 90, 99))
    return p10, p50, p90, p99
