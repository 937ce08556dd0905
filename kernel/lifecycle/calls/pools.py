"""The calls of pools of workers: those of the process that has a pool, and those of its workers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel.lifecycle.calls.ends import TERM, EndCalls
from kernel.lifecycle.calls.outcome import GO, CallContext, CallFunction, Outcome, Raised
from kernel.lifecycle.calls.process_objects import ProcessObjectCalls
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.process_tree import Handle, Member
from kernel.lifecycle.sync import pool
from kernel.lifecycle.sync.actor import Actor
from kernel.lifecycle.sync.executor import Executor
from kernel.lifecycle.sync.pool import Pool, Result, Task
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.calls import Call
from translation import recorded


@dataclass(slots=True)
class _AtWork:
    """A task that a worker has taken, and what has become of it so far."""

    task: Task
    succeeded: bool = True
    value: Any = None

    def outcome(self) -> pool.Outcome:
        return pool.Outcome(self.task.job, self.task.place, self.succeeded, self.value)


class PoolCalls:
    """The methods of `multiprocessing.Pool` and of its results, and what a worker does."""

    def __init__(
        self,
        context: CallContext,
        objects: SharedObjects,
        processes: ProcessObjectCalls,
        ends: EndCalls,
    ) -> None:
        self._context, self._objects = context, objects
        self._processes, self._ends = processes, ends
        self._results: dict[tuple[int, str], Result] = {}  # by process and name
        self._at_work: dict[int, _AtWork] = {}  # by worker
        self.functions: dict[str, CallFunction] = {
            "open_pool": self.open,
            "submit": self.submit,
            "map": self.map,
            "get": self.get,
            "close_pool": self.close,
            "join_pool": lambda _member, call: self._pool(call).join(),
            "terminate_pool": self.terminate,
            "shutdown": self.shutdown,
            "work": self.work,
            "fail": lambda member, call: self._is_over(member, False, call.value),
            "return": lambda member, call: self._is_over(member, True, call.value),
        }

    # -- the process that has the pool ------------------------------------------------------------

    def open(self, member: Member, call: Call) -> Outcome:
        """Make a pool, and start its workers."""
        rules, objects = self._context.rules.pools[call.name], self._objects
        staff = _Staff(self._context, self._processes, member, call)

        def make_actor(handler: pool.Handler) -> Actor:
            return objects.make_handler(handler, member.index)

        if rules.kind == "executor":
            given = call.name, rules.workers, staff, make_actor, objects.queue_of_calls
            executor = objects.pools[call.name] = Executor(*given)
            staff.lost = executor.manager.notify
            return GO
        made = objects.pools[call.name] = Pool(call.name, rules.workers, staff, make_actor)
        for one in (made.tasks.pipe, made.results.pipe):
            for end in (one.reading_end, one.writing_end):
                self._context.descriptors.open(member.index, end)
        made.open()
        return GO

    def _any(self, call: Call) -> Pool | Executor:
        if call.name not in self._objects.pools:
            raise Raised(f"NameError: name {call.name!r} is not defined")
        return self._objects.pools[call.name]

    def _pool(self, call: Call) -> Pool:
        found = self._any(call)
        assert isinstance(found, Pool)  # the language allows no other
        return found

    def submit(self, member: Member, call: Call) -> Outcome:
        """Hand in one task (`apply_async`). Its result gets a name."""
        made = self._any(call).submit(
            recorded("the result {name}", name=call.value), call.options["tasks"]
        )
        self._results[member.index, call.value] = made
        return GO

    def map(self, member: Member, call: Call) -> Steps:
        """Hand in tasks, wait for all of them, and observe their results in the same order."""
        values = yield from self._any(call).map(call.options["tasks"])
        self._context.say(member, call.words, values)

    def get(self, member: Member, call: Call) -> Steps:
        """Wait for a result, at most as long as the timeout, and observe it."""
        if (member.index, call.name) not in self._results:
            raise Raised(f"NameError: name {call.name!r} is not defined")
        result = self._results[member.index, call.name]
        if not (yield Wait(result, call.value)):
            raise Raised("TimeoutError")
        self._context.say(member, call.words, result.get()[0])

    def shutdown(self, member: Member, call: Call) -> Steps:
        """Let an executor take no more tasks, and wait for the ends of its workers."""
        found = self._any(call)
        assert isinstance(found, Executor)  # the language allows no other
        return found.shutdown()

    def close(self, member: Member, call: Call) -> Outcome:
        """Let the pool take no more tasks."""
        self._pool(call).close()
        return GO

    def terminate(self, member: Member, call: Call) -> Steps:
        """End the workers at once."""
        return self._pool(call).terminate(self._context.actor(member.index))

    # -- its workers ------------------------------------------------------------------------------

    def work(self, member: Member, call: Call) -> Steps:
        """Put the result of a task, and take the next one (`worker`). Returns an exit code, if any.

        A worker ends when there are no more tasks, or when the process that has the pool is dead.
        """
        mine, actor = self._objects.pools[call.name], self._context.actor(member.index)
        if isinstance(mine, Pool):
            for end in (mine.tasks.pipe.writing_end, mine.results.pipe.reading_end):
                self._context.descriptors.close(member.index, end)
        done = self._at_work.pop(member.index, None)
        try:
            if done is not None:
                yield from mine.results.put(actor, done.outcome())
        except Raised:  # nothing can read it any more
            return (yield from self._ends.end_by_exception(member, _BROKEN_PIPE))
        task = yield from mine.take(actor)
        if task is None:
            return (yield from self._ends.end(member, call))
        mine.taken[task.job, task.place] = member.index
        self._at_work[member.index] = _AtWork(task)
        self._context.environment.begin_task(member.index, task.number)
        return None

    def _is_over(self, member: Member, succeeded: bool, value: Any) -> Outcome:
        """Let a task return a value, or raise an exception, which the worker catches."""
        done = self._at_work[member.index]
        done.succeeded, done.value = succeeded, value
        self._context.environment.leave_task(member.index)
        return GO


_BROKEN_PIPE = Call("raise", "", "BrokenPipeError")


class _Staff:
    """See `pool.Staff`. The call that opens the pool has the indices of all that may be needed."""

    def __init__(
        self, context: CallContext, processes: ProcessObjectCalls, member: Member, call: Call
    ) -> None:
        self.workers: list[int] = []
        self.lost: Callable[[], None] | None = None  # called when a sentinel is closed
        self._is_daemon = context.rules.pools[call.name].kind == "pool"
        self._context, self._processes, self._owner = context, processes, member
        self._left: deque[int] = deque(call.options["workers"])
        self._handles: dict[int, Handle] = {}

    def recruit(self) -> None:
        """See Staff."""
        index = self._left.popleft()
        name = self._context.process_tree.name(index)
        handle = self._handles[index] = Handle(
            name, index, self._owner.index, daemon=self._is_daemon
        )
        self._processes.launch(self._owner, handle, (), {})
        if self.lost is not None:
            self._context.sentinels[index].closed = self.lost
        self.workers.append(index)

    def has_ended(self, worker: int) -> bool:
        """See Staff."""
        tree, handle = self._context.process_tree, self._handles[worker]
        if tree.poll(self._owner.index, handle) is None:
            return False
        tree.forget(self._owner.index, handle)
        return True

    def is_lost(self, worker: int) -> bool:
        """See Staff."""
        return self._context.sentinels[worker].possible()

    def terminate(self, worker: int) -> None:
        """See Staff."""
        if self._context.is_alive(worker):
            self._context.environment.signal(worker, TERM)

    def join(self, worker: int) -> Steps:
        """See Staff."""
        name = self._context.process_tree.name(worker)
        words = recorded("for the end of {process}", process=name)
        yield Wait(self._context.all_ended([worker], lambda _: words))
        self.has_ended(worker)
