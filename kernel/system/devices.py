"""Devices: a number of servers behind one first-come-first-served queue."""

from __future__ import annotations

from collections import deque

from kernel.memory.swapping import Transfer
from kernel.process.control_block import Process

Request = Process | Transfer
"""Who wants a device: a process that waits for its I/O, or a program on its way in or out."""


class DeviceQueue:
    """`units` requests are served at a time, the rest wait in line; None serves all at once."""

    def __init__(self, units: int | None) -> None:
        self._idle = units
        self._line: deque[tuple[Request, int]] = deque()

    def request(self, request: Request, duration: int) -> bool:
        """Ask for `duration` ns of service. True: it starts now; False: it waits in line."""
        if self._idle is None:
            return True
        if self._idle:
            self._idle -= 1
            return True
        self._line.append((request, duration))
        return False

    def release(self) -> tuple[Request, int] | None:
        """A service is over. The next in line (who, ns), whose service starts now."""
        if self._idle is None:
            return None
        if self._line:
            return self._line.popleft()
        self._idle += 1
        return None

    def withdraw(self, process: Process) -> bool:
        """It is dead. True: it stood in line and does no more; False: its service goes on."""
        for request in self._line:
            if request[0] is process:
                self._line.remove(request)
                return True
        return False
