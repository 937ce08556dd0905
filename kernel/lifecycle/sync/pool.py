"""Pool: workers that take tasks from one queue and put results into another.

Written after multiprocessing/pool.py. In the process that has the pool, three threads (its
handlers) move tasks and results and replace workers that have ended. Like the feeders of queues
they need no core. A task that a worker has taken is nowhere else: if the worker ends before it has
put the result, no handler misses it, and a process that waits for the result waits for ever.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.connection import read_message, write_message
from kernel.lifecycle.sync.messages import Message
from kernel.lifecycle.sync.simple_queue import SimpleQueue
from kernel.lifecycle.sync.waiting import Line, Reason, Steps, Wait
from translation import mark, recorded

RUN, CLOSE, TERMINATE = "run", "close", "terminate"
"""The states of a pool and of its handlers."""


class Task(NamedTuple):
    """A task on its way to a worker."""

    job: int  # the number of its result in the pool
    place: int  # among the tasks of that result
    number: int  # which task of the pool it is, in the order of the scenario's text


class Outcome(NamedTuple):
    """What has become of a task. `value` is what it returned, or the words of what it raised."""

    job: int
    place: int
    succeeded: bool
    value: Any


class Result:
    """`ApplyResult`, or `MapResult` of several tasks. It is there when all are done."""

    def __init__(self, name: str, tasks: int, worker_of: Callable[[int], int | None]) -> None:
        """`worker_of` returns the index of the process that has taken the task of that place."""
        self.name, self.line = name, Line()
        self.values: list[Any] = [None] * tasks
        self.failed: str | None = None  # the words of the first error
        self._open = dict.fromkeys(range(tasks))
        self._worker_of = worker_of

    def reason(self) -> Reason:
        """See Awaited."""
        found = (self._worker_of(place) for place in self._open)
        workers = [worker for worker in found if worker is not None]
        because = None if workers else recorded("which no worker has begun")
        link = mark("which is the task of {holders}")
        return Reason(recorded("for {what}", what=self.name), workers, because, link)

    def possible(self) -> bool:
        """See Awaited."""
        return not self._open

    def changed(self) -> None:
        """See Awaited."""
        if self.possible():
            self.line.wake(None)

    def get(self) -> list[Any]:
        """Return the values of the tasks, which are done. Raises the first error as a text."""
        if self.failed is not None:
            raise Raised(self.failed)
        return self.values

    def set(self, outcome: Outcome) -> None:
        """Note the outcome of one task (`_set`). Only the first error is kept."""
        self._open.pop(outcome.place, None)
        if outcome.succeeded:
            self.values[outcome.place] = outcome.value
        elif self.failed is None:
            self.failed = outcome.value
        self.changed()


class Until:
    """A thing that actors wait for, which is there when `possible` returns True."""

    def __init__(self, words: str, possible: Callable[[], bool]) -> None:
        self.line, self.possible, self._words = Line(), possible, words

    def reason(self) -> Reason:
        """See Awaited."""
        return Reason(self._words, because="")

    def changed(self) -> None:
        """See Awaited."""
        if self.possible():
            self.line.wake(None)


class Staff(Protocol):
    """The worker processes of a pool, known by their indices."""

    workers: list[int]
    """Those that have been started, and not been found to have ended."""

    def recruit(self) -> None:
        """Start a worker. It is a child of the process that has the pool."""

    def has_ended(self, worker: int) -> bool:
        """Return whether a worker has ended, after it was reaped (`exitcode`)."""

    def is_lost(self, worker: int) -> bool:
        """Return whether a worker, and all that it has forked, have closed its sentinel."""

    def terminate(self, worker: int) -> None:
        """Send SIGTERM to a worker."""

    def join(self, worker: int) -> Steps:
        """Wait for the end of a worker, and reap it."""


class Pool:
    """`multiprocessing.pool.Pool`, in the process that has made it."""

    def __init__(
        self, name: str, size: int, staff: Staff, make_actor: Callable[[Handler], Actor]
    ) -> None:
        """Make a pool of `size` workers, which are not started yet: see `open`.

        `make_actor` returns the actor of a handler, which goes on when it is woken.
        """
        self.name, self.size, self.staff = name, size, staff
        self.state = RUN
        self.tasks = SimpleQueue(recorded("the tasks of pool {name}", name=name), kept=False)
        self.results = SimpleQueue(recorded("the results of pool {name}", name=name), kept=False)
        self.cache: dict[int, Result] = {}  # results that are not there yet, by their jobs
        self.taken: dict[tuple[int, int], int] = {}  # (job, place): the worker that has the task
        self._jobs = 0
        self._finalized = False
        self.worker_handler = WorkerHandler(self, make_actor)
        self.task_handler = TaskHandler(self, make_actor)
        self.result_handler = ResultHandler(self, make_actor)

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """The threads of the pool."""
        return self.worker_handler, self.task_handler, self.result_handler

    def open(self) -> None:
        """Start the workers, and then the handlers (`__init__`)."""
        self.repopulate()
        for handler in self.handlers:
            handler.actor.wake()

    def repopulate(self) -> None:
        """Start as many workers as are missing (`_repopulate_pool`)."""
        for _ in range(self.size - len(self.staff.workers)):
            self.staff.recruit()

    def submit(self, name: str, tasks: Sequence[int]) -> Result:
        """Hand in tasks, and return their result. Raises ValueError as a text."""
        if self.state != RUN:
            raise Raised("ValueError: Pool not running")
        job, self._jobs = self._jobs, self._jobs + 1
        result = Result(name, len(tasks), lambda place: self.taken.get((job, place)))
        self.cache[job] = result
        self.task_handler.hand_in([Task(job, place, each) for place, each in enumerate(tasks)])
        return result

    def map(self, tasks: Sequence[int]) -> Steps:
        """Return the results of tasks when all are done. Raises their first error as a text."""
        result = self.submit(recorded("the results of its map"), tasks)
        yield Wait(result)
        return result.get()

    def take(self, actor: Actor) -> Steps:
        """Return the next task, in a worker. None: there are no more."""
        try:
            return (yield from self.tasks.get(actor))
        except Raised:  # EOFError: the process that has the pool is dead
            return None

    def worker_ended(self) -> None:
        """Let the pool look for workers that have ended."""
        self.worker_handler.notify()

    def set(self, outcome: Outcome) -> None:
        """Note what has become of a task."""
        self.taken.pop((outcome.job, outcome.place), None)
        result = self.cache[outcome.job]
        result.set(outcome)
        if result.possible():
            del self.cache[outcome.job]
            if not self.cache:
                self.worker_handler.notify()

    def close(self) -> None:
        """Take no more tasks. The workers end when all results are there (`close`)."""
        if self.state == RUN:
            self.state = self.worker_handler.state = CLOSE
            self.worker_handler.notify()

    def join(self) -> Steps:
        """Wait until handlers and workers have ended (`join`). Raises ValueError as a text."""
        if self.state == RUN:
            raise Raised("ValueError: Pool is still running")
        for handler in self.handlers:
            yield Wait(handler.end)
        for worker in tuple(self.staff.workers):
            yield from self.staff.join(worker)

    def terminate(self, actor: Actor) -> Steps:
        """End handlers and workers, whatever they do (`terminate`, `_terminate_pool`).

        A worker that waits for a task holds the lock of the readers until it has got the message
        that there are no more. If a worker was killed there, this waits for ever.
        """
        self.state = TERMINATE
        if self._finalized:
            return
        self._finalized = True
        self.worker_handler.state = self.task_handler.state = TERMINATE
        self.worker_handler.notify()
        yield from self.tasks.read_lock.acquire(actor)
        while not self.task_handler.over and self.tasks.pipe.readable.possible():
            yield from read_message(self.tasks.pipe)
        self.result_handler.state = TERMINATE
        self.worker_handler.notify()
        yield from self.results.put(actor, None)
        yield Wait(self.worker_handler.end)
        for worker in tuple(self.staff.workers):
            if not self.staff.has_ended(worker):
                self.staff.terminate(worker)
        yield Wait(self.task_handler.end)
        yield Wait(self.result_handler.end)
        for worker in tuple(self.staff.workers):
            yield from self.staff.join(worker)


class Handler:
    """A thread of the process that has a pool."""

    does = ""

    def __init__(self, whose: str, make_actor: Callable[[Handler], Actor]) -> None:
        """`whose`: the words for the pool."""
        self.state, self.over = RUN, False
        self.name = recorded(self.does, pool=whose)
        self.end = Until(recorded("for the end of {thread}", thread=self.name), lambda: self.over)
        self.actor = make_actor(self)

    def feed(self) -> Steps:
        """Do the work of the thread, until its end."""
        yield from self._work()
        self.over = True
        self.end.changed()

    def _work(self) -> Steps:
        raise NotImplementedError


class WorkerHandler(Handler):
    """Replaces workers that have ended, until the pool is closed and all results are there."""

    does = mark("the worker handler of {pool}")

    def __init__(self, pool: Pool, make_actor: Callable[[Handler], Actor]) -> None:
        super().__init__(recorded("pool {name}", name=pool.name), make_actor)
        self.pool = pool
        self._notified = False
        self.updates = Until(
            recorded("for news of pool {name}", name=pool.name), lambda: self._notified
        )

    def notify(self) -> None:
        """Let the thread look again: a worker has ended, or the pool has changed."""
        self._notified = True
        self.updates.changed()

    def _work(self) -> Steps:
        pool = self.pool
        while self.state == RUN or (pool.cache and self.state != TERMINATE):
            ended = [each for each in reversed(pool.staff.workers) if pool.staff.has_ended(each)]
            for worker in ended:
                pool.staff.workers.remove(worker)
            if ended:
                pool.repopulate()
            yield Wait(self.updates)
            self._notified = False
        pool.task_handler.hand_in(None)


class TaskHandler(Handler):
    """Writes tasks into the pipe from which the workers take them; at its end, that there are none.

    The pipe may be full. Then tasks wait here, and no process waits for that.
    """

    does = mark("the task handler of {pool}")

    def __init__(self, pool: Pool, make_actor: Callable[[Handler], Actor]) -> None:
        super().__init__(recorded("pool {name}", name=pool.name), make_actor)
        self.pool = pool
        self._queue: deque[Sequence[Task] | None] = deque()
        self._has_more = Until(
            recorded("for tasks of pool {name}", name=pool.name), lambda: bool(self._queue)
        )

    def hand_in(self, tasks: Sequence[Task] | None) -> None:
        """Hand in the tasks of one result. None: there will be no more."""
        self._queue.append(tasks)
        self._has_more.changed()

    def _work(self) -> Steps:
        pool = self.pool
        while True:
            yield Wait(self._has_more)
            tasks = self._queue.popleft()
            if tasks is None or not (yield from self._write(tasks)):
                break
        yield from pool.results.put(self.actor, None)
        for _ in tuple(pool.staff.workers):
            yield from write_message(pool.tasks.pipe, Message(None))

    def _write(self, tasks: Sequence[Task]) -> Steps:
        """Write tasks into the pipe. Return False if the pool is terminated meanwhile."""
        for task in tasks:
            if self.state != RUN:
                return False
            yield from write_message(self.pool.tasks.pipe, Message(task))
        return True


class ResultHandler(Handler):
    """Reads results from the pipe into which the workers put them."""

    does = mark("the result handler of {pool}")

    def __init__(self, pool: Pool, make_actor: Callable[[Handler], Actor]) -> None:
        super().__init__(recorded("pool {name}", name=pool.name), make_actor)
        self.pool = pool

    def _work(self) -> Steps:
        pool = self.pool
        try:
            while True:
                outcome = yield from read_message(pool.results.pipe)
                if self.state != RUN or outcome is None:
                    break
                pool.set(outcome)
            while pool.cache and self.state != TERMINATE:
                outcome = yield from read_message(pool.results.pipe)
                if outcome is not None:
                    pool.set(outcome)
        except Raised:  # EOFError: no process can send
            return
        for _ in range(10):  # room for the message that there are no more
            if not pool.results.pipe.readable.possible():
                break
            yield from read_message(pool.results.pipe)
