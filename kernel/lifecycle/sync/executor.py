"""ProcessPoolExecutor: workers, and one manager that notices when one of them has died.

Written after concurrent/futures/process.py. The manager is a thread of the process that has the
executor. It keeps a few tasks in the queue of calls, reads results, and waits for the workers'
sentinels, too. If a worker dies, all tasks that are not done fail, and the other workers are ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.connection import read_message
from kernel.lifecycle.sync.feeder_queue import FeederQueue
from kernel.lifecycle.sync.pool import Handler, Outcome, Result, Staff, Task
from kernel.lifecycle.sync.simple_queue import SimpleQueue
from kernel.lifecycle.sync.waiting import Reason, Steps, Wait
from translation import mark, recorded

EXTRA_QUEUED_CALLS = 1
"""How many calls may wait in the queue beside one for each worker."""

BROKEN = (
    "BrokenProcessPool: A process in the process pool was terminated abruptly while the future was "
    "running or pending"
)
NOT_USABLE = (
    "BrokenProcessPool: A child process terminated abruptly, the process pool is not usable anymore"
)
SHUT_DOWN = "RuntimeError: cannot schedule new futures after shutdown"


class Executor:
    """`concurrent.futures.ProcessPoolExecutor`, in the process that has made it."""

    def __init__(
        self,
        name: str,
        size: int,
        staff: Staff,
        make_actor: Callable[[Handler], Actor],
        make_queue: Callable[[str, int], FeederQueue],
    ) -> None:
        """Make an executor of `size` workers. They are started with the first task."""
        self.name, self.size, self.staff = name, size, staff
        self.tasks = make_queue(
            recorded("the calls of executor {name}", name=name), size + EXTRA_QUEUED_CALLS
        )
        self.results = SimpleQueue(recorded("the results of executor {name}", name=name))
        self.pending: dict[int, tuple[Result, Task]] = {}  # by job: tasks that are not done
        self.waiting: list[int] = []  # jobs that are not in the queue of calls yet
        self.taken: dict[tuple[int, int], int] = {}  # (job, place): the worker that has the task
        self.broken = self.shut_down = False
        self._jobs = 0
        self._mapped: tuple[Sequence[Result], range] = (), range(0)  # the last map, and its jobs
        self.manager = Manager(self, make_actor)

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """The threads of the executor."""
        return (self.manager,)

    def submit(self, name: str, tasks: Sequence[int]) -> Result:
        """Hand in a task, and return its result. Raises BrokenProcessPool or RuntimeError."""
        if self.broken:
            raise Raised(NOT_USABLE)
        if self.shut_down:
            raise Raised(SHUT_DOWN)
        job, self._jobs = self._jobs, self._jobs + 1
        result = Result(name, len(tasks), lambda place: self.taken.get((job, place)))
        self.pending[job] = result, Task(job, 0, tasks[0])
        self.waiting.append(job)
        if not self.staff.workers and not self.manager.has_begun:
            for _ in range(self.size):
                self.staff.recruit()
            self.manager.has_begun = True
            self.manager.actor.wake()
        self.manager.wake_up()
        return result

    def map(self, tasks: Sequence[int]) -> Steps:
        """Return the results of tasks, each waited for in turn. Raises the first error in order.

        Tasks that wait then are not done any more (`result_iterator` in concurrent/futures/_base).
        """
        jobs = range(self._jobs, self._jobs + len(tasks))
        results = [self.submit(recorded("a result of its map"), [task]) for task in tasks]
        self._mapped = results, jobs
        values = []
        for result in results:
            yield Wait(result)
            self.give_up()
            values += result.get()
        return values

    def give_up(self) -> None:
        """Give up the tasks of a map that wait, if its first error in order is there.

        The process of the executor does it as soon as the manager has done its work. It needs no
        core for that: the two are threads of one process, which go on together.
        """
        results, jobs = self._mapped
        done = takewhile(Result.possible, results)
        if any(result.failed is not None for result in done):
            for job in set(jobs).intersection(self.waiting):
                self.waiting.remove(job)
                del self.pending[job]

    def take(self, actor: Actor) -> Steps:
        """Return the next task, in a worker. None: there are no more, which the worker answers."""
        task = yield from self.tasks.get(actor, True, None)
        if task is None:
            yield from self.results.put(actor, None)
        return task

    def worker_ended(self) -> None:
        """Do nothing: the manager waits for the sentinel of the worker."""

    def shutdown(self) -> Steps:
        """Take no more tasks, and wait until all are done and the workers have ended."""
        self.shut_down = True
        self.manager.wake_up()
        if self.manager.has_begun:
            yield Wait(self.manager.end)

    def set(self, outcome: Outcome) -> None:
        """Note what has become of a task."""
        self.taken.pop((outcome.job, outcome.place), None)
        if outcome.job in self.pending:
            self.pending.pop(outcome.job)[0].set(outcome)

    def fail(self) -> None:
        """Let all tasks fail that are not done: a worker has died."""
        self.broken = True
        for job in tuple(self.pending):
            self.set(Outcome(job, 0, False, BROKEN))
        self.waiting.clear()


class Manager(Handler):
    """The thread of an executor."""

    does = mark("the manager of {pool}")

    def __init__(self, executor: Executor, make_actor: Callable[[Handler], Actor]) -> None:
        super().__init__(recorded("executor {name}", name=executor.name), make_actor)
        self.executor, self.has_begun, self._woken = executor, False, False
        self.news = News(self)

    @property
    def woken(self) -> bool:
        """Return whether the process has something for it to do."""
        return self._woken

    def wake_up(self) -> None:
        """Let it look: there is a task, or the executor is shut down (`_ThreadWakeup`)."""
        self._woken = True
        self.news.changed()

    def notify(self) -> None:
        """Let it look: the sentinel of a worker may be closed."""
        self.news.changed()

    def lost_worker(self) -> bool:
        """Return whether the sentinel of a worker is closed."""
        return any(map(self.executor.staff.is_lost, self.executor.staff.workers))

    def _work(self) -> Steps:
        executor = self.executor
        while True:
            yield from self._fill()
            executor.give_up()
            yield Wait(self.news)
            readable, woken = executor.results.pipe.readable.possible(), self._woken
            if readable:
                outcome = yield from read_message(executor.results.pipe)
                executor.set(outcome)
            elif not woken:
                executor.fail()
                for worker in executor.staff.workers:
                    executor.staff.terminate(worker)
                yield from self._join()
                return
            self._woken = False
            if executor.shut_down:
                yield from self._fill()
                if not executor.pending:
                    yield from self._dismiss()
                    return

    def _fill(self) -> Steps:
        """Put tasks into the queue of calls, as many as it takes (`add_call_item_to_queue`)."""
        executor = self.executor
        while executor.waiting and executor.tasks.places.value:
            _, task = executor.pending[executor.waiting.pop(0)]
            yield from executor.tasks.put(self.actor, task, True, None)

    def _dismiss(self) -> Steps:
        """Let all workers end (`shutdown_workers`), and wait for that."""
        for _ in tuple(self.executor.staff.workers):
            yield from self.executor.tasks.put(self.actor, None, True, None)
        yield from self._join()

    def _join(self) -> Steps:
        for worker in tuple(self.executor.staff.workers):
            yield from self.executor.staff.join(worker)
        self.executor.staff.workers.clear()


class News:
    """What the manager waits for: a result, a closed sentinel, or that it is woken."""

    def __init__(self, manager: Manager) -> None:
        self._manager = manager
        self._readable = manager.executor.results.pipe.readable
        self.line = self._readable.polls.line  # no other actor waits there: results wake it

    def reason(self) -> Reason:
        """See Awaited."""
        name = self._manager.executor.name
        return Reason(recorded("for news of executor {name}", name=name), because="")

    def possible(self) -> bool:
        """See Awaited."""
        return self._readable.possible() or self._manager.woken or self._manager.lost_worker()

    def changed(self) -> None:
        """See Awaited."""
        if self.possible():
            self.line.wake(None)
