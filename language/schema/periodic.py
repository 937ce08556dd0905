"""How many jobs a periodic process has: as many as are written, or one hyperperiod of them.

After a hyperperiod, the least common multiple of all periods, everything repeats: no longer run
shows anything new of processes that first arrive together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress

from kernel.units import LARGEST
from language.schema.context import CheckContext
from language.schema.quantities import time
from language.source.tree import Node

MOST_JOBS = 10_000  # of one process, unless they are written
_FAR = MOST_JOBS * LARGEST  # ns: every period has more jobs than that before it


def hyperperiod(periods: Iterable[int]) -> int:
    """The least common multiple of the periods, ns; beyond any use it is not worked out further."""
    so_far = 1
    for period in set(periods):
        so_far = math.lcm(so_far, period)
        if so_far > _FAR:
            break
    return so_far


def written_periods(root: Node, context: CheckContext) -> list[int]:
    """The periods of a scenario that is not checked yet, ns: those that can be read."""
    processes, read = root.child("processes"), time(1, "above 0")
    found = []
    for process in processes.value if processes and isinstance(processes.value, list) else []:
        period = process.child("period")
        if period is not None:
            with suppress(ValueError):  # told where it is checked
                found.append(read.convert(period.plain(), context))
    return found


def jobs_of(jobs: int | None, period: int | None, hyper: int) -> int:
    """How many jobs. Raises ValueError where they should be written."""
    if period is None:
        return 1
    if jobs is None and hyper // period > MOST_JOBS:
        raise ValueError(
            "must have jobs, like jobs: 20; the hyperperiod of all periodic processes "
            f"has more than {MOST_JOBS:,} of its jobs"
        )
    return jobs or hyper // period
