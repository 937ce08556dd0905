"""What native workers share of the machine: the first moment of the run, and the devices."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from multiprocessing.context import ForkContext

from kernel.hardware import DeviceSpec

_EPOCH = 0


class SharedDevices:
    """The epoch of the run, and for each server of a device the time at which it is idle again.

    It is made before the workers are forked. A device serves first come, first served. So a worker
    that makes a request knows at once when the request will be done.
    """

    def __init__(self, devices: Sequence[DeviceSpec], context: ForkContext) -> None:
        self._servers: list[range | None] = []  # the cells of each device; None: unlimited servers
        end = 1
        for device in devices:
            self._servers.append(None if device.units is None else range(end, end + device.units))
            end += device.units or 0
        self._map = mmap.mmap(-1, 8 * end)
        self._cells = memoryview(self._map).cast("q")
        self._lock = context.Lock()

    @property
    def epoch(self) -> int:
        """Return the first moment of the run, absolute ns."""
        return self._cells[_EPOCH]

    @epoch.setter
    def epoch(self, at: int) -> None:
        self._cells[_EPOCH] = at

    def request(self, place: int, now: int, duration: int) -> int:
        """Make a request of `duration` ns at `now`. Return when it will be done, absolute ns.

        `place` is the number of a device; below 0 the request needs no device.
        """
        servers = self._servers[place] if place >= 0 else None
        if servers is None:
            return now + duration
        with self._lock:
            cells = self._cells
            server = min(servers, key=lambda at: cells[at])
            done = cells[server] = max(now, cells[server]) + duration
        return done

    def close(self) -> None:
        """Unmap the cells."""
        self._cells.release()
        self._map.close()
