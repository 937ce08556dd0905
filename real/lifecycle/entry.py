"""The functions with which the real processes of a lifecycle run begin."""

from __future__ import annotations

from typing import Any

from real.lifecycle.pool_worker import PoolWorker
from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.lifecycle.worker import Entries, LifecycleWorker, prepare


def run_lifecycle_worker(
    objects: LifecycleSharedObjects, index: int, started: bool, *args: Any, **kwargs: Any
) -> None:
    """Be process `index` until its end. `started`: another process of the scenario started it.

    `args` and `kwargs` are the arguments of the Process object.
    """
    if not started and objects.guardian is not None:
        objects.guardian.join()
    stderr = prepare(objects)
    if started:
        objects.globals.variables |= {"args": list(args), "kwargs": kwargs}
    worker = LifecycleWorker(objects, index, stderr, ENTRIES)
    worker.take_place()
    worker.obey()


_here: list[PoolWorker] = []
"""This process, if it is a worker of a pool."""


def be_worker(objects: LifecycleSharedObjects, pool: str) -> None:
    """Make this process, which a pool has started, the next worker of that pool."""
    index = objects.places[pool].take()
    worker = PoolWorker(objects, index, ENTRIES)
    _here[:] = [worker]
    worker.take_place()
    worker.begin(index)


def do_task(number: int) -> Any:
    """Do the task of this number in a worker of a pool."""
    return _here[0].do_task(number)


ENTRIES = Entries(run_lifecycle_worker, be_worker, do_task)
