"""Real-time policies: they order by periods or deadlines, and all of them preempt."""

from __future__ import annotations

from typing import Literal

from kernel.process.control_block import Process
from kernel.scheduling.ready_queue import LeastFirst
from kernel.units import Duration, ms
from translation import mark

NEVER = 1 << 62  # ns, the deadline of a process without one: later than all others


class RateMonotonic(LeastFirst):
    """The shortest period first.

    Good because it is fixed and simple, and no fixed order is better if deadlines are periods.
    Fails from a utilisation of about 0.69 on, where not every set fits. Liu and Layland, 1973.
    """

    rule = mark("the shortest period")
    takes_cores = True
    requeue: Literal["behind", "keeps-place"] = "behind"
    conventions = ("requeue",)

    def key(self, process: Process) -> int:
        """Return the period. A process with only a deadline comes after all that have a period."""
        without = NEVER - (process.deadline is not None)
        return process.period or without

    def keys(self, process: Process) -> dict[str, int | None]:
        return {"period_ns": process.period}


class DeadlineMonotonic(LeastFirst):
    """The shortest relative deadline first.

    Good where deadlines are shorter than periods: no fixed order is better then. Fails like rate
    monotonic where the processor is nearly full. Leung and Whitehead, 1982.
    """

    rule = mark("the shortest relative deadline")
    takes_cores = True
    requeue: Literal["behind", "keeps-place"] = "behind"
    conventions = ("requeue",)

    def key(self, process: Process) -> int:
        return process.relative_deadline or NEVER

    def keys(self, process: Process) -> dict[str, int | None]:
        return {"relative_deadline_ns": process.relative_deadline}


class EarliestDeadlineFirst(LeastFirst):
    """The earliest deadline first.

    Good up to a full processor: on one core, if any policy meets all deadlines, this one does.
    Fails under overload, where one late job makes the next ones late. Liu and Layland, 1973.
    """

    rule = mark("the earliest deadline")
    takes_cores = True
    requeue: Literal["behind", "keeps-place"] = "behind"
    conventions = ("requeue",)

    def key(self, process: Process) -> int:
        return NEVER if process.deadline is None else process.deadline

    def keys(self, process: Process) -> dict[str, int | None]:
        return {"deadline_ns": process.deadline}


class LeastLaxityFirst(EarliestDeadlineFirst):
    """The least time to spare first: time to the deadline less what is still to run.

    Good up to a full processor, and tells early that a deadline cannot be met. Fails by switching
    at each tick between jobs of equal laxity. Mok, 1983.
    """

    rule = mark("the least laxity")
    tick: Duration = ms(1)

    def setup(self) -> None:
        super().setup()
        self._began: dict[Process, int] = {}  # laxity while it runs, ns: constant

    def key(self, process: Process) -> int:
        """Return the latest time to begin: constant while it waits, later while it runs."""
        return NEVER if process.deadline is None else process.deadline - process.left

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        pick = super().pick(core)
        if pick is not None:
            self._began[pick[0]] = self.key(pick[0]) - self.now
        return pick

    def ran(self, process: Process, duration: int, why: str) -> None:
        del self._began[process]

    def next_review(self) -> int | None:
        """Return the first tick at which a ready process has less laxity than a running one."""
        best = self.least()
        if best is None or best.deadline is None or not self._began:
            return None
        overtaken = self.key(best) - max(self._began.values())
        return (max(self.now, overtaken) // self.tick + 1) * self.tick

    def keys(self, process: Process) -> dict[str, int | None]:
        late = process.deadline is None
        return {"laxity_ns": None if late else self.key(process) - self.now}
