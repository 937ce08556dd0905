"""What the workers of a lifecycle run share: cells, programs, channels, locks, queues and barriers.

It is made before the first fork. `globals` is the memory of the program: a fork copies it, and a
spawned process begins with the initial values.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import reduction
from typing import Any

from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from real.cells import SharedCells
from real.host.guardian import Guardian
from real.host.mp_helpers import end_helpers
from real.memory.physical import PhysicalMemory
from real.worker.shared_objects import SharedObjects, make_shared_objects

LONGEST = 1 << 16
"""Bytes of an order or a report at most. Each is one message of a SOCK_SEQPACKET socket."""


class Places:
    """The places of the workers of a pool: each worker that begins takes the next one.

    They are in a pipe, from which a worker takes one at once or not at all.
    """

    def __init__(self, workers: Sequence[int]) -> None:
        """Make the places: the indices of all processes that may be workers of the pool."""
        self._out, self._in = os.pipe()
        for index in workers:
            os.write(self._in, _PLACE.pack(index))

    def take(self) -> int:
        """Return the index of the process that the caller is."""
        [index] = _PLACE.unpack(os.read(self._out, _PLACE.size))
        return int(index)

    def close(self) -> None:
        """Free the pipe."""
        os.close(self._out)
        os.close(self._in)


_PLACE = struct.Struct("=i")


@dataclass(slots=True)
class ProgramGlobals:
    """The globals of a program: its variables, and the Process objects that it has made."""

    variables: dict[str, Any] = field(default_factory=dict)
    handles: dict[str, Any] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)  # handles of starts; others were only named before
    pools: dict[str, Any] = field(default_factory=dict)
    results: dict[str, Any] = field(default_factory=dict)  # of tasks that pools were given
    numbers: dict[str, int] = field(default_factory=dict)
    """The index of the process of each handle; -1: its `run` was called, and it was not started."""


@dataclass(slots=True)
class LifecycleSharedObjects:
    """Everything that the workers share. A forked worker inherits it; a spawned one receives it."""

    specs: tuple[ProcessSpec, ...]
    method: str  # start method by which they start each other: fork, spawn or forkserver
    initial: dict[str, Any]  # the variables with the values in the text of the program
    shared: SharedCells
    guardian: Guardian | None  # None in a spawned worker
    physical: PhysicalMemory | None
    bell: int  # eventfd: wakes the supervisor
    linger: int  # ns for which a worker keeps its core awake after a burst
    aside: frozenset[int]  # processors on which a worker that starts disturbs least
    globals: ProgramGlobals
    interrupts: bool = False  # a program interrupts others: SIGINT is not ignored
    orders: list[tuple[socket.socket, socket.socket]] = field(default_factory=list)  # by worker
    reports: tuple[socket.socket, socket.socket] = field(
        default_factory=lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    )
    objects: SharedObjects = field(default_factory=SharedObjects)
    places: dict[str, Places] = field(default_factory=dict)  # of the workers of each pool

    def __getstate__(self) -> Any:
        """Return what is sent to a spawned worker, which begins with globals of its own."""
        state = {name: getattr(self, name) for name in self.__slots__}
        state |= {"guardian": None, "bell": reduction.DupFd(self.bell)}
        state["orders"] = [(None, end) for _, end in self.orders]  # without the supervisor's ends
        state["reports"] = (None, self.reports[1])
        return state | {"globals": ProgramGlobals(dict(self.initial))}

    def __setstate__(self, state: Any) -> None:
        for name, value in state.items():
            setattr(self, name, value)
        self.bell = state["bell"].detach()

    def make_objects(self, workload: Workload) -> None:
        """Make a channel to every worker, and the locks, queues and barriers of the programs."""
        for _ in self.specs:
            self.orders.append(socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
        self.objects = make_shared_objects(workload, multiprocessing.get_context(self.method))
        for name in {spec.kinship.pool: None for spec in self.specs if spec.kinship.pool}:
            workers = [spec.index for spec in self.specs if spec.kinship.pool == name]
            self.places[name] = Places(workers)

    def close(self) -> None:
        """Close the channels, and free what the programs shared."""
        for pair in (*self.orders, self.reports):
            for end in pair:
                end.close()
        for places in self.places.values():
            places.close()
        self.objects.close()
        if self.method != "fork":
            gc.collect()  # a named semaphore gives its name back when its object is collected
            end_helpers()
