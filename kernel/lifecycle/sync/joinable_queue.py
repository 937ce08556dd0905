"""JoinableQueue: a Queue that also counts the values for which `task_done` was not yet called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.condition import Condition
from kernel.lifecycle.sync.feeder_queue import FeederQueue, MakeFeeder
from kernel.lifecycle.sync.semaphore import counting, holding, lock_of, rlock
from kernel.lifecycle.sync.waiting import Reason, Steps
from translation import recorded


class JoinableQueue(FeederQueue):
    """`multiprocessing.JoinableQueue` (multiprocessing/queues.py)."""

    def __init__(
        self, name: str, maxsize: int, make_feeder: MakeFeeder, clock: Callable[[], int]
    ) -> None:
        super().__init__(name, maxsize, make_feeder, clock)
        self.unfinished_tasks = counting(recorded("the unfinished tasks of {queue}", queue=name), 0)
        self.condition = Condition(name, rlock(lock_of(name)))
        self.condition.wait_semaphore.explain = lambda: Reason(
            recorded("until all of {queue} is done", queue=name),
            because=recorded("{left} are not", left=self.unfinished_tasks.value),
        )

    def put(self, actor: Actor, value: Any, block: bool, timeout: int | None) -> Steps:
        """See FeederQueue. The value is an unfinished task from now on."""
        if not (yield from self.places.acquire(actor, timeout if block else 0)):
            raise Raised("Full")
        yield from self.condition.lock.acquire(actor)
        self.unfinished_tasks.release(actor)
        self.buffered(actor, value)
        self.condition.lock.release(actor)

    def task_done(self, actor: Actor) -> Steps:
        """Note that a task is finished. Raises ValueError as a text if there is none."""
        return holding(self.condition.lock, actor, self._task_done(actor))

    def _task_done(self, actor: Actor) -> Steps:
        if not self.unfinished_tasks.try_acquire(actor):
            raise Raised("ValueError: task_done() called too many times")
        if not self.unfinished_tasks.value:
            yield from self.condition.notify(actor, None)

    def join(self, actor: Actor) -> Steps:
        """Wait until all tasks are finished."""
        return holding(self.condition.lock, actor, self._join(actor))

    def _join(self, actor: Actor) -> Steps:
        if self.unfinished_tasks.value:
            yield from self.condition.wait(actor)
