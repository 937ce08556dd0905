"""What a machine has seen happen at one instant, for the system to take in the promised order."""

from __future__ import annotations

from typing import Any

from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process

Timer = tuple[Process, Any] | None
"""A timer of a process and what it is for; None: a review is due, or a move is over."""


class InstantFacts:
    """The lists that a machine fills at an instant, and that `System.settle` empties.

    A machine may keep the lists: they are emptied in place, and never replaced.
    """

    __slots__ = (
        "arrived",
        "completed",
        "copied",
        "ended",
        "expired",
        "released",
        "timers",
        "transferred",
    )

    def __init__(self) -> None:
        self.ended: list[int] = []  # cores whose burst has ended
        self.completed: list[Process] = []  # whose I/O is over, in the order it was started
        self.transferred: list[tuple[Transfer, int]] = []  # which are over, and on which device
        self.timers: list[Timer] = []  # that are due
        self.copied = False  # the partition being moved has been copied; a timer is due, too
        self.released: list[Process] = []  # whose next job is due, in file order
        self.arrived: list[Process] = []  # in file order
        self.expired: list[int] = []  # cores whose slice is over before the burst
