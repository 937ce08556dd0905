"""Devices: a number of servers behind one first-come-first-served queue."""

from __future__ import annotations

from collections import deque

from kernel.process import Process


class Device:
    """`units` requests are served at a time, the rest wait in line; None serves all at once."""

    def __init__(self, units: int | None) -> None:
        self._idle = units
        self._line: deque[tuple[Process, int]] = deque()

    def request(self, process: Process, duration: int) -> bool:
        """Ask for `duration` ns of service. True: it starts now; False: it waits in line."""
        if self._idle is None:
            return True
        if self._idle:
            self._idle -= 1
            return True
        self._line.append((process, duration))
        return False

    def release(self) -> tuple[Process, int] | None:
        """A service is over. The next in line (process, ns), whose service starts now."""
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
