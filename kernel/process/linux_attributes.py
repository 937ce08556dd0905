"""What a process tells Linux of itself, beside `nice`: its class and that class's parameters."""

from __future__ import annotations

from dataclasses import dataclass

CLASSES = ("other", "batch", "idle", "fifo", "rr", "deadline")
FAIR = frozenset(("other", "batch", "idle"))
LEAST_SLICE, MOST_SLICE = 100_000, 100_000_000  # ns, of a custom fair slice (sched_setattr)


@dataclass(frozen=True, slots=True)
class Attributes:
    """As in sched_setattr(2). Times in ns; None: the kernel's own."""

    kind: str = "other"  # one of CLASSES
    rt_priority: int = 0  # of fifo and rr: 1 to 99, the larger the more important
    slice: int | None = None  # of the fair classes
    runtime: int | None = None  # of deadline: so much in each period


ORDINARY = Attributes()
"""The attributes of a process that sets none."""
