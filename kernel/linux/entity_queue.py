"""A fair queue in which the slice and the weight of what is queued may change: groups have such."""

from __future__ import annotations

from kernel.linux.eevdf import Eevdf
from kernel.linux.waiting import E


class EntityQueue(Eevdf[E]):
    """The fair queue of one core, or of a group on it."""

    def ask(self, task: E, length: int) -> None:
        """Let a queued task ask for slices of `length` ns from now on; its deadline stays."""
        if self.current is task:
            task.slice = length
        else:
            self._others.ask(task, length)

    def reweigh(self, task: E, weight: int, pace: int) -> None:
        """Give a queued task another weight: its lag, and what is left of its request, stay in ns.

        After `reweight_entity` in kernel/sched/fair.c.
        """
        running = self.current is task
        lag, left, before = self.lag(task), task.deadline - task.v, task.weight
        self._floor = self.average
        if running:
            self.current = None
        else:
            self._others.remove(task)
        task.lag, task.relative = lag * before // weight, left * before // weight
        held = (task.protected - task.v) * before // weight
        task.weight, task.pace = weight, pace
        self._place(task)
        task.protected = task.v + held
        if running:
            self._others.remove(task)
            self.current = task
