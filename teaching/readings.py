"""How numbers are read out of a record: as they are defined, or as a student mistakes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from timeline.record.metrics import Mean
from timeline.record.run import ProcessRow, Run
from timeline.record.usage import Usage, usage_of

TimeOf = Callable[[ProcessRow], int | None]
"""A function that reads a time (ns) of a process."""
UsageOf = Callable[[Run], Mapping[str, Usage]]


@dataclass(frozen=True)
class Reading:
    """How a student reads a record. What is not named is read as it is defined."""

    times: Mapping[str, TimeOf] = field(default_factory=dict)
    usage: UsageOf = usage_of
    exitcode: Callable[[int], int] = lambda code: code
    observed: Callable[[str, Any], Any] = lambda _key, value: value  # one entry of what is observed
    mean_of: Callable[[list[int]], int | None] | None = None

    def time(self, key: str, row: ProcessRow) -> int | None:
        """Return a time of a process: completion, turnaround, waiting, response or first_run."""
        read = self.times.get(key)
        if read is not None:
            return read(row)
        found: int | None = getattr(row, f"{key}_ns")
        return found

    def mean(self, key: str, run: Run) -> int | None:
        """Return the mean of a time over the processes that have it, rounded half up to ns."""
        found = [self.time(key, row) for row in run.processes]
        values = [value for value in found if value is not None]
        if self.mean_of is not None:
            return self.mean_of(values)
        mean = Mean()
        for value in values:
            mean.add(value)
        return mean.rounded


AS_DEFINED = Reading()
