"""The time that a core needs to be given to a process: dispatch, switch and migration."""

from __future__ import annotations

from collections.abc import Callable

from kernel.hardware import Costs
from kernel.process.control_block import Process

Spent = Callable[[int, int, int, str], None]
"""Takes a core, and from when to when (ns) it is busy with what: see `Processors.spent`."""


class Switching:
    """What each dispatch costs on a machine whose costs are the same each time.

    A core that is being switched to a process is not contested before the process runs.
    """

    def __init__(self, costs: Costs, cores: int, spent: Spent) -> None:
        self._costs, self._spent = costs, spent
        self._ran_last: list[Process | None] = [None] * cores
        self.over_at: int | None = None  # ns, when a core that was being switched is done

    def pay(self, process: Process, core: int, now: int) -> int:
        """Charge `core` with being given to `process`. Return the ns before it runs."""
        last, moved = self._ran_last[core], process.last_core not in (-1, core)
        self._ran_last[core], process.last_core = process, core
        at = now
        for why, cost in (
            ("dispatch", self._costs.dispatch),
            ("switch", self._costs.switch * (last not in (None, process))),
            ("migration", self._costs.migration * moved),
        ):
            if cost:
                self._spent(core, at, at + cost, why)
                at += cost
        return at - now

    def done(self, running: list[Process], now: int) -> list[Process]:
        """Return those whose cores have been switched to them; note when the next one is done."""
        later = [process.charged_at for process in running if process.charged_at > now]
        if later:
            self.over_at = min(later)
        return [process for process in running if process.charged_at <= now]
