"""Rules between the locks of a scenario, what uses them, and the policy."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.workload import SchedulerSpec
from language.schema.scenario import Scenario
from language.schema.shared_objects import LockSection
from language.schema.written_programs import programs_of, steps_in
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath
from translation import tr


def own_lock_problems(file: str, root: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield a problem for each condition with a lock of kind `thread`."""
    own = set(_own(scenario))
    conditions = scenario.conditions if isinstance(scenario.conditions, dict) else {}
    for name, condition in conditions.items():
        if condition.lock in own:
            path: KeyPath = ("conditions", name, "lock")
            why = tr(
                "{lock!r} is of kind thread, of which each process has its own; a "
                "condition needs a lock that processes share",
                lock=condition.lock,
            )
            yield _at(root, path).problem(file, path, why)


def _own(scenario: Scenario) -> Iterator[str]:
    """Yield the names of the locks of which each process has its own."""
    for name, lock in (scenario.locks if isinstance(scenario.locks, dict) else {}).items():
        if (lock if isinstance(lock, str) else lock.kind) == "thread":
            yield name


def protocol_problems(
    file: str, root: Node, scenario: Scenario, scheduler: SchedulerSpec
) -> Iterator[Problem]:
    """Yield a problem for each protocol that cannot hold under the policy, or is too low."""
    protocols = _protocols(scenario)
    if not protocols or not scheduler.policy.goes_by_priority:
        return
    why = None
    if scheduler.dispatch == "none":
        why = tr(
            "needs Multiprog's dispatcher: with dispatch: none a lock is a "
            "multiprocessing.Lock, which has no protocol"
        )
    elif scheduler.parameters.get("aging") is not None:
        why = tr("is given together with aging, and both change priorities; leave one of them out")
    if why is not None:
        for name in protocols:
            path: KeyPath = ("locks", name, "protocol")
            yield _at(root, path).problem(file, path, why)
        return
    for name, lock in protocols.items():
        yield from _too_low(file, root, scenario, scheduler.urgency_sign, name, lock)


def protocol_remarks(scenario: Scenario, scheduler: SchedulerSpec) -> list[str]:
    """Return a remark if a lock has a protocol that has no effect under the policy."""
    names = ", ".join(_protocols(scenario))
    if not names or scheduler.policy.goes_by_priority:
        return []
    return [
        tr(
            "{name} does not go by priorities: the protocol of {locks} has no effect "
            "(scheduler: {{policy: priority}} does)",
            name=scheduler.name,
            locks=names,
        )
    ]


def _protocols(scenario: Scenario) -> dict[str, LockSection]:
    """Return the locks that have a protocol, by name."""
    locks = scenario.locks if isinstance(scenario.locks, dict) else {}
    return {
        name: lock
        for name, lock in locks.items()
        if isinstance(lock, LockSection) and lock.protocol != "none"
    }


def _too_low(
    file: str, root: Node, scenario: Scenario, sign: int, name: str, lock: LockSection
) -> Iterator[Problem]:
    """Yield a problem if a process that takes the lock is more important than its ceiling."""
    if lock.ceiling is None:
        return
    for path, program in programs_of(root):
        whose = scenario.programs if path[0] == "programs" else scenario.processes
        priority = whose[path[1]].priority  # type: ignore[index]
        if sign * priority < sign * lock.ceiling and any(
            key == "lock" and _taken(scenario, step) == name
            for _, key, step in steps_in(path, program)
        ):
            place: KeyPath = ("locks", name, "ceiling")
            message = tr(
                "is below the priority {priority} of {process}, which takes the lock; "
                "write the highest priority of those that take it, like ceiling: "
                "{priority}",
                priority=priority,
                process=_owner(scenario, path),
            )
            yield _at(root, place).problem(file, place, message)
            return


def _taken(scenario: Scenario, step: Node) -> str:
    """Return the lock that a step takes: a condition may stand for its lock."""
    written = step.child("lock") or Node(None)
    if isinstance(written.value, dict):
        written = written.child("lock") or written
    conditions = scenario.conditions if isinstance(scenario.conditions, dict) else {}
    condition = conditions.get(str(written.value))
    return str(written.value) if condition is None else str(condition.lock)


def _owner(scenario: Scenario, path: KeyPath) -> str:
    return str(path[1]) if path[0] == "programs" else scenario.processes[int(path[1])].name


def _at(root: Node, path: KeyPath) -> Node:
    """Return the node at `path`, or the nearest one above it."""
    for key in path:
        root = root.child(key) or root
    return root
