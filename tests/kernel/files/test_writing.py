"""Files that the commands write: modes, links, pipes, and what must not be written over."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import pytest

from kernel.errors import UsageError
from kernel.files.writing import identity, require_another, require_writable, save


def hello(stream: TextIO) -> None:
    stream.write("hello\n")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("given", [0o600, 0o640, 0o755])
def test_a_file_keeps_its_mode(given: int, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    file.chmod(given)

    save(file, hello)

    assert (mode(file), file.read_text()) == (given, "hello\n")


def test_a_new_file_gets_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        save(tmp_path / "x", hello)
    finally:
        os.umask(before)
    assert mode(tmp_path / "x") == 0o600


def test_a_write_protected_file_is_refused_even_to_root(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("mine")
    file.chmod(0o444)

    attempts: list[Callable[[], None]] = [lambda: require_writable(file), lambda: save(file, hello)]
    for attempt in attempts:
        with pytest.raises(UsageError, match=r"write-protected \(mode 0444\)"):
            attempt()
    assert (file.read_text(), mode(file)) == ("mine", 0o444)


def test_a_link_stays_one_and_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "target", tmp_path / "link"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to(target)

    save(link, hello)

    assert link.is_symlink()
    assert (target.read_text(), mode(target)) == ("hello\n", 0o600)
    assert list(tmp_path.joinpath("there").iterdir()) == [target]


def test_a_link_to_nothing_yet_makes_that_file(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "new")

    save(link, hello)

    assert link.is_symlink() and (tmp_path / "new").read_text() == "hello\n"


def test_a_link_in_a_circle_is_one_line(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(link)

    with pytest.raises(UsageError, match="Too many levels of symbolic links"):
        require_writable(link)


def test_a_pipe_that_nothing_reads_is_told_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    attempts: list[Callable[[], None]] = [lambda: require_writable(pipe), lambda: save(pipe, hello)]
    for attempt in attempts:
        with pytest.raises(UsageError, match="nothing reads from this pipe"):
            attempt()


def test_a_reader_that_was_there_before_the_run_gets_the_result(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    require_writable(pipe)
    with pytest.raises(BlockingIOError):  # it does not see an end before the result
        os.read(reader, 100)
    save(pipe, hello)

    assert (os.read(reader, 100), os.read(reader, 100)) == (b"hello\n", b"")
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_descriptor_by_name_is_written_to_where_it_is(tmp_path: Path) -> None:
    """A file that stdout leads to must not be begun anew, or exchanged."""
    file = tmp_path / "x"
    fd = os.open(file, os.O_WRONLY | os.O_CREAT)
    os.write(fd, b"before\n")
    link = tmp_path / "link"
    link.symlink_to(f"/dev/fd/{fd}")

    save(Path(f"/dev/fd/{fd}"), hello)
    save(link, hello)
    os.write(fd, b"after\n")
    os.close(fd)

    assert file.read_text() == "before\nhello\nhello\nafter\n"


def test_a_descriptor_for_reading_only_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").touch()
    fd = os.open(tmp_path / "x", os.O_RDONLY)
    with pytest.raises(UsageError, match="open for reading only"):
        require_writable(Path(f"/dev/fd/{fd}"))
    os.close(fd)


def test_all_names_of_one_file_are_the_same(tmp_path: Path) -> None:
    file, hard, soft = tmp_path / "x", tmp_path / "hard", tmp_path / "soft"
    file.touch()
    hard.hardlink_to(file)
    soft.symlink_to(file)

    assert identity(file) == identity(hard) == identity(soft) != identity(tmp_path)
    for name in (file, hard, soft):
        with pytest.raises(UsageError, match="is a file that this command reads"):
            require_another(name, [file])
    require_another(tmp_path / "y", [file])


def test_a_name_that_is_no_unicode_is_written_visibly(tmp_path: Path) -> None:
    save(tmp_path / "x", lambda stream: stream.write(os.fsdecode(b"caf\xe9")))
    assert (tmp_path / "x").read_text() == r"caf\udce9"


def test_a_file_without_space_for_it_leaves_the_old_one(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("old")

    def full(_stream: TextIO) -> None:
        raise OSError(28, os.strerror(28))

    with pytest.raises(UsageError, match="No space left on device"):
        save(file, full)
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("unnamed", [True, False])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_ended_while_it_writes_leaves_nothing(
    number: signal.Signals, unnamed: bool, tmp_path: Path
) -> None:
    program = f"""
import os, signal
from pathlib import Path
from kernel.files.writing import save

if not {unnamed}:
    del os.O_TMPFILE

def write(stream):
    stream.write("half")
    stream.flush()
    os.kill(os.getpid(), {int(number)})
    for _ in range(1000):
        pass

signal.signal({int(number)}, signal.SIG_DFL)
save(Path({str(tmp_path / "x")!r}), write)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False)

    assert done.returncode == -number
    assert list(tmp_path.iterdir()) == []
