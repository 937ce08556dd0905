"""The command becomes three processes before a file of policies is read for the first time."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from typing import NoReturn

from commands.keeper import cells
from commands.keeper.command import settle
from commands.keeper.first_process import FirstProcess
from commands.keeper.messages import tell
from commands.keeper.watch import HANDED_ON, Keeper
from kernel import current_call
from kernel.errors import MultiprogError
from real.host import syscalls
from translation import tr


def keep() -> None:
    """Start the keeper and the command. The caller becomes the first process.

    The call returns only in the command, a grandchild of the caller. Raises MultiprogError if the
    keeper cannot be started.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    page = mmap.mmap(-1, mmap.PAGESIZE)
    whole = memoryview(page)
    shared = whole[: 8 * cells.CELLS].cast("q")
    trace = _trace_file()
    mine = {n for n in HANDED_ON if signal.getsignal(n) is not signal.SIG_IGN} | {signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, mine)
    lifeline, held_open = map(_away, os.pipe())
    try:
        keeper = os.fork()
    except OSError as error:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise _refused(error) from None
    current_call.share(whole[8 * cells.CELLS :])
    if keeper:
        os.close(lifeline)
        _finally(lambda: FirstProcess(keeper, shared, mine).stand_by())
    os.close(held_open)
    keeper = os.getpid()
    syscalls.set_subreaper(True)
    reading, writing = map(_away, os.pipe())
    try:
        command = os.fork()
    except OSError as error:
        shared[cells.RESULT] = cells.ENDED + tell(_refused(error))
        os._exit(0)
    if command:
        os.close(writing)
        _finally(lambda: Keeper(command, shared, lifeline, reading, trace).watch())
    syscalls.die_with(keeper)
    os.close(lifeline)
    os.close(reading)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    syscalls.keep_from_children(ctypes.addressof(ctypes.c_char.from_buffer(page)), mmap.PAGESIZE)
    settle(shared, writing, trace)


def _trace_file() -> int:
    """Return a descriptor of the file into which the command writes the lines that it executes."""
    try:
        return _away(os.memfd_create("multiprog-trace"))
    except OSError:  # a sandbox may forbid memfd_create
        with tempfile.TemporaryFile() as file:
            return fcntl.fcntl(file.fileno(), fcntl.F_DUPFD_CLOEXEC, 10)


def _away(fd: int) -> int:
    """Move the descriptor to 10 or above: if a standard stream is closed, it may be 0, 1 or 2."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(fd)
    return moved


def _refused(error: OSError) -> MultiprogError:
    why = (error.strerror or str(error)).lower()
    return MultiprogError(
        tr("{reason}: an own policy is executed in a process of its own", reason=why)
    )


def _finally(live: Callable[[], None]) -> NoReturn:
    """Run the first process or the keeper to its end. It never returns to the caller of `keep`."""
    try:
        live()
    except BaseException as error:
        os.write(2, f"the keeper of this command failed: {error!r}\n".encode())
    finally:
        os._exit(MultiprogError.exit_status)
