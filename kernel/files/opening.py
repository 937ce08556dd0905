"""How files are opened on this system, named pipes and descriptors with a path among them.

Windows has neither of these in its file system.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from translation import tr

_PIECE = 1 << 16  # bytes


class NoWriterError(OSError):
    """A pipe that no process has opened for writing."""

    def __init__(self) -> None:
        super().__init__(None, tr("it is a pipe, and nothing writes into it"))


if sys.platform == "win32":
    AT_ONCE = AS_IT_IS = os.O_BINARY

    def let_wait(fd: int) -> None:
        """Do nothing: a read or write of a file never returns before its end."""

    def first_piece(fd: int, patience: int) -> bytes:
        """Raise OSError: no file is a pipe."""
        raise OSError(None, tr("it is a named pipe, and this system has no named pipes"))

    def is_open_for_reading_only(fd: int) -> bool:
        """Return False: no descriptor has a path."""
        return False

    def longest_name(folder: Path) -> int:
        """Return how many characters the name of a file in this folder may have."""
        return 255

else:
    import fcntl
    import select

    AT_ONCE = os.O_NONBLOCK | os.O_NOCTTY
    """Flags with which a file is opened without waiting for the other end of a pipe."""
    AS_IT_IS = 0
    """Flags with which a file is opened so that every byte is written as it is."""

    def let_wait(fd: int) -> None:
        """Let reads and writes of a file that was opened with AT_ONCE wait from now on."""
        os.set_blocking(fd, True)

    def first_piece(fd: int, patience: int) -> bytes:
        """Return the first bytes of a pipe; wait for them as long as the pipe has a writer.

        Raises NoWriterError if none has opened it within `patience` ms.
        """
        writes = select.poll()
        writes.register(fd, select.POLLIN)
        writes.poll(patience)
        while True:
            try:
                piece = os.read(fd, _PIECE)
            except BlockingIOError:
                writes.poll()
                continue
            if not piece:
                raise NoWriterError
            return piece

    def is_open_for_reading_only(fd: int) -> bool:
        """Return whether nothing can be written to the descriptor."""
        return fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY

    def longest_name(folder: Path) -> int:
        """Return how many bytes the name of a file in this folder may have."""
        return os.pathconf(folder, "PC_NAME_MAX")
