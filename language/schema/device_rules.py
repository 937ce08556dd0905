"""Rules between devices, memory and the rest of a checked scenario."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.workload import SchedulerSpec
from language.schema.scenario import Scenario
from language.schema.steps import has_lifecycle_steps
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath
from translation import tr

DEVICES: KeyPath = ("machine", "devices")


def device_problems(
    file: str, root: Node, scenario: Scenario, scheduler: SchedulerSpec
) -> Iterator[Problem]:
    """Yield a problem for each queue that a native run or a scenario with calls does not have."""
    for name, device in scenario.machine.devices.items():
        why, key = None, "queue"
        if device.changes is not None and scheduler.dispatch == "none":
            why, key = (
                tr(
                    "needs Multiprog's dispatcher: with dispatch: none the number of servers of "
                    "a device cannot change"
                ),
                "changes",
            )
        elif device.queue != "fifo" and scheduler.dispatch == "none":
            why = tr(
                "needs Multiprog's dispatcher: with dispatch: none the queue of each device "
                "is first in, first out"
            )
        elif device.queue == "sstf" and makes_calls(scenario):
            why = tr(
                "cannot be used in a scenario with threads, or with steps of the life of "
                "processes (start, join, locks, queues ...)"
            )
        if why is not None:
            yield _at(root, (*DEVICES, name, key)).problem(file, (*DEVICES, name, key), why)


def refusal_problems(file: str, root: Node, scenario: Scenario) -> Iterator[Problem]:
    """Yield a problem if a program that another one waits for may be refused."""
    if (
        scenario.memory is not None
        and scenario.memory.on_full == "refuse"
        and makes_calls(scenario)
    ):
        why = tr(
            "refuse cannot be used in a scenario with threads, or with steps of the life "
            "of processes (start, join, locks, queues ...)"
        )
        path: KeyPath = ("memory", "on_full")
        yield _at(root, path).problem(file, path, why)


def _at(root: Node, path: KeyPath) -> Node:
    node = root
    for part in path:
        node = node.child(part) or node
    return node


def makes_calls(scenario: Scenario) -> bool:
    """Return whether a process has threads, or a program has steps of the life of processes."""
    programs = [each.program or [] for each in (*scenario.processes, *scenario.programs.values())]
    threads = any(process.threads for process in scenario.processes)
    return threads or any(map(has_lifecycle_steps, programs))
