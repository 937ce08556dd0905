"""Time slicing: round robin, and a variant that favours processes that wait for I/O."""

from __future__ import annotations

from collections import deque

from kernel.process.control_block import Process
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from kernel.units import Duration, ms
from translation import mark


class RoundRobin(FirstComeFirstServed):
    """Every ready process runs in turn, for at most one quantum.

    Good for interactive use: no process waits longer than (ready processes - 1) quanta. Fails on
    turnaround when bursts are alike (all end late together), and pays a switch per quantum.
    """

    quantum: Duration = ms(20)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        queue = self.queue
        if not queue:
            return None
        if self.has_pinned:
            process = self.take(core, queue)
            return None if process is None else (process, self.quantum)
        return queue.popleft(), self.quantum


class VirtualRoundRobin(RoundRobin):
    """Round robin, but a process that comes back from I/O goes first, for the rest of its quantum.

    Good where some processes wait for I/O and others compute: plain round robin favours the
    latter, which use whole quanta. Fails like round robin where no process waits for I/O.
    Stallings, Operating Systems, ch. 9.
    """

    rule = mark(
        "the process that came back from I/O first; if there is none, the process "
        "that has been ready longest"
    )

    def setup(self) -> None:
        super().setup()
        self.returned: deque[Process] = deque()

    def _is_returning(self, process: Process, why: str) -> bool:
        """Return whether it joins the auxiliary queue: it comes back with a part of its quantum.

        `account` is the rest of its quantum, ns. A whole quantum: it is of the main queue.
        """
        rest = process.account
        return why in ("woke", "migrated") and rest is not None and 0 < rest < self.quantum

    def ready(self, process: Process, why: str) -> None:
        if self._is_returning(process, why):
            self.returned.append(process)
        else:
            process.account = self.quantum
            self.queue.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        process = self.take(core, self.returned) or self.take(core, self.queue)
        return None if process is None else (process, process.account)

    def ran(self, process: Process, duration: int, why: str) -> None:
        process.account -= duration

    def removed(self, process: Process) -> None:
        (self.queue if process.account == self.quantum else self.returned).remove(process)

    def keys(self, process: Process) -> dict[str, int]:
        return {"since_ns": process.ready_since, "rest_ns": process.account}
