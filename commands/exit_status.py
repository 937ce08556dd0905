"""The end of a command: an error becomes one line on stderr and an exit status."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from commands.statuses import FAILED, INTERRUPTED
from commands.streams import prepare_streams
from kernel.errors import MultiprogError, UsageError
from translation import mark, tr

_TOO_MUCH_MEMORY = mark(
    "this needs more memory than the command may have (the limit memory, or "
    "ulimit): make the scenario smaller, or raise the limit, like --limit "
    "memory=8GiB"
)


@contextmanager
def memory_bound_given_back() -> Iterator[None]:
    """Restore the bound on memory at the end of the block, as the caller of `main` may go on."""
    if sys.platform == "win32" or sys.platform == "emscripten":
        yield
        return
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def exit_status_of(command: Callable[[], int | None]) -> int:
    """Run the command and return its exit status. Print an error as one line on stderr."""
    try:
        return _answer(command)
    except BrokenPipeError:  # the reader has closed the pipe, as `head` does
        status = FAILED
    except SystemExit as ended:  # click and rich raise it for a closed pipe
        status = int(ended.code or 0)
    _give_up(sys.stdout, sys.stderr)
    return status


def _answer(command: Callable[[], int | None]) -> int:
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    prepare_streams()
    if sys.stdout is None:  # the shell has closed it
        sys.stderr.write(tr("the output could not be written: stdout is closed") + "\n")
        return FAILED
    try:
        with _interrupts_told():
            status = command() or 0
        sys.stdout.flush()
        return int(status)
    except BrokenPipeError:
        raise
    except (click.ClickException, click.Abort, KeyboardInterrupt) as error:
        return _not_run(error)
    except MultiprogError as error:
        click.echo(str(error), err=True)
        return error.exit_status
    except MemoryError:
        click.echo(tr(_TOO_MUCH_MEMORY), err=True)
        return FAILED
    except OSError as error:
        return _refused(error)


@contextmanager
def _interrupts_told() -> Iterator[None]:
    """Raise KeyboardInterrupt in place of the error that pydantic's compiled code makes of it."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.startswith("pydantic_core") and "KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from None
        raise


def _not_run(error: click.ClickException | click.Abort | KeyboardInterrupt) -> int:
    """Print why the command did not run to its end, in one line. Return the exit status."""
    if not isinstance(error, click.ClickException):
        click.echo(tr("interrupted"), err=True)
        return INTERRUPTED
    where = f"{error.ctx.command_path}: " if getattr(error, "ctx", None) else ""  # type: ignore[attr-defined]
    message = error.format_message()
    is_help = message.startswith(tr("Usage:"))  # the help has several lines
    click.echo(message if is_help else where + message.replace("\n", " "), err=True)
    return error.exit_code


def _refused(error: OSError) -> int:
    """Print the error of the operating system in one line. Return the exit status."""
    if error.errno in _OF_OUTPUTS and error.filename is None:
        _give_up(sys.stdout)
        click.echo(
            tr("the output could not be written: {reason}", reason=os.strerror(error.errno)),
            err=True,
        )
        return FAILED
    if isinstance(error, FileNotFoundError) and not _has_folder():
        click.echo(tr("the folder in which this was started is gone: go to another one"), err=True)
        return UsageError.exit_status
    from real.host.os_errors import os_error_words

    click.echo(tr("this machine refused: {reason}", reason=os_error_words(error)), err=True)
    return FAILED


_OF_OUTPUTS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EINVAL)
"""OS errors that, without a file name, only a write to stdout or stderr can have raised."""


def _has_folder() -> bool:
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True


def _give_up(*streams: TextIO | None) -> None:
    """Redirect the streams to the null device. Otherwise flushing them at exit would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        if stream is not None:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
