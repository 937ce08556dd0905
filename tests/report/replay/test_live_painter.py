"""The live painter: the supervisor never waits for it, and gets its terminal back."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from kernel.process.states import READY, RUNNING
from report.replay import live_painter
from report.replay.alternate_screen import LEAVE, AlternateScreen
from report.replay.live_painter import LivePainter
from report.replay.live_picture import LivePicture
from report.replay.picture_pipe import MOST_WAITING, PipeWriter, arrivals
from tests.timeline.gantt import gantt
from timeline.record.intervals import Interval
from timeline.record.live import LiveUpdate

SKELETON = gantt("A 00.0\nB ..0")


def update(number: int, rows: int = 1) -> LiveUpdate:
    closed = [Interval(0, READY, at, at + 1, -1, -1, "dispatched") for at in range(rows)]
    return LiveUpdate(number, closed, [], [])


class NoKeeper:
    """A guardian that does nothing: these supervisors are not killed."""

    def join(self) -> None:
        pass

    def look(self) -> None:
        pass


@pytest.fixture
def terminal() -> Iterator[tuple[AlternateScreen, int]]:
    """A terminal, and what is on it: the other end."""
    master, slave = pty.openpty()
    with AlternateScreen(slave) as alternate:
        yield alternate, master
    os.close(master)
    os.close(slave)


@pytest.fixture
def painter(terminal: tuple[AlternateScreen, int]) -> LivePainter:
    return LivePainter(SKELETON, None, (), spare=True, alternate=terminal[0], guardian=NoKeeper())


@pytest.fixture
def pipe() -> Iterator[tuple[PipeWriter, int]]:
    """The supervisor's end of a pipe, and the other end."""
    reading, writing = os.pipe()
    yield PipeWriter(writing), reading
    for fd in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(fd)


def test_the_supervisor_does_not_wait_for_a_painter_that_does_not_read(
    pipe: tuple[PipeWriter, int],
) -> None:
    writer, _ = pipe
    looked = []
    begun = time.monotonic()
    for number in range(500):
        writer.send(lambda number=number: looked.append(number) or update(number, 1000))  # type: ignore[misc, func-returns-value]

    assert time.monotonic() - begun < 5
    assert len(writer.waiting) < 2 * MOST_WAITING
    assert len(looked) < 500, "it should have stopped looking"


def test_what_was_looked_at_arrives_once_and_in_order(pipe: tuple[PipeWriter, int]) -> None:
    writer, reading = pipe
    found: list[int] = []

    def read() -> None:
        for updates in arrivals(reading, 0.001):
            found.extend(each.at_ns for each in updates)

    reader = threading.Thread(target=read)
    reader.start()
    looked: list[int] = []
    for number in range(300):
        writer.send(lambda number=number: looked.append(number) or update(number, 200))  # type: ignore[misc, func-returns-value]
    while writer.waiting:
        writer.send(lambda: looked.append(-1) or update(-1))  # type: ignore[func-returns-value]
    os.close(writer.fd)
    reader.join(10)

    assert found == looked


def test_a_terminal_that_is_gone_ends_the_looking_and_nothing_else(
    pipe: tuple[PipeWriter, int],
) -> None:
    writer, reading = pipe
    os.close(reading)
    writer.send(lambda: update(0))
    writer.send(lambda: pytest.fail("it should not look any more"))


def test_the_picture_grows_with_what_is_seen() -> None:
    picture = LivePicture(SKELETON, None)
    running = Interval(0, RUNNING, 0, 60_000_000, 0, -1, "stopped")
    picture.see([LiveUpdate(60_000_000, [], [running], [])])
    first = [line.plain for line in picture.lines()]
    closed = running._replace(end=90_000_000, why="expired")
    other = Interval(1, RUNNING, 90_000_000, 100_000_000, 0, -1, "stopped")
    picture.see([LiveUpdate(100_000_000, [closed], [other], [])])
    second = [line.plain for line in picture.lines()]

    def core(lines: list[str]) -> str:
        return next(line for line in lines if line.startswith("core 0")).split("│")[1]

    assert set(core(first)) == {"A", " "}
    assert set(core(second)) == {"A", "B"}
    assert any("runs" in line and "A on core 0" in line for line in first)
    assert any("runs" in line and "B on core 0" in line for line in second)


