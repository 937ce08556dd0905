"""Round robin."""

from __future__ import annotations

from kernel.process import Process
from kernel.scheduling.fcfs import FirstComeFirstServed
from kernel.units import Duration, ms


class RoundRobin(FirstComeFirstServed):
    """Every ready process in turn, each for at most one quantum.

    Good for interactive use: nobody waits longer than (ready processes - 1) quanta. Fails on
    turnaround when bursts are alike (all end late together), and pays a switch per quantum.
    """

    quantum: Duration = ms(20)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        return (self.queue.popleft(), self.quantum) if self.queue else None
