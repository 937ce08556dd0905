"""The process that runs next is drawn: each is equally likely, or they hold tickets."""

from __future__ import annotations

from kernel.process.control_block import Process
from kernel.scheduling.policies.tickets import TicketTree
from kernel.scheduling.policy import Policy
from kernel.units import Duration, ms
from translation import mark


class Random(Policy):
    """A ready process is drawn, each with the same probability.

    Good as the measure of what order is worth: a policy that is no better does not help. Fails a
    bit in every measure, but is unfair to no process in the long run; a draw costs O(ready
    processes).
    """

    rule = mark("the process that is drawn; all are equally likely")
    tie_rule = mark("there are no ties: the process is drawn")
    quantum: Duration | None = None

    def setup(self) -> None:
        self.waiting: list[Process] = []

    def ready(self, process: Process, why: str) -> None:
        self.waiting.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        if self.has_pinned:
            return self._pick_for(core)
        if not self.waiting:
            return None
        return self.waiting.pop(int(self.random.random() * len(self.waiting))), self.quantum

    def _pick_for(self, core: int) -> tuple[Process, int | None] | None:
        able = [process for process in self.waiting if process.may_use(core)]
        if not able:
            return None
        drawn = able[int(self.random.random() * len(able))]
        self.waiting.remove(drawn)
        return drawn, self.quantum

    def removed(self, process: Process) -> None:
        self.waiting.remove(process)


class Lottery(Policy):
    """Each slice is drawn among the ready processes, by their tickets.

    Good for shares that are easy to state, and no process starves. Fails over short times, in which
    luck decides; and among very many processes the winner is seldom in the cache. Waldspurger and
    Weihl, Lottery Scheduling, OSDI 1994.
    """

    rule = mark("the process that is drawn by tickets")
    tie_rule = mark("there are no ties: the process is drawn; tickets are counted in file order")
    quantum: Duration = ms(10)

    def setup(self) -> None:
        self.tree = TicketTree()

    def ready(self, process: Process, why: str) -> None:
        self.tree.add(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        tree = self.tree if not self.has_pinned else self._tickets_for(core)
        if not tree.total:
            return None
        winner = tree.holder(int(self.random.random() * tree.total))
        self.tree.remove(winner)
        return winner, self.quantum

    def _tickets_for(self, core: int) -> TicketTree:
        """Return the tickets of the ready processes that may use `core`."""
        able = TicketTree()
        for process in self.tree.holders():
            if process.may_use(core):
                able.add(process)
        return able

    def removed(self, process: Process) -> None:
        self.tree.remove(process)

    def keys(self, process: Process) -> dict[str, int]:
        return {"tickets": process.tickets}
