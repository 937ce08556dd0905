"""The admission control of Linux for processes of class deadline."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.linux.admission import Reservation, first_too_much, refusals
from kernel.workload import SchedulerSpec
from language.schema.affinity import allowed
from language.schema.process import ProcessEntry
from language.source.errors import Problem
from language.source.tree import Node
from translation import tr


def admission_problems(
    file: str, root: Node, processes: Sequence[ProcessEntry], scheduler: SchedulerSpec, cores: int
) -> list[Problem]:
    """Return a problem for each process of class deadline that Linux would refuse.

    Under a policy that is not Linux's, return only problems of the keys of a single process.
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
            why = tr(
                "Linux refuses class deadline to a process that is pinned (EPERM): leave it out"
            )
            problems.append(_node_of(root, at).key_problem(file, ("processes", at, "cores"), why))
    many = [(asked, processes[at].count or 1) for at, asked in found]
    server: int = scheduler.parameters.get("fair_server", 0)
    refused = None if problems else first_too_much(many, cores, server)
    if refused is not None:
        at, why = found[refused[0]][0], refused[1]
        problems.append(_node_of(root, at).key_problem(file, ("processes", at, "runtime"), why))
    return problems


def _is_dated(process: ProcessEntry) -> bool:
    whole = process.runtime is not None and process.period is not None
    return whole and getattr(process, "class") == "deadline"


def _asked(process: ProcessEntry) -> Reservation:
    assert process.runtime is not None
    assert process.period is not None
    return Reservation(process.runtime, process.deadline or process.period, process.period)


def _node_of(root: Node, at: int) -> Node:
    node = root.child("processes")
    found = node.child(at) if node is not None else None
    assert found is not None  # the check of the scenario has found no mistake
    return found