def test_a_painter_is_gone_before_ctrl_c_at_its_start_is_answered(
    monkeypatch: pytest.MonkeyPatch, painter: LivePainter
) -> None:
    def wait(_painter: LivePainter, pipe: int) -> None:
        os.read(pipe, 1)
        os._exit(0)

    def fork() -> int:
        pid = forked()
        if pid:
            os.kill(os.getpid(), signal.SIGINT)
        return pid

    forked = os.fork
    monkeypatch.setattr(LivePainter, "_paint", wait)
    monkeypatch.setattr(os, "fork", fork)
    with pytest.raises(KeyboardInterrupt):
        painter.__enter__()
    with pytest.raises(ChildProcessError):
        os.waitpid(painter._pid, os.WNOHANG)


def test_ctrl_c_while_a_painter_ends_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, painter: LivePainter
) -> None:
    def wait(_painter: LivePainter, pipe: int) -> None:
        os.read(pipe, 1)
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(0.2)
        os._exit(0)

    monkeypatch.setattr(LivePainter, "_paint", wait)
    with pytest.raises(KeyboardInterrupt), painter:
        pass
    with pytest.raises(ChildProcessError):
        os.waitpid(painter._pid, os.WNOHANG)


def _shows_and_waits(painter: LivePainter, pipe: int) -> None:
    painter._alternate.shown = True
    os.read(pipe, 1)
    painter._alternate.shown = False
    os._exit(0)


def until_shown(painter: LivePainter) -> None:
    while not painter._alternate.shown:
        time.sleep(0.001)


def test_the_terminal_of_a_killed_painter_is_given_back_at_once(
    monkeypatch: pytest.MonkeyPatch,
    painter: LivePainter,
    terminal: tuple[AlternateScreen, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(LivePainter, "_paint", _shows_and_waits)
    with painter:
        until_shown(painter)
        os.kill(painter._pid, signal.SIGKILL)
        os.waitid(os.P_PID, painter._pid, os.WEXITED | os.WNOWAIT)
        painter.watch(lambda: update(0))
        assert os.read(terminal[1], 100) == LEAVE
    assert (
        "the process that draws failed; the run itself was not touched" in capsys.readouterr().err
    )


def test_a_painter_that_is_stopped_is_killed_and_does_not_hang_the_end(
    monkeypatch: pytest.MonkeyPatch,
    painter: LivePainter,
    terminal: tuple[AlternateScreen, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(LivePainter, "_paint", _shows_and_waits)
    monkeypatch.setattr(live_painter, "STANDS", 0.0)
    with painter:
        until_shown(painter)
        os.kill(painter._pid, signal.SIGSTOP)
        os.waitid(os.P_PID, painter._pid, os.WSTOPPED | os.WNOWAIT)
        for _ in range(2):
            painter.watch(lambda: update(0))
        assert os.read(terminal[1], 100) == LEAVE
    assert "was stopped by another program (SIGSTOP), and was ended" in capsys.readouterr().err


def test_a_painter_that_is_stopped_at_its_end_goes_on_to_it(
    monkeypatch: pytest.MonkeyPatch, painter: LivePainter, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(LivePainter, "_paint", _shows_and_waits)
    with painter:
        until_shown(painter)
        os.kill(painter._pid, signal.SIGSTOP)
        os.waitid(os.P_PID, painter._pid, os.WSTOPPED | os.WNOWAIT)
    assert capsys.readouterr().err == ""


def test_the_alternate_screen_is_left_once(terminal: tuple[AlternateScreen, int]) -> None:
    alternate, master = terminal
    alternate.leave()
    alternate.shown = True
    for _ in range(2):
        alternate.leave()
    os.set_blocking(master, False)
    assert os.read(master, 100) == LEAVE
    with pytest.raises(BlockingIOError):
        os.read(master, 100)


def test_a_terminal_that_takes_nothing_is_not_waited_for(
    terminal: tuple[AlternateScreen, int],
) -> None:
    import termios

    alternate, _ = terminal
    termios.tcflow(alternate.fd, termios.TCOOFF)  # Ctrl-S
    alternate.shown = True
    for _ in range(3):
        alternate.leave()
        alternate.enter()
