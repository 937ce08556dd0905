"""Devices: a number of servers behind one queue, and the rules by which it is served."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise

from kernel.hardware import DeviceSpec
from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process
from kernel.process.program import WAIT
from kernel.system.hardware import Hardware
from kernel.workload import Workload

Request = Process | Transfer
"""A request to a device: from a process for its I/O, or the transfer of a swapped program."""


class DeviceQueue:
    """A device and its queue, first come, first served.

    It serves `units` requests at a time; None: any number. After a server was taken away, more
    requests may be in service than there are servers: then fewer than 0 servers are idle.
    """

    def __init__(self, place: int, units: int | None, hardware: Hardware) -> None:
        """`place`: the index of the device in the scenario's file, or WAIT."""
        self._place, self._idle = place, units
        self._serve, self._transfer = hardware.serve, hardware.transfer
        self._waiting: deque[tuple[Request, int]] = deque()

    def serve(self, process: Process, duration: int) -> None:
        """Serve the process for `duration` ns, as soon as a server is idle."""
        if self._idle is None:
            self._serve(process, self._place, duration)
        elif self._idle > 0:
            self._idle -= 1
            self._serve(process, self._place, duration)
        else:
            self._waiting.append((process, duration))

    def transfer(self, transfer: Transfer, duration: int) -> None:
        """Swap a program, which takes `duration` ns, as soon as a server is idle."""
        if self._idle is not None:
            if self._idle <= 0:
                self._waiting.append((transfer, duration))
                return
            self._idle -= 1
        self._transfer(transfer, self._place, duration)

    def release(self) -> None:
        """End a service, and begin that of the next request in the queue, if any."""
        if self._idle is None:
            return
        if not self._waiting or self._idle < 0:
            self._idle += 1
            return
        request, duration = self._next()
        if isinstance(request, Transfer):
            self._transfer(request, self._place, duration)
        else:
            self._serve(request, self._place, duration)

    def add_servers(self, more: int) -> None:
        """Add servers, or take some away (below 0). A service that has begun goes on."""
        assert self._idle is not None
        self._idle += more
        while self._idle > 0 and self._waiting:
            self._idle -= 1
            self.release()  # a new server is like one whose service has ended

    def withdraw(self, process: Process) -> None:
        """Remove the request of a dead process from the queue. A service that has begun goes on."""
        for request in self._waiting:
            if request[0] is process:
                self._waiting.remove(request)
                return

    def _next(self) -> tuple[Request, int]:
        """Remove the next request from the queue, and return it."""
        return self._waiting.popleft()


class _LeastFirst(DeviceQueue):
    """A queue in which the request with the least key is next; of equals the first that came."""

    def _key(self, request: Request) -> int:
        raise NotImplementedError

    def _next(self) -> tuple[Request, int]:
        chosen = min(self._waiting, key=lambda entry: self._key(entry[0]))
        self._waiting.remove(chosen)
        return chosen


class PriorityQueue(_LeastFirst):
    """The request of the most important process is next. A service is not interrupted."""

    def __init__(
        self, place: int, units: int | None, hardware: Hardware, urgency: Callable[[Process], int]
    ) -> None:
        """Make the queue. The smaller its `urgency`, the more important is a process."""
        super().__init__(place, units, hardware)
        self._urgency = urgency

    def _key(self, request: Request) -> int:
        return self._urgency(request.process if isinstance(request, Transfer) else request)


class ShortestSeekQueue(_LeastFirst):
    """The request whose track is nearest to the head is next: shortest seek time first.

    A request moves the head to its track when its service begins. The transfer of a swapped program
    has no track: it is served where the head is.
    """

    def __init__(self, place: int, units: int | None, hardware: Hardware, head: int) -> None:
        """Make the queue of a device whose head is at the track `head` at first."""
        super().__init__(place, units, hardware)
        self._head = head

    def serve(self, process: Process, duration: int) -> None:
        """See DeviceQueue. If the server is idle, the head moves at once."""
        if self._idle is not None and self._idle > 0:
            self._head = process.track
        super().serve(process, duration)

    def _next(self) -> tuple[Request, int]:
        chosen = super()._next()
        self._head = self._track(chosen[0])
        return chosen

    def _track(self, request: Request) -> int:
        return self._head if isinstance(request, Transfer) else request.track

    def _key(self, request: Request) -> int:
        return abs(self._track(request) - self._head)


class ServerChanges:
    """The times at which servers are added to devices, or taken away.

    Changes up to the first arrival are carried out at once: no instant comes before it.
    """

    def __init__(self, workload: Workload, devices: Sequence[DeviceQueue]) -> None:
        coming = [
            (at, place, after - before)
            for place, spec in enumerate(workload.devices)
            for (_, before), (at, after) in pairwise([(0, spec.units or 0), *spec.changes])
        ]
        self._coming = deque(sorted(coming))
        self._devices = devices
        first = next(workload.arriving(), None) if coming else None
        if first is not None:
            self.take(first.arrival)

    def next(self) -> int | None:
        """Return the time (ns) of the next change, if any."""
        return self._coming[0][0] if self._coming else None

    def take(self, now: int) -> bool:
        """Carry out the changes at `now` (ns). Return whether there were any."""
        due = False
        while self._coming and self._coming[0][0] <= now:
            _, place, more = self._coming.popleft()
            self._devices[place].add_servers(more)
            due = True
        return due


def make_devices(
    specs: Sequence[DeviceSpec], hardware: Hardware, urgency: Callable[[Process], int]
) -> list[DeviceQueue]:
    """Return the devices by place: the scenario's, then one for WAIT, whose place is -1."""
    devices = [_device(place, spec, hardware, urgency) for place, spec in enumerate(specs)]
    return [*devices, DeviceQueue(WAIT, None, hardware)]


def _device(
    place: int, spec: DeviceSpec, hardware: Hardware, urgency: Callable[[Process], int]
) -> DeviceQueue:
    if spec.queue == "priority":
        return PriorityQueue(place, spec.units, hardware, urgency)
    if spec.queue == "sstf":
        return ShortestSeekQueue(place, spec.units, hardware, spec.head)
    return DeviceQueue(place, spec.units, hardware)
