"""Rules between the queues of devices and the rest of a checked scenario."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.workload import SchedulerSpec
from language.schema.scenario import Scenario
from language.schema.steps import has_lifecycle_steps
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import KeyPath

DEVICES: KeyPath = ("machine", "devices")


def device_problems(
    file: str, root: Node, scenario: Scenario, scheduler: SchedulerSpec
) -> Iterator[Problem]:
    """Yield a problem for each queue that a native run or a scenario with calls does not have."""
    for name, device in scenario.machine.devices.items():
        why = None
        if device.queue != "fifo" and scheduler.dispatch == "none":
            why = "needs our dispatcher: with dispatch: none each queue is first in, first out"
        elif device.queue == "sstf" and _makes_calls(scenario):
            why = "is for programs without threads and steps of the life of processes"
        if why is not None:
            yield _queue(root, name).problem(file, (*DEVICES, name, "queue"), why)


def _queue(root: Node, device: str) -> Node:
    node = root
    for part in (*DEVICES, device, "queue"):
        node = node.child(part) or node
    return node


def _makes_calls(scenario: Scenario) -> bool:
    programs = [each.program or [] for each in (*scenario.processes, *scenario.programs.values())]
    threads = any(process.threads for process in scenario.processes)
    return threads or any(map(has_lifecycle_steps, programs))
