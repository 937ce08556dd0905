"""The supervisor's handle of one process of a lifecycle scenario, which may not be born yet."""

from __future__ import annotations

import contextlib
import json
import os
import time
from typing import Any

from kernel.hardware import Region
from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.program import CPU
from real.cells import BASE, RELEASED, SIZE
from real.dispatched.worker_handle import WorkerHandle
from real.host.process_table import exit_code_of, state_of
from real.lifecycle.shared_objects import LifecycleSharedObjects


class LifecycleWorkerHandle(WorkerHandle):
    """A worker that the supervisor or another worker starts, and that obeys orders."""

    __slots__ = (
        "called_at",
        "exit_code",
        "in_call",
        "interrupted",
        "native",
        "of",
        "on_core_since",
        "order",
        "sent_to_call",
    )

    def __init__(self, objects: LifecycleSharedObjects, index: int, name: str) -> None:
        super().__init__(index, name, objects.shared)
        self.order = objects.orders[index][0]
        self.native: Any = None  # the Process object, if the supervisor has started the process
        self.exit_code: int | None = None  # read at its death
        self.of: Process | None = None  # its control block, once it has had a core
        self.on_core_since: int | None = None  # absolute ns, if it keeps its core after a call
        self.in_call: Call | None = None  # the call in which it waits, stopped
        self.interrupted = False  # it has got SIGINT, and is stopped until it has a core
        self.called_at = 0  # absolute ns: when it was ordered to make its last calls
        self.sent_to_call: int | None = None  # absolute ns: it has a core, only to make calls
        self.has_partition = objects.physical is not None and objects.specs[index].memory > 0

    @property
    def exitcode(self) -> int | None:
        """Return the exit code, read at its death or now in the process table; None: it lives."""
        return exit_code_of(self.pid) if self.exit_code is None else self.exit_code

    def born(self, pid: int) -> None:
        """Note that the process exists. Raises OSError if it cannot be watched."""
        self.pid = pid
        self.death = os.pidfd_open(pid)

    @property
    def lives(self) -> bool:
        """Return whether the process was born, and its death has not been seen."""
        return self.pid > 0 and self.death >= 0

    def tell(self, **order: Any) -> None:
        """Send an order, unless the process is dead."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.order.send(json.dumps(order).encode())

    def pin(self, cpu: int) -> None:
        """Let the worker run on that processor only, unless it is dead."""
        with contextlib.suppress(ProcessLookupError):
            super().pin(cpu)

    def load(self, region: Region) -> None:
        """Admit the process by an order: its partition is `region` of physical memory."""
        self.cells[self.row + BASE], self.cells[self.row + SIZE] = region
        self.tell(do="load")

    # -- its core

    def go(self) -> None:
        """Let the worker run: continue it, and order it to compute if it has no burst yet.

        A worker that has only calls to make, or sits in a call, runs when its calls are decided.
        """
        if self.stopped and self.lives and not self.is_held:
            self._continue()
        if not self.working and not self.has_finished_burst():
            self.working = True
            assert self.of is not None
            if not self.is_held and self.of.places[self.of.step] == CPU:
                order: dict[str, Any] = {"do": "burn", "step": self.of.step}
                if self.on_core_since is not None:
                    order["calling"] = self.on_core_since, time.monotonic_ns()
                self.tell(**order)
            else:
                self.sent_to_call = time.monotonic_ns()
        self.on_core_since = None

    def has_finished_burst(self) -> bool:
        """Return whether it has finished a burst that the system has not ended yet.

        A worker that has only calls to make has nothing to compute before them.
        """
        if self.interrupted and self.working:
            return True
        return self.sent_to_call is not None or super().has_finished_burst()

    def finished_at(self) -> int:
        """Return when it finished its last burst, absolute ns."""
        return super().finished_at() if self.sent_to_call is None else self.sent_to_call

    def halt(self) -> None:
        """Stop the worker, if it lives and is not stopped in a call."""
        if self.lives and not self.is_held:
            super().halt()

    def release(self) -> None:
        """Let the worker give up its core, if it lives."""
        if not self.lives:
            return
        self.sent_to_call, self.working = None, False
        if super().has_finished_burst():
            self.served_bursts += 1
            self.cells[self.row + RELEASED] = self.served_bursts
        self.wake()

    def wake(self) -> None:
        """Let the worker run again after it was stopped, unless it sits in a call."""
        if self.stopped and self.lives and not self.is_held:
            self._continue()

    # -- its calls

    @property
    def is_held(self) -> bool:
        """Return whether it is stopped until the rules say what its call, or SIGINT, does."""
        return self.in_call is not None or self.interrupted

    def interrupt(self) -> None:
        """Stop the worker, which is about to get SIGINT, until it has a core to act on it."""
        self.interrupted = True
        self.stop_in_call()

    def go_on_in_call(self) -> None:
        """Let the worker go on in the call in which it was stopped, or act on SIGINT."""
        self.interrupted = False
        if self.lives:
            self._continue()

    def stop_in_call(self) -> None:
        """Stop the worker in its call, and wait until it has stopped."""
        super().halt()
        self.await_stop()

    def is_stopped(self) -> bool | None:
        """Return whether the process has stopped. False: it is dead; None: neither.

        The process table says it. Only the parent, which may be another worker, can wait for it.
        """
        match state_of(self.pid):
            case "T" | "t":  # a victim of SIGKILL is traced until it may die
                return True
            case "Z" | "X" | None:
                return False
        return None if self.lives else False
