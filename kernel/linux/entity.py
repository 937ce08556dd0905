"""What waits in a fair queue: a task, or a group of them with a queue of its own."""

from __future__ import annotations

from typing import Any


class Entity:
    """What EEVDF knows of a task or a group. Times in ns, virtual times in 1/UNIT."""

    __slots__ = (
        "deadline",
        "delayed",
        "idle",
        "kind",
        "lag",
        "pace",
        "place",
        "protected",
        "relative",
        "slice",
        "v",
        "weight",
    )

    def __init__(self, kind: str, weight: int, pace: int, length: int) -> None:
        self.kind = kind
        self.idle = kind == "idle"  # it runs only where others of the fair classes do not
        self.weight = weight
        self.pace = pace  # virtual time for each ns
        self.slice = length
        self.v = 0
        self.deadline = 0  # virtual; of class deadline: a time, ns
        self.protected = 0  # virtual: while v is below, no earlier deadline preempts
        self.lag = 0  # virtual: V - v when it left the queue
        self.relative: int | None = None  # while it moves: deadline - v (EEVDF), v - floor (CFS)
        self.delayed = False  # it is blocked, but stays queued until it is not ahead of V
        self.place: Any = None  # its entry in the queue of waiting entities under EEVDF
