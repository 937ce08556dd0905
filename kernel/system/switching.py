"""The time that giving a core to a process takes: dispatch, switch and migration."""

from __future__ import annotations

from collections.abc import Callable

from kernel.hardware import Costs
from kernel.process.control_block import Process

Spent = Callable[[int, int, int, str], None]
"""Takes a core, a start, an end (ns), and what it was busy with: see `Processors.spent`."""


class Switching:
    """Charges dispatches on a machine on which each costs the same.

    A process to which a core is being switched is not preempted before it runs.
    """

    def __init__(self, costs: Costs, cores: int, spent: Spent) -> None:
        self._costs, self._spent = costs, spent
        self._ran_last: list[Process | None] = [None] * cores
        self._left_at = [0] * cores  # ns, when a process last left each core
        self.over_at: int | None = None  # ns, when the next core is switched

    def leave(self, core: int, now: int) -> None:
        """Note that a process leaves `core`. If another one follows there, that is charged."""
        self._left_at[core] = now

    def pay(self, process: Process, core: int, now: int) -> int:
        """Charge `core` for the dispatch of `process`. Return the ns until the process runs."""
        last, moved = self._ran_last[core], process.last_core not in (-1, core)
        self._ran_last[core], process.last_core = process, core
        costs, switched = self._costs, last not in (None, process)
        at = now
        if switched and costs.leaving:  # it is over, or goes on, while the core could be idle
            left = self._left_at[core]
            self._spent(core, left, left + costs.leaving, "leave")
            at = max(now, left + costs.leaving)
        for why, cost in (
            ("dispatch", costs.dispatch),
            ("switch", (costs.switch - costs.leaving) * switched),
            ("migration", costs.migration * moved),
        ):
            if cost:
                self._spent(core, at, at + cost, why)
                at += cost
        return at - now

    def done(self, running: list[Process], now: int) -> list[Process]:
        """Return the processes whose cores are switched; note when the next switch is over."""
        later = [process.charged_at for process in running if process.charged_at > now]
        if later:
            self.over_at = min(later)
        return [process for process in running if process.charged_at <= now]
