"""Main memory: admission, moves that take time, swapping, the degree of multiprogramming.

The system tells the memory manager which process arrives, ends, or could go on. The memory manager
calls the system to let programs enter, and to suspend and resume them. It tells the machine where
each program is placed, and the machine puts it there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from kernel.hardware import Costs, MemorySpec, Region
from kernel.memory import CompactingAdmission, Transfer, make_admission, preference
from kernel.process.control_block import Process
from kernel.process.states import BLOCKED, NEW, RUNNING, SUSPENDED, State
from kernel.system.devices import DeviceQueue
from kernel.system.hardware import MainMemory
from kernel.units import NS_PER
from kernel.workload import Workload


class ProcessControl(Protocol):
    """What the memory manager needs of the system."""

    def enter(self, process: Process, region: Region | None, now: int) -> None:
        """Let a process that has its memory begin its first step."""

    def refuse(self, process: Process, now: int) -> None:
        """Turn away a process that finds no place in memory when it arrives: it never runs."""

    def suspend(self, process: Process, now: int) -> None:
        """Suspend a process, whatever its state; its I/O goes on."""

    def resume(self, process: Process, was: State, now: int) -> None:
        """Let a suspended process go on in the state that it `was` in (ready, if it ran)."""


class MemoryManager:
    """Main memory and its programs. When the instant is `copied`, `end_move` is called."""

    def __init__(
        self,
        spec: MemorySpec,
        costs: Costs,
        machine: MainMemory,
        system: ProcessControl,
        devices: Sequence[DeviceQueue],
        urgency: Callable[[Process], int],
    ) -> None:
        """Make the empty memory. The smaller its `urgency`, the more important is a process."""
        self._machine, self._system, self._devices = machine, system, devices
        self._lasts = costs.copy_per_mib > 0
        self._copy_per_mib = costs.copy_per_mib
        self._admission = make_admission(spec, self._relocate, lasts=self._lasts)
        self._compaction = (
            self._admission if isinstance(self._admission, CompactingAdmission) else None
        )
        self._copying = False  # a program is moved, or its core is being switched to it first
        self._mover: tuple[Process, State] | None = None  # is moved; its state before
        self._vacancies = spec.max_resident  # programs that may still be admitted; None: any number
        self._held: deque[Process] = deque()  # wait for a vacancy, in the order of arrival
        self._refuses = spec.on_full == "refuse"
        self._swap = spec.swap
        self._urgency = urgency
        self._residents: dict[
            Process, None
        ] = {}  # in the order of admission, without processes in `_leaving`
        self._leaving: dict[Region, None] = {}  # regions of processes that are being swapped out
        self._travelling: set[Process] = set()  # in a transfer, or waiting for the device

    # -- coming and going -------------------------------------------------------------------------

    def arrive(self, process: Process, now: int) -> None:
        """Give a process that has arrived a place in memory, or let it wait."""
        if self._vacancies == 0:
            self._machine.waits(process)
            if self._refuses:
                self._system.refuse(process, now)
            else:
                self._held.append(process)
            return
        if self._vacancies is not None:
            self._vacancies -= 1
        self._request(process, process.memory, now)

    def withdraw(self, process: Process) -> None:
        """Forget a dead process without a place: it was swapped out, or never admitted.

        A call of `admit` must follow: a program behind it may enter now.
        """
        if process in self._held:
            self._held.remove(process)
        else:
            self._admission.withdraw(process)
            self._vacate()
        self._machine.withdrawn(process)

    def leave(self, process: Process) -> bool:
        """Remove a process that has ended. Return whether its place is free, for `admit`.

        A program that is being moved or swapped is removed when the move or transfer is over.
        """
        self._residents.pop(process, None)
        if process in self._travelling or (self._mover and self._mover[0] is process):
            return False
        self._free(process)
        return True

    def _free(self, process: Process) -> None:
        region = process.region
        assert region is not None
        self._admission.release(region)
        self._vacate()
        self._machine.freed(process, region)

    def _vacate(self) -> None:
        if self._vacancies is not None:
            self._vacancies += 1

    @property
    def busy(self) -> bool:
        """Return whether a program is being moved or swapped."""
        return self._copying or bool(self._travelling)

    def admit(self, now: int) -> None:
        """Let the programs of the admission queue that find a place enter."""
        while self._held and self._vacancies:
            self._vacancies -= 1
            held = self._held.popleft()
            self._admission.join(held, held.memory)
        for process, region in self._admission.admit():
            self._give(process, region, now)
        self.begin_move(now)

    def _request(self, process: Process, size: int, now: int) -> None:
        region = self._admission.request(process, size)
        if region is not None:
            self._give(process, region, now)
            return
        self._machine.waits(process)
        moving = self._compaction is not None and self._compaction.under_way  # it makes a place
        if self._refuses and process.state is NEW and not moving:
            self._admission.withdraw(process)
            self._vacate()
            self._system.refuse(process, now)

    def _give(self, process: Process, region: Region, now: int) -> None:
        self._residents[process] = None
        if process.state is NEW:
            self._system.enter(process, region, now)
            return
        process.region = region
        self._machine.swapped_in(process)
        self._transfer(process, out=False)

    # -- compaction -------------------------------------------------------------------------------

    def begin_move(self, now: int) -> None:
        """Suspend the next process to be moved, if moves take time and are under way."""
        compaction = self._compaction
        if compaction is None or self._copying or not compaction.under_way:
            return
        process = compaction.next_move()
        if process is None:  # compaction is over
            self.admit(now)
            return
        self._copying = True
        if process.state is RUNNING and process.charged_at > now:  # its core is being switched
            self._machine.copies(process.charged_at - now, -1)
            return
        core, self._mover = process.core, (process, process.state)
        self._system.suspend(process, now)
        assert process.region is not None
        duration = -(-process.region.size * self._copy_per_mib >> 20)  # rounded up
        self._machine.copies(duration, core)

    def end_move(self, now: int) -> None:
        """Let the process that was moved go on in its state before, and move the next one."""
        mover, self._mover = self._mover, None
        self._copying = False
        if mover is not None and self._compaction is not None:
            self._compaction.end_move()
            if mover[0].state is SUSPENDED:
                self._system.resume(*mover, now)
            else:  # it has died meanwhile
                self._free(mover[0])
        self.begin_move(now)

    def _relocate(self, process: Process, region: Region) -> None:
        """Note the new region of a program that was moved. The machine moves its content."""
        source, process.region = process.region, region
        assert source is not None
        self._machine.moved(process, source)

    # -- swapping ---------------------------------------------------------------------------------

    def swap(self, now: int) -> None:
        """Swap blocked processes out if a program waits for memory.

        Called at the end of an instant, before the dispatch.
        """
        if self._swap is None or not self._admission.anybody_waits:
            return
        blocked = [process for process in self._residents if process.state is BLOCKED]
        at: dict[Region, Process] = {
            process.region: process
            for process in preference(self._swap.out, self._urgency, blocked)
            if process.region is not None
        }
        for region in self._admission.in_the_way(list(self._leaving), list(at)):
            process = at[region]
            del self._residents[process]
            self._leaving[region] = None
            self._system.suspend(process, now)
            self._transfer(process, out=True)

    def come_back(self, process: Process, now: int) -> None:
        """Request a place for a suspended process whose wait is over, if it is swapped out."""
        if process.region is None:
            self._request(process, process.limit, now)

    def end_transfer(self, transfer: Transfer, now: int) -> None:
        """End a transfer: a program was written, or read back. A call of `admit` must follow."""
        process, out = transfer
        self._travelling.discard(process)
        self._admission.movable = not self._travelling
        if not out:
            if process.state is SUSPENDED:
                self._system.resume(process, BLOCKED, now)
            else:  # it has died meanwhile
                self._free(process)
            return
        region, process.region = process.region, None
        assert region is not None
        del self._leaving[region]
        self._admission.release(region)
        self._machine.swapped_out(process, region)
        if process.state is not SUSPENDED:  # it has died meanwhile
            self.withdraw(process)
        elif process.late:  # its wait is over already
            self._admission.join(process, process.limit)
            self._machine.waits(process)

    def _transfer(self, process: Process, out: bool) -> None:
        assert self._swap is not None
        self._travelling.add(process)
        self._admission.movable = False
        duration = -(-process.limit * NS_PER["s"] // self._swap.rate)  # rounded up
        self._devices[self._swap.device].transfer(Transfer(process, out), duration)


def make_memory_manager(
    workload: Workload,
    costs: Costs,
    machine: MainMemory,
    system: ProcessControl,
    devices: Sequence[DeviceQueue],
) -> MemoryManager | None:
    """Return the memory manager of a workload; None: it does not model memory."""
    if workload.memory is None:
        return None
    return MemoryManager(workload.memory, costs, machine, system, devices, urgency_of(workload))


def urgency_of(workload: Workload) -> Callable[[Process], int]:
    """Return the function whose value is the smaller, the more important a process is."""
    sign = workload.scheduler.urgency_sign
    return lambda process: sign * process.priority
