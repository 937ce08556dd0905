"""A workload as plain data, which can be made smaller and written as a scenario."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any

from kernel.hardware import DeviceSpec
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import format_duration
from kernel.workload import SchedulerSpec, Workload

WIDTH = 74  # columns of a line
CPU_STEP, IO_STEP, DISK = "cpu", "io", "disk"
_PLACES = {CPU_STEP: CPU, IO_STEP: WAIT, DISK: 0}
Steps = tuple[tuple[str, int], ...]
"""(kind, ns) of each step: CPU_STEP, IO_STEP (a wait that never queues) or DISK (it does)."""


@dataclass(frozen=True, slots=True)
class Task:
    """One process of a case. Times in ns."""

    name: str
    arrival: int
    steps: Steps
    priority: int = 0
    tickets: int = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A hidden workload: its kind, which one of that kind it is, and what it consists of."""

    kind: str
    number: int
    tasks: tuple[Task, ...]
    cores: int = 1
    seed: int = 0  # of the policy's random generator
    unit: int = 10_000_000  # ns; times are multiples of it

    @property
    def name(self) -> str:
        """Return what it is called in feedback, like `ties 2`."""
        return f"{self.kind} {self.number}"

    @property
    def uses_disk(self) -> bool:
        """Whether a process waits for the device."""
        return any(kind == DISK for task in self.tasks for kind, _ in task.steps)

    @property
    def size(self) -> tuple[int, ...]:
        """Return what a smaller case has less of; what stands first counts most."""
        steps = sum(len(task.steps) for task in self.tasks)
        queues = sum(kind == DISK for task in self.tasks for kind, _ in task.steps)
        times = [time for task in self.tasks for time in (task.arrival, *_times(task))]
        odd = sum(time % self.unit > 0 for time in times)
        plain = sum((task.priority != 0) + (task.tickets != 100) for task in self.tasks)
        return len(self.tasks), self.cores, steps, queues, odd, sum(times), plain

    def workload(self, scheduler: SchedulerSpec) -> Workload:
        """Return the workload with this scheduler."""
        text = self.text(scheduler)
        source: dict[str, Any] = {
            "title": self.name,
            "about": None,
            "file": f"{self.kind}-{self.number}.yaml",
            "text": text,
            "overrides": [],
            "sha256": sha256(text.encode()).hexdigest(),
            "seed": self.seed,
        }
        return Workload(
            source=source,
            cores=self.cores,
            devices=(DeviceSpec(DISK, 1),) if self.uses_disk else (),
            memory=None,
            scheduler=scheduler,
            processes=tuple(_spec(index, task) for index, task in enumerate(self.tasks)),
        )

    def text(self, scheduler: SchedulerSpec) -> str:
        """Return the case as a scenario file, which a student can run."""
        return "\n".join(self._lines(scheduler)) + "\n"

    def _lines(self, scheduler: SchedulerSpec) -> Iterator[str]:
        machine = [f"cores: {self.cores}"] if self.cores > 1 else []
        machine += [f"devices: {{{DISK}: {{}}}}"] if self.uses_disk else []
        if machine:
            yield f"machine: {{{', '.join(machine)}}}"
        yield f"scheduler: {{{', '.join(_scheduler(scheduler))}}}"
        yield "processes:"
        for task in self.tasks:
            line = f"  - {{{', '.join(_entries(task))}}}"
            yield from textwrap.wrap(
                line,
                WIDTH,
                subsequent_indent=" " * 5,
                break_long_words=False,
                break_on_hyphens=False,
            )


_RULES = ("ties", "draws", "completed_io", "queues", "balance")
"""Keys of the section `scheduler` that are no parameters of the policy."""
_SHOWN = ("quantum", "quanta")
"""Parameters that are written even if they have their defaults, as times follow from them."""


def _spec(index: int, task: Task) -> ProcessSpec:
    program = Program.of((_PLACES[kind], ns) for kind, ns in task.steps)
    return ProcessSpec(
        index, task.name, task.arrival, program, priority=task.priority, tickets=task.tickets
    )


def _scheduler(scheduler: SchedulerSpec) -> Iterator[str]:
    yield f"policy: {scheduler.name}"
    defaults = scheduler.policy.parameters()
    for name, value in scheduler.parameters.items():
        if value != defaults.get(name) or (name in _SHOWN and value is not None):
            yield f"{name}: {_value(value)}"
    for each in fields(SchedulerSpec):
        value = getattr(scheduler, each.name)
        if each.name in _RULES and value != each.default:
            yield f"{each.name}: {value}"


def _value(value: Any) -> str:
    """Return a parameter as a scenario has it. A whole number of at least 1us is a duration."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return format_duration(value) if isinstance(value, int) and value >= 1_000 else str(value)


def _entries(task: Task) -> Iterator[str]:
    yield f"name: {task.name}"
    if task.arrival:
        yield f"arrival: {format_duration(task.arrival)}"
    if task.priority:
        yield f"priority: {task.priority}"
    if task.tickets != 100:
        yield f"tickets: {task.tickets}"
    if len(task.steps) == 1 and task.steps[0][0] == CPU_STEP:
        yield f"cpu: {format_duration(task.steps[0][1])}"
        return
    steps = [
        f"{{{IO_STEP}: {{{DISK}: {format_duration(ns)}}}}}"
        if kind == DISK
        else f"{{{kind}: {format_duration(ns)}}}"
        for kind, ns in task.steps
    ]
    yield f"program: [{', '.join(steps)}]"


def _times(task: Task) -> Iterator[int]:
    return (ns for _, ns in task.steps)


def renamed(case: Case) -> Case:
    """Return the case with its processes named A, B, C and so on."""
    tasks = [replace(task, name=name_of(at)) for at, task in enumerate(case.tasks)]
    return replace(case, tasks=tuple(tasks))


def name_of(index: int) -> str:
    """Return the name of the process with that place: A to Z, then P27 and so on."""
    return chr(ord("A") + index) if index < 26 else f"P{index + 1}"
