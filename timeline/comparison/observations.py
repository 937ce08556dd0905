"""What processes observed and printed, compared with what was expected or with another run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from timeline.record.run import Expectation, Observation, Run
from translation import recorded

PRINTS = "prints"
"""The name of an observation that is a printed line."""
RAW = "psutil"
"""The beginning of the names of values from psutil. They are recorded, but not compared."""


def compared(run: Run) -> list[Observation]:
    """Return the observations that must be the same on both machines, in order."""
    return [row for row in run.observations if not row.name.startswith(RAW)]


def observed(wanted: Sequence[tuple[str, str, Any]], run: Run) -> Iterator[Expectation]:
    """Yield a line for each wanted (process, name, value).

    It is compared with the next observation of that process and name. If the values are mappings,
    only the keys of the wanted value are compared.
    """
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in run.observations:
        found[row.process, row.name].append(row.value)
    for process, name, value in wanted:
        values = found[process, name]
        what = f"{process}: {name}"
        if not values:
            yield Expectation(what, words(value), recorded("never"), False)
            continue
        got = values.pop(0)
        if isinstance(value, Mapping) and isinstance(got, Mapping):
            got = {key: got.get(key) for key in value}
        yield Expectation(what, words(value), words(got), got == value)


class ObservationPair(NamedTuple):
    """One observation of a process in two runs; None: it is not in that run."""

    process: str
    name: str
    first: str | None
    second: str | None
    first_at: int = 0  # ns; if it is not in the first run, its time in the second
    second_at: int = 0  # ns; if it is not in the second run, its time in the first

    @property
    def equal(self) -> bool:
        """Whether the observation is the same in both runs."""
        return self.first == self.second


def side_by_side(first: Run, second: Run) -> list[ObservationPair]:
    """Return the observations of both runs in pairs: the k-th of a process and name in each."""
    rows: dict[tuple[str, str, int], list[Observation | None]] = {}
    for side, run in enumerate((first, second)):
        counts: dict[tuple[str, str], int] = defaultdict(int)
        for row in compared(run):
            key = row.process, row.name, counts[row.process, row.name]
            counts[row.process, row.name] += 1
            rows.setdefault(key, [None, None])[side] = row
    return [_pair(*key[:2], *pair) for key, pair in rows.items()]


def _pair(
    process: str, name: str, mine: Observation | None, yours: Observation | None
) -> ObservationPair:
    there = [row for row in (mine, yours) if row is not None]
    first, second = (None if row is None else words(row.value) for row in (mine, yours))
    return ObservationPair(process, name, first, second, there[0].at_ns, there[-1].at_ns)


def words(value: Any) -> str:
    """Return an observed value in one line, as Python writes it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each)}" for key, each in value.items())
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
