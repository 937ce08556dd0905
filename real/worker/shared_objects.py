"""The locks, queues and barriers that the programs of a workload share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kernel.workload import Workload


@dataclass(slots=True)
class SharedObjects:
    """Objects of `multiprocessing`, by the name that the scenario gives them."""

    locks: dict[str, Any] = field(default_factory=dict)
    queues: dict[str, Any] = field(default_factory=dict)
    barriers: dict[str, Any] = field(default_factory=dict)

    def close(self) -> None:
        """Close the queues, and drop the references to all objects.

        A named semaphore is given back when its object is collected.
        """
        for queue in self.queues.values():
            queue.close()
        for objects in (self.locks, self.queues, self.barriers):
            objects.clear()


def make_shared_objects(workload: Workload, context: Any) -> SharedObjects:
    """Return new objects for all locks, queues and barriers of the workload.

    `context` is a context of `multiprocessing`.
    """
    made = SharedObjects()
    for call in (call for spec in workload.processes for call in spec.program.calls):
        if call.kind in ("lock", "unlock") and call.name not in made.locks:
            made.locks[call.name] = context.Lock()
        elif call.kind in ("send", "receive") and call.name not in made.queues:
            made.queues[call.name] = context.SimpleQueue()
    if workload.lifecycle is not None:
        for name, parties in workload.lifecycle.barriers.items():
            made.barriers[name] = context.Barrier(parties)
    return made
