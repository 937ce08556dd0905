"""All that happened at one instant, as a machine saw it. The system settles it in order."""

from __future__ import annotations

from typing import Any

from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process

Timer = tuple[Process, Any] | None
"""A timer: a process and its purpose; None: a review is due, or a move in memory is over."""


class InstantFacts:
    """The lists that a machine fills at an instant, and that `System.settle` empties.

    A machine may keep references to the lists: they are emptied in place, and never replaced.
    """

    __slots__ = (
        "arrived",
        "completed",
        "copied",
        "ended",
        "expired",
        "overdue",
        "released",
        "timers",
        "transferred",
    )

    def __init__(self) -> None:
        self.ended: list[int] = []  # cores whose burst has ended
        self.completed: list[Process] = []  # whose I/O is over, in the order in which it began
        self.transferred: list[tuple[Transfer, int]] = []  # that are over, with their devices
        self.timers: list[Timer] = []  # timers that are due
        self.copied = False  # the move in memory is over; None is in `timers`, too
        self.overdue: list[tuple[Process, int]] = []  # and the job whose deadline has come
        self.released: list[Process] = []  # whose next job is due, in file order
        self.arrived: list[Process] = []  # in file order
        self.expired: list[int] = []  # cores whose slice is over before the burst
