"""Reading files, compressed or not, up to a limit of bytes.

A pipe that no process writes to is given up after a while.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from kernel.files.opening import AT_ONCE, first_piece, let_wait

PATIENCE = 2_000
"""Milliseconds after which a pipe that no process has opened for writing is given up."""


class TooLargeError(Exception):
    """The file, unpacked, has more bytes than the limit."""


def read_bounded(path: Path, most: int) -> bytes:
    """Return the content of a file or pipe. Raises OSError; TooLargeError above `most` bytes."""
    with open_bounded(path, most) as stream:
        return _whole(stream, most)


def open_bounded(path: Path, most: int) -> BinaryIO:
    """Open a file or pipe, which can be read twice. Raises what `read_bounded` raises.

    TooLargeError is raised only for a pipe, which is read at once.
    """
    fd = os.open(path, os.O_RDONLY | AT_ONCE)
    try:
        kind = os.fstat(fd).st_mode
        first = first_piece(fd, PATIENCE) if stat.S_ISFIFO(kind) else b""
        let_wait(fd)
        stream = os.fdopen(fd, "rb")  # refuses a folder
    except BaseException:
        os.close(fd)
        raise
    if stat.S_ISREG(kind):
        return stream
    with stream:
        content = first + _whole(stream, most)
    if len(content) > most:
        raise TooLargeError
    return io.BytesIO(content)


def unpacked(stream: BinaryIO) -> BinaryIO:
    """Return a stream that unpacks a file compressed by gzip while it is read."""
    return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]


def lines(stream: BinaryIO, most: int) -> Iterator[bytes]:
    """Yield the lines with their ends. Raises TooLargeError after `most` bytes."""
    left = most
    while line := stream.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise TooLargeError
        yield line


def _whole(stream: BinaryIO, most: int) -> bytes:
    content = stream.read(most + 1)
    if len(content) > most:
        raise TooLargeError
    return content
