"""What native workers share of the machine: when the run begins, and its devices."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from multiprocessing.context import ForkContext

from kernel.hardware import DeviceSpec

_EPOCH = 0


class SharedDevices:
    """The first moment of the run, and of each server of a device when it is idle again.

    Made before the workers are forked. Devices serve first come, first served. So a worker that
    makes a request knows at once when it will be done.
    """

    def __init__(self, devices: Sequence[DeviceSpec], context: ForkContext) -> None:
        self._servers: list[range | None] = []  # of each device, in the cells; None: unlimited
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
        """Return when (absolute ns) a request made at `now` for `duration` ns will be done.

        `place` is the number of a device. Below 0 the request needs no device.
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
