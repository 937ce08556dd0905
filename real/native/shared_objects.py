"""What native programs share: locks, queues, barriers, variables, and the file of what they say."""

from __future__ import annotations

import mmap
from typing import Any

from kernel.workload import Workload
from real.native.observations import ObservationFile
from real.worker.shared_objects import make_shared_objects


class NativeSharedObjects:
    """Made before the fork. The programs make their calls themselves, with these real objects."""

    def __init__(self, workload: Workload, context: Any) -> None:
        """`context` is one of `multiprocessing`'s."""
        self.objects = make_shared_objects(workload, context)
        self.observations = ObservationFile()
        lifecycle = workload.lifecycle
        self.variables = {} if lifecycle is None else dict(lifecycle.variables)
        self._place = {name: place for place, name in enumerate(self.objects.locks)}
        self._map = mmap.mmap(-1, 8 * (1 + len(self._place)))
        self._holders = memoryview(self._map).cast("q")  # 1 + the index of each lock's; 0: none

    def hold(self, name: str, index: int) -> None:
        """Note that the process or thread of that index has the lock of that name."""
        self._holders[self._place[name]] = 1 + index

    def give_back(self, name: str) -> None:
        """Note that no process has the lock of that name."""
        self._holders[self._place[name]] = 0

    def holders(self) -> dict[str, int | None]:
        """Return, of each lock, the index of the process that has it; None: it is free."""
        cells = self._holders
        return {name: cells[at] - 1 if cells[at] else None for name, at in self._place.items()}

    def close(self) -> None:
        """Give back what it holds."""
        self.objects.close()
        self.observations.close()
        self._holders.release()
        self._map.close()
