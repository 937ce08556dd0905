"""First come, first served."""

from __future__ import annotations

from collections import deque

from kernel.process.control_block import Process
from kernel.scheduling.policy import Policy
from translation import mark


class FirstComeFirstServed(Policy):
    """Processes run in the order in which they became ready, each until it blocks or ends.

    Good when bursts are alike and no user waits at a screen: no switch is ever wasted. Fails
    when one long burst is ahead of many short ones (the convoy effect).
    """

    rule = mark("the process that has been ready longest")
    tie_rule = mark("the process that became ready first is ahead")

    def setup(self) -> None:
        self.queue: deque[Process] = deque()

    def ready(self, process: Process, why: str) -> None:
        self.queue.append(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        process = self.take(core, self.queue)
        return None if process is None else (process, None)

    def take(self, core: int, queue: deque[Process]) -> Process | None:
        """Remove the first process of a queue that may use `core`, and return it."""
        if not self.has_pinned:
            return queue.popleft() if queue else None
        for process in queue:
            if process.may_use(core):
                queue.remove(process)
                return process
        return None

    def removed(self, process: Process) -> None:
        self.queue.remove(process)
