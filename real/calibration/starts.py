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
from translation import tr


def starts(method: str, count: int) -> list[int]:
    """Return how long it took each time (ns) from the call `start` to the first line of the child.

    The first start is not counted, as it also loads what all starts need.
    """
    context: Any = multiprocessing.get_context(method)
    found = []
    with _helpers():
        if method != "fork":  # otherwise the first start does this, and then unblocks Ctrl-C
            resource_tracker.ensure_running()
        if method == "forkserver":
            with uninterrupted():  # the children of the server inherit that
                forkserver.ensure_running()
        for _ in range(count + 1):
            with uninterrupted():  # a terminal sends Ctrl-C to the children, too
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
    """Send the time, and end. This is what a child does."""
    pipe.send(time.monotonic_ns())
    pipe.close()


@contextlib.contextmanager
def _limited(method: str) -> Iterator[None]:
    """Kill the fork server if it is stopped from outside in this context.

    The caller waits for the answer of the server. Raises Interrupted if the server is dead.
    """
    server = fork_servers_pid() if method == "forkserver" else None
    try:
        with killed_if_stopped(server):
            yield
    except (EOFError, ConnectionError):
        raise Interrupted(tr(HELD_UP)) from None


def _answer(pipe: Connection, process: Any) -> int:
    """Return the time (absolute ns) that a process sends when it begins.

    Raises Interrupted, and kills the process, if the process is stopped or takes too long.
    """
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
    """Wait until a process that is about to end has ended.

    Raises Interrupted, and kills the process, if the process is stopped or takes too long.
    """
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
    """End the helpers of `multiprocessing` after this context, even if the caller is killed in it.

    The folder of the fork server's socket is removed, too.
    """
    end_helpers()  # a helper ends when a pipe is closed, and the guardian must not inherit the pipe
    folder, semaphores = ServersFolder(), Semaphores()
    undo = folder.remove, semaphores.remove
    with Guardian(undo, executes=True) as guardian, guardian.marking(), semaphores.named():
        try:
            folder.make()
            yield
        finally:
            end_helpers()
            folder.close()
