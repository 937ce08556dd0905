"""The scheduling attributes of a process under Linux beside `nice`: class and parameters."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("other", "batch", "idle", "fifo", "rr", "deadline")
FAIR = frozenset(("other", "batch", "idle"))
LEAST_SLICE, MOST_SLICE = 100_000, 100_000_000  # ns, of a custom fair slice (sched_setattr)


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of sched_setattr(2). Times in ns; None: the kernel's default."""

    kind: str = "other"  # one of CLASSES
    rt_priority: int = 0  # of fifo and rr: 1 to 99, the larger the more important
    slice: int | None = None  # of the fair classes
    runtime: int | None = None  # of deadline: ns in each period


ORDINARY = Attributes()
"""The attributes of a process that sets none."""
