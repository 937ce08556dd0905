"""How many jobs a periodic process has: the written number, or all jobs of one hyperperiod.

The hyperperiod is the least common multiple of all periods. If all processes arrive together, the
schedule repeats after it, so a longer run would show nothing new.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress

from kernel.units import LARGEST
from language.schema.context import CheckContext
from language.schema.quantities import time
from language.source.tree import Node
from translation import tr

MOST_JOBS = 10_000  # jobs of one process, if their number is not written
_FAR = MOST_JOBS * LARGEST  # ns in which every periodic process has at least MOST_JOBS jobs


def hyperperiod(periods: Iterable[int]) -> int:
    """Return the least common multiple of the periods, ns. A result above `_FAR` is not exact."""
    so_far = 1
    for period in set(periods):
        so_far = math.lcm(so_far, period)
        if so_far > _FAR:
            break
    return so_far


def written_periods(root: Node, context: CheckContext) -> list[int]:
    """Return the periods in a scenario that is not checked yet, ns. Wrong ones are left out."""
    processes, read = root.child("processes"), time(1, "above 0")
    found = []
    for process in processes.value if processes and isinstance(processes.value, list) else []:
        period = process.child("period")
        if period is not None:
            with suppress(ValueError):  # the check of the period reports it
                found.append(read.convert(period.plain(), context))
    return found


def jobs_of(jobs: int | None, period: int | None, hyper: int) -> int:
    """Return how many jobs a process has. Raises ValueError if their number must be written."""
    if period is None:
        return 1
    if jobs is None and hyper // period > MOST_JOBS:
        raise ValueError(
            tr(
                "must have jobs, like jobs: 20; the hyperperiod of all periodic processes "
                "has more than {most:,} of its jobs",
                most=MOST_JOBS,
            )
        )
    return jobs or hyper // period
