"""What the processes of a run share: made by the scenario's rules, or at its first use."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.lifecycle.calls.outcome import CallContext
from kernel.lifecycle.sync.actor import Actor, Raised
from kernel.lifecycle.sync.barrier import Barrier
from kernel.lifecycle.sync.condition import Condition
from kernel.lifecycle.sync.connection import Connection
from kernel.lifecycle.sync.descriptors import OpenFile
from kernel.lifecycle.sync.event import Event
from kernel.lifecycle.sync.executor import Executor
from kernel.lifecycle.sync.feeder_queue import Feeder, FeederQueue
from kernel.lifecycle.sync.joinable_queue import JoinableQueue
from kernel.lifecycle.sync.pipe import Pipe
from kernel.lifecycle.sync.pool import Handler, Pool
from kernel.lifecycle.sync.semaphore import Semaphore, counting, lock, lock_of, rlock
from kernel.lifecycle.sync.shared_values import SharedNumbers
from kernel.lifecycle.sync.simple_queue import SimpleQueue
from kernel.lifecycle.sync.socket_pair import SocketPair
from kernel.lifecycle.sync.thread_lock import ThreadLock
from kernel.process.calls import LifecycleRules
from translation import recorded

AnyQueue = SimpleQueue | FeederQueue


class SharedObjects:
    """The locks, semaphores, conditions, events, barriers, queues, pipes and values of a run."""

    def __init__(self, context: CallContext) -> None:
        self._context = context
        rules, clock = context.rules, context.environment.now
        self.locks = {
            name: (rlock if rule.kind == "rlock" else lock)(recorded("lock {name}", name=name))
            for name, rule in rules.locks.items()
            if rule.kind != "thread"
        }
        self._own_locks: dict[tuple[int, str], ThreadLock] = {}  # by the index of their process
        self.semaphores = {
            name: counting(
                recorded("semaphore {name}", name=name), rule.value, bounded=rule.bounded
            )
            for name, rule in rules.semaphores.items()
        }
        self.events: dict[str, Event] = {}
        self.barriers = {
            name: Barrier(recorded("barrier {name}", name=name), parties, clock)
            for name, parties in rules.barriers.items()
        }
        self.queues: dict[str, AnyQueue] = {}
        self.pools: dict[str, Pool | Executor] = {}
        self.pipes = {
            name: _connections(context, name, duplex=rule.duplex)
            for name, rule in rules.pipes.items()
        }
        self.values = _values(rules)
        self.conditions: dict[str, Condition] = {}
        for name, rule in rules.conditions.items():
            words = recorded("condition {name}", name=name)
            its = rlock(lock_of(words))
            if rule.lock is not None:
                its = self.lock(rule.lock, -1)
            self.conditions[name] = Condition(words, its)
        self.awake_feeders: dict[Feeder | Handler, None] = {}
        """The feeders, and handlers of pools, that can go on, in order."""
        self.feeds_itself = True
        """Do feeders go on after each call? They need no core: it takes microseconds."""

    def lock(self, name: str, process: int) -> Semaphore:
        """Return the lock of that name: of a condition, of a Value or Array, or a lock itself.

        `process` is the one that uses it: it may have a lock of its own. Raises AttributeError as a
        text if the Value or Array has no lock.
        """
        rules = self._context.rules
        if name in rules.locks and rules.locks[name].kind == "thread":
            made = ThreadLock(recorded("lock {name}", name=name), rules.python)
            return self._own_locks.setdefault((process, name), made)
        if name in self.conditions and name not in self.locks:
            return self.conditions[name].lock
        if name in self.values and name not in self.locks:
            shared = self.values[name]
            if shared.lock is None:
                kind = f"c_long_Array_{len(shared.numbers)}" if shared.is_array else "c_long"
                raise Raised(f"AttributeError: {kind!r} object has no attribute 'get_lock'")
            return shared.lock
        if name not in self.locks:
            self.locks[name] = lock(recorded("lock {name}", name=name))
        return self.locks[name]

    def copy_own_locks(self, parent: int, child: int) -> None:
        """Give a forked child the locks in its parent's memory, in the states that they have."""
        for (process, name), each in tuple(self._own_locks.items()):
            if process == parent:
                self._own_locks[child, name] = each.copy()

    def event(self, name: str) -> Event:
        """Return the event of that name."""
        if name not in self.events:
            self.events[name] = Event(recorded("event {name}", name=name))
        return self.events[name]

    def queue(self, name: str) -> AnyQueue:
        """Return the queue of that name."""
        if name not in self.queues:
            self.queues[name] = self._make_queue(name)
        return self.queues[name]

    def _make_queue(self, name: str) -> AnyQueue:
        rule, words = self._context.rules.queues.get(name), recorded("queue {name}", name=name)
        if rule is None or rule.kind == "simple":
            return SimpleQueue(words)
        kind = JoinableQueue if rule.kind == "joinable" else FeederQueue
        return kind(words, rule.maxsize, self._make_feeder, self._context.environment.now)

    def ends_of_pipes(self) -> Iterator[OpenFile]:
        """Yield the files of all ends of pipes."""
        for ends in self.pipes.values():
            for end in ends:
                yield end.file

    def queue_of_calls(self, words: str, maxsize: int) -> FeederQueue:
        """Return a new queue, in which an executor has the tasks that its workers take."""
        return FeederQueue(words, maxsize, self._make_feeder, self._context.environment.now)

    # -- feeders of queues, and handlers of pools -------------------------------------------------

    def _make_feeder(self, queue: FeederQueue, actor: Actor) -> Feeder:
        def wake() -> None:
            self.awake_feeders[feeder] = None

        its = Actor(
            -1,
            actor.process,
            recorded("the feeder of {queue}", queue=queue.name),
            wake,
            lambda *_: None,
        )
        feeder = Feeder(queue, its)
        return feeder

    def make_handler(self, handler: Handler, process: int) -> Actor:
        """Return the actor of a pool's handler in that process."""

        def wake() -> None:
            self.awake_feeders[handler] = None

        return Actor(-1, process, handler.name, wake, lambda *_: None)

    def feed(self) -> None:
        """Let the feeders and handlers go on that can, if they do that by themselves."""
        while self.feeds_itself and self.awake_feeders:
            self.feed_one(next(iter(self.awake_feeders)))

    def feed_one(self, feeder: Feeder | Handler) -> None:
        """Let a feeder or handler go on that can."""
        del self.awake_feeders[feeder]
        self._context.environment.fed(feeder.actor.process, feeder.actor.name)
        if feeder.actor.steps is None:
            feeder.actor.begin(feeder.feed())
        else:
            feeder.actor.proceed()

    def feeders_of(self, process: int) -> list[Feeder]:
        """Return the feeders of a process."""
        made = (*self.queues.values(), *(pool.tasks for pool in self.pools.values()))
        queues = (each for each in made if isinstance(each, FeederQueue))
        return [queue.feeders[process] for queue in queues if process in queue.feeders]

    def ended(self, process: int) -> None:
        """End the feeders and handlers of a dead process. What they hold stays held."""
        threads: list[Feeder | Handler] = [*self.feeders_of(process)]
        threads += [handler for pool in self.pools_of(process) for handler in pool.handlers]
        for feeder in threads:
            feeder.actor.leave()
            self.awake_feeders.pop(feeder, None)
        for pool in self.pools.values():
            if process in pool.staff.workers:
                pool.worker_ended()

    def pools_of(self, process: int) -> list[Pool | Executor]:
        """Return the pools and executors that a process has made, the first one first."""
        pools = self.pools.values()
        return [pool for pool in pools if pool.handlers[0].actor.process == process]


def _values(rules: LifecycleRules) -> dict[str, SharedNumbers]:
    """Return each Value and Array."""
    values = {
        name: SharedNumbers(recorded("value {name}", name=name), [rule.value], has_lock=rule.lock)
        for name, rule in rules.values.items()
    }
    arrays = {
        name: SharedNumbers(
            recorded("array {name}", name=name), rule.values, has_lock=rule.lock, is_array=True
        )
        for name, rule in rules.arrays.items()
    }
    return values | arrays


def _connections(context: CallContext, name: str, *, duplex: bool) -> tuple[Connection, ...]:
    """Return both ends of a pipe: what `multiprocessing.Pipe` returns."""
    descriptors, words = context.descriptors, recorded("pipe {name}", name=name)
    if duplex:
        first, second = SocketPair(words).directions
        return (
            Connection(descriptors, reads=second, writes=first),
            Connection(descriptors, reads=first, writes=second),
        )
    pipe = Pipe(words)
    return Connection(descriptors, pipe, None), Connection(descriptors, None, pipe)
