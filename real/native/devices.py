"""What the workers share when nobody dispatches them: the run's first moment, and its devices."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from multiprocessing.context import ForkContext

from kernel.hardware import DeviceSpec

_EPOCH = 0


class SharedDevices:
    """Made before the workers are forked. A device is when each of its servers is free again.

    First come, first served needs no more than that: who comes knows at once when it is done.
    """

    def __init__(self, devices: Sequence[DeviceSpec], context: ForkContext) -> None:
        self._places: list[range | None] = []
        end = 1
        for device in devices:
            self._places.append(None if device.units is None else range(end, end + device.units))
            end += device.units or 0
        self._map = mmap.mmap(-1, 8 * end)
        self._cells = memoryview(self._map).cast("q")
        self._lock = context.Lock()

    @property
    def epoch(self) -> int:
        """Absolute ns of the run's first moment."""
        return self._cells[_EPOCH]

    @epoch.setter
    def epoch(self, at: int) -> None:
        self._cells[_EPOCH] = at

    def request(self, place: int, now: int, duration: int) -> int:
        """When (absolute ns) a request made now is done, at a device or without one (below 0)."""
        servers = self._places[place] if place >= 0 else None
        if servers is None:
            return now + duration
        with self._lock:
            cells = self._cells
            server = min(servers, key=lambda at: cells[at])
            done = cells[server] = max(now, cells[server]) + duration
        return done

    def close(self) -> None:
        """Unmap."""
        self._cells.release()
        self._map.close()
