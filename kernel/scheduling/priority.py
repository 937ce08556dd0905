"""Scheduling by fixed priorities."""

from __future__ import annotations

from typing import Literal

from kernel.process import Process
from kernel.scheduling.queues import LeastFirst


class Priority(LeastFirst):
    """The most important ready process first: the smallest number, or the largest if you say so.

    Good when importance is known beforehand. Starves the unimportant under load; equal priorities
    are served first come, first served, without a quantum.
    """

    preemptive: bool = True
    highest: Literal["small", "large"] = "small"

    def setup(self) -> None:
        super().setup()
        self.takes_cores = self.preemptive
        self._sign = 1 if self.highest == "small" else -1

    def key(self, process: Process) -> int:
        return self._sign * process.priority
