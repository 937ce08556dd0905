"""The objects of `multiprocessing` that the programs share: locks, queues, pipes, values."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

from kernel.process.calls import Call, LifecycleRules, LockRules, QueueRules
from kernel.workload import Workload


@dataclass(slots=True)
class SharedObjects:
    """Objects of `multiprocessing`, by the name that the scenario gives them."""

    locks: dict[str, Any] = field(default_factory=dict)
    semaphores: dict[str, Any] = field(default_factory=dict)
    events: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] = field(default_factory=dict)
    barriers: dict[str, Any] = field(default_factory=dict)
    queues: dict[str, Any] = field(default_factory=dict)
    pipes: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # the two ends of each
    values: dict[str, Any] = field(default_factory=dict)  # a Value, or an Array

    def lock(self, name: str) -> Any:
        """Return the lock of that name: a lock, a condition, or the lock of a shared value."""
        if name in self.conditions:
            return self.conditions[name]
        if name in self.values:
            return self.values[name].get_lock()
        return self.locks[name]

    def close_pipes(self) -> None:
        """Close both ends of all pipes in the caller. Processes that it has forked keep theirs."""
        for ends in self.pipes.values():
            for end in ends:
                end.close()

    def close(self) -> None:
        """Close the queues and pipes, and drop the references to all objects.

        A named semaphore is given back when its object is collected.
        """
        for queue in self.queues.values():
            queue.close()
        self.close_pipes()
        for each in fields(self):
            getattr(self, each.name).clear()


def make_shared_objects(workload: Workload, context: Any) -> SharedObjects:
    """Return new objects for all names that the programs of the workload use.

    `context` is a context of `multiprocessing`.
    """
    made, rules = SharedObjects(), workload.lifecycle or LifecycleRules()
    for name, value in rules.values.items():
        made.values[name] = context.Value("q", value.value, lock=value.lock)
    for name, array in rules.arrays.items():
        made.values[name] = context.Array("q", list(array.values), lock=array.lock)
    for name, semaphore in rules.semaphores.items():
        kind = context.BoundedSemaphore if semaphore.bounded else context.Semaphore
        made.semaphores[name] = kind(semaphore.value)
    for name, parties in rules.barriers.items():
        made.barriers[name] = context.Barrier(parties)
    for name, pipe in rules.pipes.items():
        made.pipes[name] = context.Pipe(pipe.duplex)
    for name, lock in rules.locks.items():
        made.locks[name] = _lock(lock, context)
    _make_undeclared(made, rules, workload, context)
    for name, condition in rules.conditions.items():
        if condition.lock is not None and condition.lock not in made.locks:
            made.locks[condition.lock] = context.Lock()
        made.conditions[name] = context.Condition(made.locks.get(condition.lock or ""))
    return made


def _make_undeclared(
    made: SharedObjects, rules: LifecycleRules, workload: Workload, context: Any
) -> None:
    """Make the locks, queues and events that exist because a program names them."""
    for call in _calls(workload):
        if call.kind in ("lock", "unlock"):
            if call.name not in (*made.locks, *rules.conditions, *made.values):
                made.locks[call.name] = context.Lock()
        elif call.kind in ("send", "receive", "task_done", "join_queue"):
            if call.name not in made.queues:
                made.queues[call.name] = _queue(rules.queues.get(call.name), context)
        elif call.kind.endswith("_event") and call.name not in made.events:
            made.events[call.name] = context.Event()


def _calls(workload: Workload) -> Iterator[Call]:
    return (call for spec in workload.processes for call in spec.program.calls)


class OwnLock:
    """A threading.Lock. A forked process has a copy in its state, a spawned one a new one."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self.acquire, self.release = lock.acquire, lock.release

    def __reduce__(self) -> tuple[type[OwnLock], tuple[()]]:
        return OwnLock, ()


def _lock(rules: LockRules, context: Any) -> Any:
    if rules.kind == "thread":
        return OwnLock()
    return context.RLock() if rules.kind == "rlock" else context.Lock()


def _queue(rules: QueueRules | None, context: Any) -> Any:
    """Return a new queue; None: a SimpleQueue, as of a name that is not declared."""
    if rules is None or rules.kind == "simple":
        return context.SimpleQueue()
    make = context.JoinableQueue if rules.kind == "joinable" else context.Queue
    return make(rules.maxsize)
