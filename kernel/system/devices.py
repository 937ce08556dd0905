"""Devices: a number of servers behind one first-come-first-served queue."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from kernel.hardware import DeviceSpec
from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process
from kernel.process.program import WAIT
from kernel.system.hardware import Hardware

Request = Process | Transfer
"""A request to a device: from a process for its I/O, or the transfer of a swapped program."""


class DeviceQueue:
    """A device and its queue. It serves `units` requests at a time; None: any number."""

    def __init__(self, place: int, units: int | None, hardware: Hardware) -> None:
        """`place`: the index of the device in the scenario's file, or WAIT."""
        self._place, self._idle = place, units
        self._serve, self._transfer = hardware.serve, hardware.transfer
        self._waiting: deque[tuple[Request, int]] = deque()

    def serve(self, process: Process, duration: int) -> None:
        """Serve the process for `duration` ns, as soon as a server is idle."""
        if self._idle is None:
            self._serve(process, self._place, duration)
        elif self._idle:
            self._idle -= 1
            self._serve(process, self._place, duration)
        else:
            self._waiting.append((process, duration))

    def transfer(self, transfer: Transfer, duration: int) -> None:
        """Swap a program, which takes `duration` ns, as soon as a server is idle."""
        if self._idle == 0:
            self._waiting.append((transfer, duration))
            return
        if self._idle is not None:
            self._idle -= 1
        self._transfer(transfer, self._place, duration)

    def release(self) -> None:
        """End a service, and begin that of the first request in the queue, if any."""
        if self._idle is None:
            return
        if not self._waiting:
            self._idle += 1
            return
        request, duration = self._waiting.popleft()
        if isinstance(request, Transfer):
            self._transfer(request, self._place, duration)
        else:
            self._serve(request, self._place, duration)

    def withdraw(self, process: Process) -> None:
        """Remove the request of a dead process from the queue. A service that has begun goes on."""
        for request in self._waiting:
            if request[0] is process:
                self._waiting.remove(request)
                return


def make_devices(specs: Sequence[DeviceSpec], hardware: Hardware) -> list[DeviceQueue]:
    """Return the devices by place: the scenario's, then one for WAIT, whose place is -1."""
    devices = [DeviceQueue(place, spec.units, hardware) for place, spec in enumerate(specs)]
    return [*devices, DeviceQueue(WAIT, None, hardware)]
