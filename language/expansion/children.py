"""Children expanded beforehand: every start step of a program is one process of the workload.

A program has no conditions, so which processes it will start, and with which programs, stands in
its text; only when, and whether it lives to do so, is decided by the run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kernel.lifecycle.memory_steps import KINDS
from kernel.process.calls import CALL, Call
from kernel.process.program import Program
from language.schema.lifecycle_base import LifecycleStep
from language.schema.process_object_steps import CallStep, Start, StartStep
from language.source.wording import KeyPath

Steps = Iterator[tuple[int, int]]
"""(place, ns or bytes); at the place CALL the number of a life step in the table of its entry."""


class TooManyError(ValueError):
    """More processes are started than the limit allows. `path` is where the program stands."""

    def __init__(self, path: KeyPath, limit: int) -> None:
        super().__init__(
            f"starts or calls programs more than {limit:,} times in all (the limit children): "
            "does a program start itself without end?"
        )
        self.path = path


class CalledWithoutMemoryError(ValueError):
    """A program with memory steps is called by one without memory. `path`: where that stands."""

    def __init__(self, path: KeyPath) -> None:
        super().__init__(
            "calls a program with steps in memory, which runs in this process: it needs memory of "
            "its own, like memory: 4MiB"
        )
        self.path = path


class NoMemoryError(Exception):
    """A memory step of a process that has no memory."""


class EndlessError(Exception):
    """The limit is reached."""


@dataclass(slots=True)
class Child:
    """One that will be started: by whom, with which program, called what."""

    index: int
    parent: int
    name: str  # of all processes of the scenario nobody else is called so
    start: Start


@dataclass(slots=True)
class Thread:
    """One of a process's threads: a list of steps, or the name of one of programs."""

    index: int
    name: str
    owner: int
    row: int  # of its process in the file
    arrival: int  # ns
    program: Any


@dataclass(slots=True)
class Births:
    """Who starts whom. Indices follow those of the processes of the file."""

    next_index: int
    limit: int
    names: set[str]  # taken
    table: list[LifecycleStep] = field(default_factory=list)
    waiting: deque[Child] = field(default_factory=deque)  # not yet expanded
    threads: list[Thread] = field(default_factory=list)
    made: int = 0

    def number(self, step: LifecycleStep) -> int:
        """The number that stands for this step in `Steps`."""
        self.table.append(step)
        return len(self.table) - 1

    def program(
        self, owner: int, name: str, steps: Steps, of: Callable[[str], Steps], in_memory: bool
    ) -> tuple[Program, dict[str, int]]:
        """The program of process `owner` and the Process objects that it makes, by name.

        `of` gives the steps of a template, for calls; `in_memory`: it asks for memory. Raises
        EndlessError at the limit, NoMemoryError.
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
                call = step.to_call()
                if isinstance(step, StartStep) and isinstance(step.start, Start):
                    child = self._child(owner, name, step.start)
                    call = Call(call.kind, call.name, call.value, child, call.options)
                    declared.setdefault(call.name, child)
                calls.append(call)
                yield CALL, len(calls) - 1
                if isinstance(step, CallStep):
                    self._count()
                    declared.setdefault(call.name, -1)
                    yield from resolved(of(step.program))

        def to_the_end() -> Steps:
            yield from resolved(steps)
            if calls:
                calls.append(Call("end"))
                yield CALL, len(calls) - 1

        program = Program.of(to_the_end())
        return Program(
            program.places, program.durations, program.memory_steps, tuple(calls)
        ), declared

    def _child(self, owner: int, parent: str, start: Start) -> int:
        self._count()
        name = start.handle
        if name in self.names:
            name = f"{parent}/{start.handle}"
        index, unique = self._next(name)
        self.waiting.append(Child(index, owner, unique, start))
        return index

    def thread(self, owner: str, number: int) -> tuple[int, str]:
        """Index and name of a thread of process `owner`, its `number`-th from 1."""
        return self._next(f"{owner}/{number}")

    def _next(self, name: str) -> tuple[int, str]:
        """Another index, and a name that nobody has."""
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
