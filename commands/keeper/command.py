"""What the command prepares, so that the keeper sees what a policy does to it."""

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
from kernel.scheduling.policy_errors import is_own
from language.policies.forbidden import forbid
from translation import mark, tr

_cells: memoryview[int] | None = None
_pid = 0  # the command's process id; a process that it has forked does not have the cells
_streams: list[int] = []  # the descriptors of the command's own stdout and stderr
_replaced: list[TextIO] = []  # kept, as closing these streams would close the descriptors 1 and 2


def settle(cells: memoryview[int], said: int, trace: int) -> None:
    """Prepare the command before a policy is executed.

    The pipe `said` receives output that is not written by Python's streams. Into the file `trace`
    the command writes which lines it executes, when the keeper asks.
    """
    global _cells, _pid
    _cells, _pid = cells, os.getpid()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    _move_away(said)
    signal.signal(traces.ASK, signal.SIG_IGN)  # restored when Python ends: ASK must not kill then
    faulthandler.register(traces.ASK, file=trace, all_threads=True, chain=False)
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    threading.excepthook = lambda about: _remark(
        about.exc_value, mark("raised {error} in a thread")
    )
    sys.unraisablehook = lambda about: _remark(
        about.exc_value, mark("raised {error} where it cannot be caught")
    )
    forbid()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but only once: SIGINT may come from several senders."""
    assert _cells is not None
    if not _cells[HEARD]:
        _cells[HEARD] = 1
        raise KeyboardInterrupt


def _move_away(said: int) -> None:
    """Redirect descriptors 1 and 2 to `said`, and give Python's streams other descriptors."""
    for name, fd in (("stdout", 1), ("stderr", 2)):
        stream: TextIO | None = getattr(sys, name)
        if stream is not None:
            moved = _reopened(stream, fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10))
            setattr(sys, name, moved)
            setattr(sys, f"__{name}__", moved)
        os.dup2(said, fd)
    os.close(said)


def _reopened(stream: TextIO, fd: int) -> TextIO:
    """Return a stream with the same settings over `fd`, another descriptor of the same file."""
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


def _remark(error: BaseException | None, message: str) -> None:
    """Print one line for an exception for which Python would print a traceback."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    place, trace = "", error.__traceback__ if error is not None else None
    while trace is not None:
        if is_own(trace.tb_frame):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}: "
        trace = trace.tb_next
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{place}{tr(message, error=' '.join(said.split()))}\n")


def finished(status: int) -> None:
    """Note that the command has done its work, and will end with `status`. Call it last."""
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
