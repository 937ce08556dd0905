"""Files that the commands read: no more than they may, and no waiting for nothing."""

from __future__ import annotations

import gzip
import os
import threading
from pathlib import Path

import pytest

from kernel.files import reading as reading_files
from kernel.files.opening import NoWriterError
from kernel.files.reading import (
    TooLargeError,
    lines,
    open_bounded,
    read_bounded,
    unpacked,
)


def test_a_file_of_just_the_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"12345")

    assert read_bounded(file, 5) == b"12345"
    with pytest.raises(TooLargeError):
        read_bounded(file, 4)


def test_a_device_without_an_end_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        read_bounded(Path("/dev/zero"), 1000)


def test_a_pipe_that_nothing_writes_to_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_files, "PATIENCE", 10)
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(NoWriterError, match="nothing writes into it"):
        read_bounded(tmp_path / "pipe", 100)


def test_a_pipe_is_read_to_its_end_and_can_be_read_again(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"one\ntwo\n"))
    writer.start()

    with open_bounded(pipe, 100) as stream:
        writer.join()
        assert stream.read() == b"one\ntwo\n"
        stream.seek(0)
        assert list(lines(stream, 100)) == [b"one\n", b"two\n"]


def test_a_line_without_an_end_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "x.gz"
    with gzip.open(file, "wb", 1) as packed:
        for _ in range(64):
            packed.write(b" " * (1 << 20))

    with open_bounded(file, 1000) as stream:
        content = unpacked(stream)
        with pytest.raises(TooLargeError):
            list(lines(content, 1000))
        assert content.tell() <= 1001


def test_a_folder_is_refused_and_left_closed(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(IsADirectoryError):
        open_bounded(tmp_path, 100)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
