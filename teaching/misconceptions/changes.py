"""Changes of a scenario: the kinds of change of which misconceptions are made.

Each function returns a change, which takes a workload and returns another one; None means that the
change means nothing there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kernel.policies import POLICIES
from kernel.process.calls import Call
from kernel.process.program import WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.scheduling.policy import Policy
from kernel.workload import SchedulerSpec, Workload
from teaching.misconceptions.misconception import Change


def under_policy(workload: Workload, name: str) -> Workload | None:
    """Return the workload under a policy of the kernel, with its own parameters where both have.

    None if the policy refuses its parameters.
    """
    return _with(workload, POLICIES[name], name=name)


def _with(
    workload: Workload, kind: type[Policy], name: str = "", **changed: Any
) -> Workload | None:
    scheduler, known = workload.scheduler, kind.parameters()
    kept = {key: value for key, value in scheduler.parameters.items() if key in known}
    parameters = {**known, **kept, **changed}
    made = replace(
        scheduler, policy=kind, parameters=parameters, name=name or scheduler.name, own=False
    )
    try:
        probe = kind()
        for key, value in parameters.items():
            setattr(probe, key, value)
        probe.check()
    except ValueError:
        return None
    return replace(workload, scheduler=made)


def policy(*of: str, to: type[Policy] | str, when: str = "") -> Change:
    """Return the change of one of the policies `of` into another one.

    `when` names a condition: "io" (a process waits), "one core", "quantum".
    """

    def change(workload: Workload) -> Workload | None:
        if workload.scheduler.name not in of or not _holds(when, workload):
            return None
        return under_policy(workload, to) if isinstance(to, str) else _with(workload, to)

    return change


def _holds(when: str, workload: Workload) -> bool:
    if when == "io":
        return any(_waits(spec.program) for spec in workload.processes)
    return workload.cores == 1 if when == "one core" else True


def _waits(program: Program) -> bool:
    return any(place >= WAIT for place in program.places)


def parameter(name: str, value: Callable[[Any], Any], *of: str) -> Change:
    """Return the change of a parameter of the policies `of` (none named: of any that has it)."""

    def change(workload: Workload) -> Workload | None:
        scheduler = workload.scheduler
        if name not in scheduler.parameters or (of and scheduler.name not in of):
            return None
        new = value(scheduler.parameters[name])
        if new == scheduler.parameters[name]:
            return None
        changed = {**scheduler.parameters, name: new}
        return replace(workload, scheduler=replace(scheduler, parameters=changed))

    return change


def always(value: Any) -> Callable[[Any], Any]:
    """Return a function that returns `value`, whatever the old value is."""
    return lambda _old: value


def scheduler(**fields: Callable[[SchedulerSpec], Any]) -> Change:
    """Return the change of fields of the scheduler, each computed from the old scheduler."""

    def change(workload: Workload) -> Workload | None:
        new = {name: value(workload.scheduler) for name, value in fields.items()}
        return replace(workload, scheduler=replace(workload.scheduler, **new))

    return change


def memory(name: str, value: Callable[[Any], Any]) -> Change:
    """Return the change of one rule of memory. `value` returns None where it means nothing."""

    def change(workload: Workload) -> Workload | None:
        if workload.memory is None:
            return None
        old = getattr(workload.memory, name)
        new = value(old)
        if new is None or new == old:
            return None
        return replace(workload, memory=replace(workload.memory, **{name: new}))

    return change


def processes(change_one: Callable[[ProcessSpec], ProcessSpec]) -> Change:
    """Return the change of each process; None if none is changed."""

    def change(workload: Workload) -> Workload | None:
        new = tuple(map(change_one, workload.processes))
        return None if new == workload.processes else replace(workload, processes=new)

    return change


def steps(change_step: Callable[[int, int], tuple[int, int] | None]) -> Change:
    """Return the change of each step (place, ns) of all programs; None: the step is left out."""

    def change_one(spec: ProcessSpec) -> ProcessSpec:
        program = spec.program
        if program.calls or program.memory_steps:
            return spec
        steps = zip(program.places, program.durations, strict=True)
        kept = [new for step in steps if (new := change_step(*step)) is not None]
        return replace(spec, program=Program.of(kept)) if kept else spec

    return processes(change_one)


def calls(change_call: Callable[[Call], Call]) -> Change:
    """Return the change of each call of all programs."""

    def change_one(spec: ProcessSpec) -> ProcessSpec:
        calls = tuple(map(change_call, spec.program.calls))
        return replace(spec, program=replace(spec.program, calls=calls))

    def change(workload: Workload) -> Workload | None:
        return None if workload.lifecycle is None else processes(change_one)(workload)

    return change


def lifecycle(**fields: Any) -> Change:
    """Return the change of rules of the life of processes."""

    def change(workload: Workload) -> Workload | None:
        rules = workload.lifecycle
        if rules is None:
            return None
        return replace(workload, lifecycle=replace(rules, **fields))

    return change
