"""A machine that a test works by hand.

The test tells the system what happens and when, and reads what the system asks of the machine.
"""

from __future__ import annotations

import random
from array import array
from collections import deque
from collections.abc import Sequence
from typing import Any

from kernel.hardware import Region
from kernel.memory import Transfer
from kernel.policies import POLICIES
from kernel.process.control_block import Process
from kernel.process.program import CPU, Program
from kernel.process.spec import ProcessSpec
from kernel.scheduling import Policy
from kernel.system.system import System
from kernel.workload import SchedulerSpec, Workload


def program(*steps: tuple[int, int]) -> Program:
    return Program(array("h", [place for place, _ in steps]), array("q", [ns for _, ns in steps]))


def spec(index: int, burst: int = 10, priority: int = 0, arrival: int = 0) -> ProcessSpec:
    """Return a process of one burst, named P1, P2, … by `index` from 0."""
    return ProcessSpec(index, f"P{index + 1}", arrival, program((CPU, burst)), priority=priority)


def process(index: int, burst: int = 10, priority: int = 0) -> Process:
    """Return a ready process, to test a policy without a system."""
    made = Process(spec(index, burst, priority))
    made.burst = made.left = burst
    return made


def policy(name: str, **parameters: Any) -> Policy:
    """Return a policy that has been set up."""
    made = SchedulerSpec(
        name, POLICIES[name], {**POLICIES[name].parameters(), **parameters}
    ).build()
    made.random = random.Random(0)
    made.setup()
    return made


def tell(policy: Policy, process: Process, why: str = "arrived") -> None:
    """Tell `policy` that `process` has become ready."""
    process.ready_since = policy.now
    policy.ready(process, why)


class PlainQueue(Policy):
    """First come, first served. Tests derive policies from it."""

    def setup(self) -> None:
        self.queue: deque[Process] = deque()

    def ready(self, process: Process, why: str) -> None:
        self.queue.append(process)

    def pick(self, core: int) -> Any:
        return (self.queue.popleft(), None) if self.queue else None


class Hand:
    """A machine for a system with processes of one burst each.

    `asked` has all that the system has asked of it, in words.
    """

    def __init__(
        self, kind: type[Policy], bursts: Sequence[int] = (10, 10), cores: int = 1
    ) -> None:
        self.asked: list[str] = []
        self.rows: list[Any] = []
        workload = Workload(
            source={"seed": 7},
            cores=cores,
            devices=(),
            memory=None,
            scheduler=SchedulerSpec(kind.__name__, kind, kind.parameters()),
            processes=tuple(spec(index, burst) for index, burst in enumerate(bursts)),
        )
        self.system = System(workload, self, self.rows.append)

    def arrive(self, now: int, *indices: int) -> None:
        self.system.instant.arrived.extend(self.system.processes[index] for index in indices)
        self.system.settle(now)

    def end(self, now: int, *cores: int) -> None:
        self.system.instant.ended.extend(cores)
        self.system.settle(now)

    def expire(self, now: int, *cores: int) -> None:
        self.system.instant.expired.extend(cores)
        self.system.settle(now)

    # -- what the system asks of a machine ------------------------------------------------------

    def run(self, process: Process, core: int, length: int) -> None:
        self.asked.append(f"run {process.name} on {core} for {length}")

    def stop(self, process: Process, core: int) -> None:
        self.asked.append(f"stop {process.name} on {core}")

    def serve(self, process: Process, place: int, duration: int) -> None:
        self.asked.append(f"serve {process.name} at {place} for {duration}")

    def await_release(self, process: Process, delay: int) -> None:
        self.asked.append(f"release {process.name} in {delay}")

    def await_deadline(self, process: Process, delay: int) -> None:
        self.asked.append(f"deadline of {process.name} in {delay}")

    def job_done(self, process: Process) -> None:
        self.asked.append(f"job of {process.name} done")

    def job_aborted(self, process: Process, dropped: int) -> None:
        self.asked.append(f"job of {process.name} dropped with {dropped}")

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        self.asked.append(f"{why} on {core} from {start} to {end}")

    def waits(self, process: Process) -> None:
        pass  # nothing is asked of the machine: the process stays new

    def admitted(self, process: Process, region: Region | None) -> None:
        pass

    def moved(self, process: Process, source: Region) -> None:
        self.asked.append(f"{process.name} moved to {process.region}")

    def copies(self, duration: int, core: int) -> None:
        self.asked.append(f"copies for {duration}, {core} is idle")

    def transfer(self, transfer: Transfer, place: int, duration: int) -> None:
        way = "out" if transfer.out else "in"
        self.asked.append(f"{way}: {transfer.process.name} at {place} for {duration}")

    def swapped_out(self, process: Process, region: Region) -> None:
        self.asked.append(f"{process.name} swapped out of {region}")

    def swapped_in(self, process: Process) -> None:
        self.asked.append(f"{process.name} swapped into {process.region}")

    def freed(self, process: Process, region: Region) -> None:
        self.asked.append(f"{region} of {process.name} freed")

    def withdrawn(self, process: Process, *, refused: bool = False) -> None:
        self.asked.append(f"{process.name} {'refused' if refused else 'withdrawn'}")

    def finished(self, process: Process) -> None:
        self.asked.append(f"{process.name} finished")
