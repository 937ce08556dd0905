"""The children of processes, expanded before the run: one process for each start step.

A program has no conditions, so its text shows which processes it will start, and with which
programs. Only the run decides when it starts them, and whether it lives long enough.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from kernel.lifecycle.memory_steps import KINDS
from kernel.process.calls import CALL, Call
from kernel.process.program import Program
from language.expansion.errors import EndlessError, NoMemoryError
from language.expansion.pool_tasks import PoolTasks, in_a_task
from language.schema.lifecycle_base import LifecycleStep
from language.schema.pool_steps import MapStep, SubmitStep
from language.schema.process_object_steps import CallStep, Start, StartStep

Steps = Iterator[tuple[int, int]]
"""(place, ns or bytes) of each step; for the place CALL, (CALL, index in `Births.table`)."""


@dataclass(slots=True)
class Child:
    """A process that another process will start."""

    index: int
    parent: int  # the index of the process that starts it
    name: str  # unique in the scenario
    start: Start | None  # None: it is a worker of a pool
    pool: str = ""  # of which it is a worker


@dataclass(slots=True)
class Thread:
    """A thread of a process."""

    index: int
    name: str
    owner: int  # the index of its process
    row: int  # the place of its process in the file
    arrival: int  # ns
    program: Any  # a list of steps, or the name of one of `programs`


@dataclass(slots=True)
class Births:
    """The started processes and the threads. Their indices follow the file's processes."""

    next_index: int
    limit: int
    names: set[str]  # names in use
    table: list[LifecycleStep] = field(default_factory=list)  # by the numbers in `Steps`
    waiting: deque[Child] = field(default_factory=deque)  # children that are not yet expanded
    threads: list[Thread] = field(default_factory=list)
    process_of: dict[int, int] = field(default_factory=dict)  # by the index of a thread
    pools: dict[str, PoolTasks] = field(default_factory=dict)  # by name
    made: int = 0  # programs that were started or called

    def number(self, step: LifecycleStep) -> int:
        """Return the number that stands for the step in `Steps`."""
        self.table.append(step)
        return len(self.table) - 1

    def program(
        self,
        owner: int,
        name: str,
        steps: Steps,
        of: Callable[[str], Steps],
        in_memory: bool,
        first: Call | None = None,
        tasks: bool = False,
    ) -> tuple[Program, dict[str, int]]:
        """Return the program of process `owner`, and the Process objects that it makes, by name.

        The value of a Process object is the child's index, or -1 for a direct call. `of` returns
        the steps of a template, for calls; `in_memory`: the process asks for memory. The program
        makes the call `first` before its steps. `tasks`: its steps are those of tasks of a pool.
        Raises EndlessError at the limit, and NoMemoryError.
        """
        calls: list[Call] = []
        declared: dict[str, int] = {}

        def resolved(steps: Steps) -> Steps:
            for place, amount in steps:
                if place in KINDS:
                    if not in_memory:
                        raise NoMemoryError
                    calls.append(Call(KINDS[place], "", amount))
                    yield CALL, len(calls) - 1
                    continue
                if place != CALL:
                    yield place, amount
                    continue
                step = self.table[amount]
                for call in self._calls_of(step, owner, name, declared):
                    calls.append(in_a_task(call) if tasks else call)
                    yield CALL, len(calls) - 1
                if isinstance(step, CallStep):
                    self._count()
                    declared.setdefault(step.to_call().name, -1)
                    yield from resolved(of(step.program))

        def to_the_end() -> Steps:
            if first is not None:
                calls.append(first)
                yield CALL, 0
            yield from resolved(steps)
            if calls:
                calls.append(Call("end"))
                yield CALL, len(calls) - 1

        program = Program.of(to_the_end())
        self._give_workers(calls, owner)
        return Program(
            program.places, program.durations, program.memory_steps, tuple(calls)
        ), declared

    def _calls_of(
        self, step: LifecycleStep, owner: int, name: str, declared: dict[str, int]
    ) -> Iterator[Call]:
        """Yield the calls of a step of process `owner`. A start makes a child and is `declared`."""
        call = step.to_call()
        if isinstance(step, StartStep) and isinstance(step.start, Start):
            child = self._child(owner, name, step.start)
            declared.setdefault(call.name, child)
            if step.start.attributes:
                yield _attributes_of(call.name, step.start)
            call = Call(call.kind, call.name, call.value, child, call.options)
        elif isinstance(step, SubmitStep):
            numbers = self.pools[call.name].hand_in([step.submit.task])
            call = replace(call, options={"tasks": numbers})
        elif isinstance(step, MapStep):
            call = replace(call, options={"tasks": self.pools[call.name].hand_in(step.map.tasks)})
        yield call

    def _give_workers(self, calls: list[Call], owner: int) -> None:
        """Give calls that open a pool the indices of all workers that the pool may need.

        All tasks have been handed in: it is the end of the program of process `owner`.
        """
        for place, call in enumerate(calls):
            if call.kind == "open_pool":
                pool = self.pools[call.name]
                many = pool.workers + pool.spare(pool.tasks)
                workers = tuple(self._worker(pool, number, owner) for number in range(1, many + 1))
                calls[place] = replace(
                    call, value=pool.workers, options={"workers": workers, "kind": pool.kind}
                )

    def _worker(self, pool: PoolTasks, number: int, owner: int) -> int:
        self._count()
        index, unique = self._next(f"{pool.name}/{number}")
        self.waiting.append(Child(index, owner, unique, None, pool.name))
        return index

    def _child(self, owner: int, parent: str, start: Start) -> int:
        self._count()
        name = start.handle
        if name in self.names:
            name = f"{parent}/{start.handle}"
        index, unique = self._next(name)
        self.waiting.append(Child(index, self.process_of.get(owner, owner), unique, start))
        return index

    def thread(self, owner: str, number: int) -> tuple[int, str]:
        """Return index and name of the thread with that number (from 1) of process `owner`."""
        return self._next(f"{owner}/{number}")

    def _next(self, name: str) -> tuple[int, str]:
        """Return the next index, and a name that no other process has."""
        unique, number = name, 1
        while unique in self.names:
            number += 1
            unique = f"{name}#{number}"
        self.names.add(unique)
        self.next_index += 1
        return self.next_index - 1, unique

    def _count(self) -> None:
        self.made += 1
        if self.made > self.limit:
            raise EndlessError


def _attributes_of(name: str, start: Start) -> Call:
    """Return the call that gives a Process object, or its copy `self` in the child, attributes.

    An attribute is a variable called `c1.limit` in the process that has the object `c1`.
    """
    return Call("set", "", {f"{name}.{key}": value for key, value in start.attributes.items()})


def own_attributes(start: Start) -> Call | None:
    """Return the call by which a child begins that is an object with attributes."""
    return _attributes_of("self", start) if start.attributes else None
