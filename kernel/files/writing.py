"""Writing files: whole or not at all, with the mode that they had, and following links.

Every option that writes a file, and `calibrate` for its profile, calls `save`. A regular file is
written under another name in the same folder, and renamed when it is whole. A link stays a link,
and the file that it leads to is replaced. Pipes, terminals and descriptors (`/dev/stdout`,
`/dev/fd/3`) are written to directly.
"""

from __future__ import annotations

import errno
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from kernel.errors import UsageError
from kernel.files.opening import (
    AS_IT_IS,
    AT_ONCE,
    is_open_for_reading_only,
    let_wait,
    longest_name,
)
from translation import mark, tr

Identity = tuple[int, int] | str
"""Device and inode of a file; the name that it would get, links followed, if there is none."""

_DESCRIPTOR = re.compile(rf"(?:/dev/fd|/proc/self/fd|/proc/{os.getpid()}/fd)/(\d{{1,6}})")
_MOST_LINKS = 40  # as many as the kernel follows
_WRITERS = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_NOT_ALLOWED = mark("{file}: cannot be written: you may not write to it")
_open_pipes: dict[Identity, int] = {}
"""Descriptors of pipes that were checked and not written yet. A close would end their readers."""


# -- before the run -------------------------------------------------------------------------------


def identity(path: Path) -> Identity:
    """Return the same value for all names of one file, symbolic and hard links included."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return os.path.realpath(path)
    return found.st_dev, found.st_ino


def can_be_replaced(path: Path) -> bool:
    """Return whether a regular file, or nothing, is there: no terminal, pipe or `/dev/null`."""
    there = _status(path)
    return there is None or stat.S_ISREG(there.st_mode)


def require_another(path: Path, reads: Iterable[Path]) -> None:
    """Raise UsageError if `path` is one of the files in `reads`, under this or another name."""
    if can_be_replaced(path) and identity(path) in set(map(identity, reads)):
        raise UsageError(
            tr("{file}: is a file that this command reads; name another file", file=path)
        )


def require_writable(path: Path) -> None:
    """Raise UsageError unless `save` can write at `path`. No file is touched; a pipe is opened."""
    try:
        number = _descriptor(path)
        if number is not None:
            _require_open(path, number)
            return
        there = _status(path)
        if there is not None and not stat.S_ISREG(there.st_mode):
            _require_takes_text(path, there)
            return
        target = Path(os.path.realpath(path))
        _require_folder(path, target.parent)
        if there is not None:
            _require_unprotected(path, there)
        elif len(os.fsencode(target.name)) > _longest_name(target.parent):
            raise UsageError(tr("{file}: cannot be written: the name is too long", file=path))
    except (OSError, ValueError) as error:
        raise _cannot(path, error) from None


def require_writable_folder(path: Path, files: Iterable[Path] = ()) -> None:
    """Raise UsageError unless `files` can be written in a folder at `path`.

    The folder need not exist yet. It is not changed.
    """
    try:
        if path.exists() and not path.is_dir():
            raise UsageError(
                tr("{file}: is a file; must be a folder, or a name for a new one", file=path)
            )
        _require_folder(path, path if path.exists() else path.parent)
    except (OSError, ValueError) as error:
        raise _cannot(path, error) from None
    if path.exists():
        for file in files:
            require_writable(file)


def _require_folder(path: Path, folder: Path) -> None:
    if not folder.exists():
        raise UsageError(
            tr("{file}: cannot be written: there is no folder {folder}", file=path, folder=folder)
        )
    if not folder.is_dir():
        raise UsageError(
            tr("{file}: cannot be written: {folder} is not a folder", file=path, folder=folder)
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            tr("{file}: cannot be written: you may not write to {folder}", file=path, folder=folder)
        )


def _require_unprotected(path: Path, there: os.stat_result) -> None:
    """Raise UsageError for a file that must not be written, even by root if its mode says so."""
    if not there.st_mode & _WRITERS:
        mode = stat.S_IMODE(there.st_mode)
        raise UsageError(
            tr(
                "{file}: cannot be written: it is write-protected (mode {mode:04o})",
                file=path,
                mode=mode,
            )
        )
    if not os.access(path, os.W_OK):
        raise UsageError(tr(_NOT_ALLOWED, file=path))


def _require_takes_text(path: Path, there: os.stat_result) -> None:
    """Raise UsageError for what takes no text. Open a pipe: its reader may be gone later."""
    if stat.S_ISDIR(there.st_mode):
        raise UsageError(tr("{file}: is a folder; must be the name of a file", file=path))
    if stat.S_ISBLK(there.st_mode) or stat.S_ISSOCK(there.st_mode):
        raise UsageError(tr("{file}: cannot be written: it is a disk or a socket", file=path))
    if stat.S_ISFIFO(there.st_mode):
        if identity(path) not in _open_pipes:
            _open_pipes[identity(path)] = _open_at_once(path)
    elif not os.access(path, os.W_OK):
        raise UsageError(tr(_NOT_ALLOWED, file=path))


def _require_open(path: Path, number: int) -> None:
    if is_open_for_reading_only(number):
        raise UsageError(tr("{file}: cannot be written: it is open for reading only", file=path))


def _longest_name(folder: Path) -> int:
    """Return how many bytes a name may have so that `save` can add its own to it."""
    return longest_name(folder) - len(f"..{os.getpid()}")


# -- writing --------------------------------------------------------------------------------------


def save(path: Path, write: Callable[[TextIO], Any]) -> None:
    r"""Give `write` a stream whose content becomes the file at `path`, whole or not at all.

    The stream takes UTF-8; what is no character (a name that is not UTF-8) is written as `\udc..`.
    Raises UsageError if it cannot be written there.
    """
    try:
        fd = _opened_directly(path)
        if fd is not None:
            with _text_stream(fd) as stream:
                write(stream)
        else:
            _replace(path, Path(os.path.realpath(path)), write)
    except OSError as error:
        raise _cannot(path, error) from None


def _cannot(path: Path, error: OSError | ValueError) -> UsageError:
    reason = error.strerror if isinstance(error, OSError) else None
    return UsageError(tr("{file}: cannot be written: {why}", file=path, why=reason or error))


def _text_stream(fd: int) -> TextIO:
    return os.fdopen(fd, "w", encoding="utf-8", errors="backslashreplace", newline="\n")


def _status(path: Path) -> os.stat_result | None:
    """Return the status of the file that the name leads to; None: there is none."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _descriptor(path: Path) -> int | None:
    """Return the number of the descriptor that a name like `/dev/stdout` stands for.

    It must not be opened again: a regular file would be overwritten from its start.
    """
    named = path.absolute()
    for _ in range(_MOST_LINKS):
        found = _DESCRIPTOR.fullmatch(str(named))
        if found is not None:
            return int(found.group(1))
        try:
            named = named.parent / named.readlink()
        except (OSError, ValueError):
            return None
    return None


