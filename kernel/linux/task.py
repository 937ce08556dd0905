"""What the classes know of a process: its `account` while Linux schedules it."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING, Any

from kernel.linux.entity import Entity
from kernel.process.linux_attributes import FAIR
from kernel.scheduling.policies.proportional_share import WEIGHTS

if TYPE_CHECKING:
    from kernel.process.control_block import Process

IDLE_WEIGHT = 3
"""The weight of `class: idle`, whatever its nice (kernel/sched/sched.h, WEIGHT_IDLEPRIO)."""
UNIT = lcm(*WEIGHTS, IDLE_WEIGHT)
"""What one ns of CPU adds to virtual time at weight 1. All weights divide it: nothing is rounded.

Virtual times here are whole numbers of 1/UNIT ns x weight; the kernel's are ns at weight 1024.
"""


class Task(Entity):
    """One process in the classes. Times in ns, virtual times in 1/UNIT."""

    __slots__ = (
        "budget",
        "eligible_again",
        "group",
        "priority",
        "process",
        "queue",
        "runtime",
        "seen",
        "ticks",
        "turn",
    )

    def __init__(self, process: Process, base_slice: int, rr_ticks: int) -> None:
        asked = process.linux
        weight = IDLE_WEIGHT if asked.kind == "idle" else WEIGHTS[process.nice + 20]
        super().__init__(asked.kind, weight, UNIT // weight, asked.slice or base_slice)
        self.process = process
        self.seen = 0  # CPU time of the process up to which it has been charged

        # fair
        self.group = asked.group
        self.turn = 0  # under CFS: of equal virtual runtimes the least is ahead
        self.queue: Any = None  # under CFS: the queue it is in, also while it runs

        # real time and deadline
        self.priority = asked.rt_priority
        self.ticks = rr_ticks  # that are left of its slice
        self.runtime = asked.runtime or 0
        self.budget = 0  # ns that are left of its runtime
        self.eligible_again: int | None = None  # ns, while throttled: when its budget is filled

    @property
    def fair(self) -> bool:
        """Return whether it is of one of the fair classes."""
        return self.kind in FAIR

    def __repr__(self) -> str:
        return f"<Task {self.process.name}>"
