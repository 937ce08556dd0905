"""What the texts of a scenario show of its pools: which tasks are handed in, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from kernel.process.calls import Call
from language.expansion.errors import LargePoolError

MOST_STEPS_OF_A_POOL = 1_000_000


@dataclass(slots=True)
class PoolTasks:
    """What the texts show of a pool. `spare` workers may be needed in place of others."""

    name: str
    kind: str  # pool | executor
    workers: int
    spare: Callable[[Sequence[str]], int]  # takes the programs of all tasks
    tasks: list[str] = field(default_factory=list)  # the programs, by the number of the task
    steps: int = 0  # of all workers so far

    def hand_in(self, tasks: Sequence[str]) -> tuple[int, ...]:
        """Note tasks, and return their numbers."""
        self.tasks += tasks
        if len(self.tasks) > MOST_STEPS_OF_A_POOL // self.workers:
            raise LargePoolError(("pools", self.name), MOST_STEPS_OF_A_POOL)
        return tuple(range(len(self.tasks) - len(tasks), len(self.tasks)))

    def counted(self, steps: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Yield the steps of a worker. Raises LargePoolError at the limit."""
        for step in steps:
            self.steps += 1
            if self.steps > MOST_STEPS_OF_A_POOL:
                raise LargePoolError(("pools", self.name), MOST_STEPS_OF_A_POOL)
            yield step


def in_a_task(call: Call) -> Call:
    """Return a call as a task makes it: the worker catches the exceptions of its tasks."""
    if call.kind == "raise" and call.value not in ("SystemExit", "KeyboardInterrupt"):
        return Call("fail", "", call.value)
    return call