def _opened_directly(path: Path) -> int | None:
    """Return a descriptor that is written directly; None: a regular file, or nothing, is there."""
    number = _descriptor(path)
    if number is not None:
        return os.dup(number)
    there = _status(path)
    if there is None or stat.S_ISREG(there.st_mode):
        return None
    checked = _open_pipes.pop(identity(path), None)
    return checked if checked is not None else _open_at_once(path)


def _open_at_once(path: Path) -> int:
    """Open a pipe or a device, without waiting for a reader at its other end."""
    try:
        fd = os.open(path, os.O_WRONLY | AT_ONCE)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        raise UsageError(
            tr(
                "{file}: cannot be written: nothing reads from this pipe; start its reader first",
                file=path,
            )
        ) from None
    let_wait(fd)
    return fd


def _replace(path: Path, target: Path, write: Callable[[TextIO], Any]) -> None:
    """Write a file beside `target`, and give it that name when it is whole."""
    before = _status(target)
    if before is not None:
        _require_unprotected(path, before)
    name = target.with_name(f".{target.name}.{os.getpid()}")
    name.unlink(missing_ok=True)  # left by a killed process that had our process id
    try:
        with ExitStack() as until_replaced:
            fd = _open_unnamed(name)
            if fd is None:
                until_replaced.enter_context(_removed_by_signals(name))
                mode = 0o666 if before is None else 0o600
                fd = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | AS_IT_IS, mode)
            with _text_stream(fd) as stream:
                write(stream)
                stream.flush()
                if before is not None:
                    _set_up_alike(fd, before)
                if not name.exists():
                    until_replaced.enter_context(_removed_by_signals(name))
                    # src_dir_fd makes Python follow the link, as asked
                    os.link(f"/proc/self/fd/{fd}", name, src_dir_fd=fd, follow_symlinks=True)
            name.replace(target)
    finally:
        name.unlink(missing_ok=True)


def _open_unnamed(name: Path) -> int | None:
    """Open a file without a name in the folder of `name`; it is gone if this process is killed.

    None: the system, or this folder's file system, has no such files.
    """
    if sys.platform != "linux" or not hasattr(os, "O_TMPFILE"):
        return None
    try:
        return os.open(name.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT):
            return None
        raise


def _set_up_alike(fd: int, before: os.stat_result) -> None:
    """Give the file the owner, group and mode that it had before, as far as this user may."""
    if sys.platform == "win32":  # which has no such modes
        return
    mine = os.fstat(fd)
    if (mine.st_uid, mine.st_gid) != (before.st_uid, before.st_gid):
        with suppress(PermissionError):
            os.fchown(fd, before.st_uid, before.st_gid)
    os.fchmod(fd, stat.S_IMODE(before.st_mode))


@contextmanager
def _removed_by_signals(name: Path) -> Iterator[None]:
    """Remove the unfinished file if a signal ends this program."""

    def end(number: int, _frame: object) -> None:
        name.unlink(missing_ok=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    deadly = [] if threading.current_thread() is not threading.main_thread() else _DEADLY
    changed = [each for each in deadly if signal.getsignal(each) is signal.SIG_DFL]
    for each in changed:
        signal.signal(each, end)
    try:
        yield
    finally:
        for each in changed:
            signal.signal(each, signal.SIG_DFL)


_DEADLY = [signal.SIGTERM]
if sys.platform != "win32":
    _DEADLY.append(signal.SIGHUP)
