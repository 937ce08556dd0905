"""How long a process takes to start, by each start method of `multiprocessing`."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
from collections.abc import Iterator
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from kernel.errors import Interrupted
from real.calibration.measured_process import HELD_UP, MeasuredProcess
from real.host.guardian import Guardian
from real.host.interrupts import uninterrupted
from real.host.mp_helpers import (
    Semaphores,
    ServersFolder,
    end_helpers,
    fork_servers_pid,
    killed_if_stopped,
)


def starts(method: str, count: int) -> list[int]:
    """Return how long it took each time (ns) from `start` to the first line of the child.

    The first start is not counted: it also loads what all of them need.
    """
    context: Any = multiprocessing.get_context(method)
    found = []
    with _helpers():
        if method != "fork":  # else the first of them does that, and has Ctrl-C unblocked behind it
            resource_tracker.ensure_running()
        if method == "forkserver":
            with uninterrupted():  # as its children will be, too
                forkserver.ensure_running()
        for _ in range(count + 1):
            with uninterrupted():  # Ctrl-C is for all of a terminal's group, the children too
                ours, its = context.Pipe(duplex=False)
                process = context.Process(target=_tell_the_time, args=(its,))
                with _limited(method):
                    at = time.monotonic_ns()
                    process.start()
                    its.close()
                    found.append(_answer(ours, process) - at)
                _await_end(process)
                ours.close()
    return found[1:]


def _tell_the_time(pipe: Connection) -> None:
    """Do what a child does: send the time, and end."""
    pipe.send(time.monotonic_ns())
    pipe.close()


@contextlib.contextmanager
def _limited(method: str) -> Iterator[None]:
    """Kill a fork server that is stopped in this context: the caller waits for its answer."""
    server = fork_servers_pid() if method == "forkserver" else None
    try:
        with killed_if_stopped(server):
            yield
    except (EOFError, ConnectionError):
        raise Interrupted(HELD_UP) from None


def _answer(pipe: Connection, process: Any) -> int:
    """Return the time (ns) that a process sends when it begins."""
    measured = MeasuredProcess(process.pid)
    try:
        while not pipe.poll(0.25):
            measured.look()
    except Interrupted:
        process.kill()
        raise
    said: int = pipe.recv()
    return said


def _await_end(process: Any) -> None:
    """Wait until a process that is about to end has ended."""
    measured = MeasuredProcess(process.pid)
    try:
        while process.is_alive():
            process.join(0.25)
            measured.look()
    except Interrupted:
        process.kill()
        raise


@contextlib.contextmanager
def _helpers() -> Iterator[None]:
    """End the helpers of `multiprocessing` behind this context, even if the caller is killed in it.

    So ends the folder of the sockets by which a fork server is called.
    """
    end_helpers()  # they end when a pipe is closed, which the guardian must not inherit
    folder, semaphores = ServersFolder(), Semaphores()
    undo = folder.remove, semaphores.remove
    with Guardian(undo, executes=True) as guardian, guardian.marking(), semaphores.named():
        try:
            folder.make()
            yield
        finally:
            end_helpers()
            folder.close()
