"""What a process may tell Linux's scheduler of itself: its class and what belongs to that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from kernel.linux.admission import Reservation, first_too_much, refusals
from kernel.process.linux_attributes import CLASSES, LEAST_SLICE, MOST_SLICE, Attributes
from kernel.units import format_duration
from language.schema.affinity import allowed
from language.schema.context import Facts
from language.schema.quantities import Read, time, whole, word
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath, either, got

if TYPE_CHECKING:
    from kernel.workload import SchedulerSpec
    from language.schema.process import Process

REAL_TIME = ("fifo", "rr")

_least, _most = format_duration(LEAST_SLICE), format_duration(MOST_SLICE)
_any = time(1, "a duration above 0")


def _slice(value: Any, facts: Facts) -> int:
    ns: int = _any.convert(value, facts)
    if not LEAST_SLICE <= ns <= MOST_SLICE:
        raise ValueError(got(f"a duration from {_least} to {_most}", value))
    return ns


class Keys(Protocol):
    """Of a checked process, beside its `class`."""

    @property
    def rt_priority(self) -> int | None: ...
    @property
    def slice(self) -> int | None: ...
    @property
    def runtime(self) -> int | None: ...


RtPriority = Annotated[int, whole(1, 99)]
Slice = Annotated[int, Read(_slice, _any.schema)]
Class = Annotated[str, word(*CLASSES)]


def attributes(keys: Keys) -> Attributes:
    """As the kernel has them."""
    kind: str = getattr(keys, "class")  # not a name in Python
    priority = keys.rt_priority or (1 if kind in REAL_TIME else 0)
    return Attributes(kind, priority, keys.slice, keys.runtime)


def class_problems(file: str, path: KeyPath, process: Node) -> list[Problem]:
    """Keys that mean nothing in the process's class, or that it lacks."""
    node = process.child("class")
    kind = node.value if node is not None else "other"
    if kind not in CLASSES:
        return []
    belong = {"rt_priority": REAL_TIME, "runtime": ("deadline",)}
    belong["slice"] = ("other", "batch", "idle")
    problems = [
        process.key_problem(
            file, (*path, key), f"is for class {either(classes)}; this one is {kind}"
        )
        for key, classes in belong.items()
        if process.child(key) is not None and kind not in classes
    ]
    if kind == "deadline" and node is not None:
        problems += _reservation(file, path, process, node)
    return problems


def _reservation(file: str, path: KeyPath, process: Node, node: Node) -> list[Problem]:
    lacks = [key for key in ("runtime", "period") if process.child(key) is None]
    if not lacks:
        return []
    message = "deadline needs a runtime and a period, like runtime: 10ms, period: 100ms"
    return [node.problem(file, (*path, "class"), f"{message} (no {' and no '.join(lacks)})")]


def admission_problems(
    file: str, root: Node, processes: Sequence[Process], scheduler: SchedulerSpec, cores: int
) -> list[Problem]:
    """What Linux refuses of the processes of class deadline.

    Where another policy schedules them, only what no policy could make sense of.
    """
    found = [(at, _asked(each)) for at, each in enumerate(processes) if _is_dated(each)]
    problems = [
        _node_of(root, at).key_problem(file, ("processes", at, key), why)
        for at, asked in found
        for key, why in refusals(asked)
    ]
    if scheduler.dispatch != "none" and not scheduler.policy.left_to_the_machine:
        return problems
    for at, _ in found:
        chosen = allowed(processes[at].cores)
        if chosen is not None and len(chosen) < cores:
            why = "Linux refuses class deadline to a process that is pinned (EPERM): leave it out"
            problems.append(_node_of(root, at).key_problem(file, ("processes", at, "cores"), why))
    many = [(asked, processes[at].count or 1) for at, asked in found]
    server: int = scheduler.parameters.get("fair_server", 0)
    refused = None if problems else first_too_much(many, cores, server)
    if refused is not None:
        at, why = found[refused[0]][0], refused[1]
        problems.append(_node_of(root, at).key_problem(file, ("processes", at, "runtime"), why))
    return problems


def _is_dated(process: Process) -> bool:
    whole = process.runtime is not None and process.period is not None
    return whole and getattr(process, "class") == "deadline"


def _asked(process: Process) -> Reservation:
    assert process.runtime is not None and process.period is not None
    return Reservation(process.runtime, process.deadline or process.period, process.period)


def _node_of(root: Node, at: int) -> Node:
    node = root.child("processes")
    found = node.child(at) if node is not None else None
    assert found is not None  # the scenario is checked
    return found
