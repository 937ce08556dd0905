"""Where `on_miss` may stand: a job that is late can be dropped where nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator

from language.schema.device_rules import makes_calls
from language.schema.scenario import Scenario
from language.schema.steps import has_memory_steps
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath
from translation import tr


def unfounded_problem(file: str, path: KeyPath, process: Node) -> Iterator[Problem]:
    """Yield a problem if `on_miss` stands in a process without jobs, or without deadlines."""
    if process.child("on_miss") is None or process.child("period") is not None:
        return
    if process.child("releases") is None:
        message = tr("needs a period, like period: 50ms, or releases: it is about one job of many")
    elif process.child("deadline") is None:
        message = tr("needs a deadline, like deadline: 30ms: without one no job is late")
    else:
        return
    yield process.key_problem(file, (*path, "on_miss"), message)


def firm_deadline_problems(file: str, root: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield a problem for each process whose jobs cannot be dropped.

    A process that waits for memory, or is swapped out, stands at no step of its job. A job that
    makes calls would leave locks held, and messages and children behind.
    """
    calls = makes_calls(scenario)
    nodes = root.child("processes")
    for at, process in enumerate(scenario.processes):
        if process.on_miss != "abort" or nodes is None:
            continue
        if calls:
            why = tr(
                "abort cannot be used in a scenario with threads, or with steps of the life "
                "of processes (start, join, locks, queues ...)"
            )
        elif process.memory or has_memory_steps(process.program or []):
            why = tr(
                "abort is only for a process without memory: a process that waits for "
                "memory, or is swapped out, cannot leave its job"
            )
        else:
            continue
        node = nodes.child(at)
        assert node is not None
        yield node.key_problem(file, ("processes", at, "on_miss"), why)
