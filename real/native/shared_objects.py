"""What native programs share: locks, queues, barriers, variables, and the file of observations."""

from __future__ import annotations

import mmap
from typing import Any

from kernel.workload import Workload
from real.native.observations import ObservationFile
from real.worker.shared_objects import make_shared_objects


class NativeSharedObjects:
    """The real objects with which the programs make their calls. They are made before the fork."""

    def __init__(self, workload: Workload, context: Any) -> None:
        """`context` is a context of `multiprocessing`."""
        self.objects = make_shared_objects(workload, context)
        self.observations = ObservationFile()
        lifecycle = workload.lifecycle
        self.variables = {} if lifecycle is None else dict(lifecycle.variables)
        self._place = {name: place for place, name in enumerate(self.objects.locks)}
        self._map = mmap.mmap(-1, 8 * (1 + len(self._place)))
        self._holders = memoryview(self._map).cast("q")  # of each lock: 1 + its holder; 0: free

    def hold(self, name: str, index: int) -> None:
        """Note that the process with that index has the lock of that name.

        Of the locks of conditions and shared values no note is taken.
        """
        if name in self._place:
            self._holders[self._place[name]] = 1 + index

    def give_back(self, name: str) -> None:
        """Note that the lock of that name is free."""
        if name in self._place:
            self._holders[self._place[name]] = 0

    def holders(self) -> dict[str, int | None]:
        """Return for each lock the index of the process that has it; None: the lock is free."""
        cells = self._holders
        return {name: cells[at] - 1 if cells[at] else None for name, at in self._place.items()}

    def close(self) -> None:
        """Free the objects, the observations and the memory of the holders."""
        self.objects.close()
        self.observations.close()
        self._holders.release()
        self._map.close()
