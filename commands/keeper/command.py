"""What the command prepares, so that its keeper sees what a policy does to it."""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, TextIO

from commands.keeper import traces
from commands.keeper.cells import BROKEN, FINISHED, HEARD
from kernel.errors import RuleBroken
from kernel.scheduling import current_call
from kernel.scheduling.policy_errors import is_own

_FORBIDDEN = {
    "os.fork": "started a process",
    "os.forkpty": "started a process",
    "os.exec": "executed another program",
    "os.kill": "sent a signal",
    "os.killpg": "sent a signal",
    "signal.pthread_kill": "sent a signal",
}
"""Audit events that nothing has a reason for while a policy is at work or its file is read."""
_IN_A_CALL = _FORBIDDEN | {
    "os.posix_spawn": "started a process",
    "os.system": "started a process",
    "subprocess.Popen": "started a process",
    "_thread.start_new_thread": "started a thread",
    "_thread.start_joinable_thread": "started a thread",
    "os.chdir": "changed the current folder",
}
"""The same for a call; a library that the file imports may well ask another program something."""

_cells: memoryview[int] | None = None
_pid = 0  # of the command: processes that it has forked do not have the cells
_streams: list[int] = []  # the descriptors of the command's own stdout and stderr
_replaced: list[TextIO] = []  # closing these would close the descriptors 1 and 2


def settle(cells: memoryview[int], said: int, trace: int) -> None:
    """Prepare the command before a policy is executed.

    The pipe `said` takes what is written past Python's streams, the file `trace` the lines that
    are being executed.
    """
    global _cells, _pid
    _cells, _pid = cells, os.getpid()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    _move_away(said)
    signal.signal(traces.ASK, signal.SIG_IGN)  # as it is once Python has ended
    faulthandler.register(traces.ASK, file=trace, all_threads=True, chain=False)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    threading.excepthook = lambda about: _remark(about.exc_value, "in a thread")
    sys.unraisablehook = lambda about: _remark(about.exc_value, "where it cannot be caught")
    sys.addaudithook(_audit)


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt once: both the terminal and the first process may send SIGINT."""
    assert _cells is not None
    if not _cells[HEARD]:
        _cells[HEARD] = 1
        raise KeyboardInterrupt


def _move_away(said: int) -> None:
    """Lead the descriptors 1 and 2 to `said`. Python's own streams get other descriptors."""
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream: TextIO | None = getattr(sys, name)
        if stream is not None:
            moved = _reopened(stream, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))
            setattr(sys, name, moved)
            setattr(sys, f"__{name}__", moved)
        os.dup2(said, fd)
    os.close(said)


def _reopened(stream: TextIO, fd: int) -> TextIO:
    """Return the same stream over another descriptor of the same file."""
    _replaced.append(stream)
    _streams.append(fd)
    how: Any = stream
    return open(
        fd,
        "w",
        encoding=stream.encoding,
        errors=stream.errors,
        buffering=1 if how.line_buffering or how.write_through else -1,
        closefd=False,
    )


def _remark(error: BaseException | None, where: str) -> None:
    """Print one line for an exception that Python would print with its traceback."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place, trace = "", error.__traceback__ if error is not None else None
    while trace is not None:
        if is_own(trace.tb_frame):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: "
        trace = trace.tb_next
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{place}raised {' '.join(said.split())} {where}\n")


def _audit(event: str, _arguments: tuple[Any, ...]) -> None:
    """Refuse what a policy must not do. The command itself may do it."""
    what = _IN_A_CALL.get(event)
    if what is None or os.getpid() != _pid or not current_call.is_asked():
        return
    if threading.current_thread() is not threading.main_thread():
        return
    reading = current_call.cells[current_call.ASKED] % current_call.PER_CALL == current_call.READING
    if reading and event not in _FORBIDDEN:
        return
    raise RuleBroken(f"{what}: a policy decides, and does nothing else")


def finished(status: int) -> None:
    """Note that the command has done all, and ends with `status`. It is called last."""
    if _cells is None:
        return
    if os.getpid() != _pid:
        os._exit(1)  # a copy, made by a policy's fork
    for fd in _streams:
        try:
            os.fstat(fd)
        except OSError:
            _cells[BROKEN] = 1
    _cells[FINISHED] = status + 1
