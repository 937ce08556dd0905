"""The painter's pipe: whoever writes into it never waits, and nothing that was seen is lost."""

from __future__ import annotations

import os
import pty
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from kernel.process.states import READY, RUNNING
from report.replay import live_painter as painting
from report.replay.live_painter import MOST_WAITING, Canvas, Painter, _arrivals
from report.terminal.alternate_screen import LEAVE, AlternateScreen
from tests.timeline.gantt import gantt
from timeline.record.intervals import Interval
from timeline.record.live import LiveUpdate

SKELETON = gantt("A 00.0\nB ..0")


def update(number: int, rows: int = 1) -> LiveUpdate:
    closed = [Interval(0, READY, at, at + 1, -1, -1, "dispatched") for at in range(rows)]
    return LiveUpdate(number, closed, [], [])


class NoKeeper:
    """A keeper that does nothing: these supervisors are not killed."""

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
def painter(terminal: tuple[AlternateScreen, int]) -> Painter:
    return Painter(SKELETON, None, (), spare=True, alternate=terminal[0], keeper=NoKeeper())


@pytest.fixture
def pipe(painter: Painter, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Painter, int]]:
    """A painter that nobody paints for, and the other end of its pipe."""
    monkeypatch.setattr(painter, "_look_at_child", lambda: None)
    reading, painter._pipe = os.pipe()
    os.set_blocking(painter._pipe, False)
    yield painter, reading
    for fd in (reading, painter._pipe):
        try:
            os.close(fd)
        except OSError:
            continue


def test_nobody_waits_for_a_painter_that_does_not_read(pipe: tuple[Painter, int]) -> None:
    painter, _ = pipe
    looked = []
    begun = time.monotonic()
    for number in range(500):
        painter.watch(lambda number=number: looked.append(number) or update(number, 1000))  # type: ignore[misc, func-returns-value]

    assert time.monotonic() - begun < 5
    assert len(painter._waiting) < 2 * MOST_WAITING
    assert len(looked) < 500, "it should have stopped looking"


def test_what_was_looked_at_arrives_once_and_in_order(pipe: tuple[Painter, int]) -> None:
    painter, reading = pipe
    found: list[int] = []

    def read() -> None:
        for updates in _arrivals(reading, 0.001):
            found.extend(each.at_ns for each in updates)

    reader = threading.Thread(target=read)
    reader.start()
    looked: list[int] = []
    for number in range(300):
        painter.watch(lambda number=number: looked.append(number) or update(number, 200))  # type: ignore[misc, func-returns-value]
    while painter._waiting:
        painter.watch(lambda: looked.append(-1) or update(-1))  # type: ignore[func-returns-value]
    os.close(painter._pipe)
    reader.join(10)

    assert found == looked


def test_a_terminal_that_is_gone_ends_the_looking_and_nothing_else(
    pipe: tuple[Painter, int],
) -> None:
    painter, reading = pipe
    os.close(reading)
    painter.watch(lambda: update(0))
    painter.watch(lambda: pytest.fail("it should not look any more"))


def test_the_picture_grows_with_what_is_seen() -> None:
    canvas = Canvas(SKELETON, None)
    running = Interval(0, RUNNING, 0, 60_000_000, 0, -1, "stopped")
    canvas.see([LiveUpdate(60_000_000, [], [running], [])])
    first = [line.plain for line in canvas.lines()]
    closed = running._replace(end=90_000_000, why="expired")
    other = Interval(1, RUNNING, 90_000_000, 100_000_000, 0, -1, "stopped")
    canvas.see([LiveUpdate(100_000_000, [closed], [other], [])])
    second = [line.plain for line in canvas.lines()]

    def core(lines: list[str]) -> str:
        return next(line for line in lines if line.startswith("core 0")).split("│")[1]

    assert set(core(first)) == {"A", " "}
    assert set(core(second)) == {"A", "B"}
    assert any("runs" in line and "A on core 0" in line for line in first)
    assert any("runs" in line and "B on core 0" in line for line in second)


def test_a_painter_is_gone_before_ctrl_c_at_its_start_is_answered(
    monkeypatch: pytest.MonkeyPatch, painter: Painter
) -> None:
    def wait(painter: Painter, pipe: int) -> None:
        os.read(pipe, 1)
        os._exit(0)

    def fork() -> int:
        pid = forked()
        if pid:
            os.kill(os.getpid(), signal.SIGINT)
        return pid

    forked = os.fork
    monkeypatch.setattr(Painter, "_paint", wait)
    monkeypatch.setattr(os, "fork", fork)
    with pytest.raises(KeyboardInterrupt):
        painter.__enter__()
    with pytest.raises(ChildProcessError):
        os.waitpid(painter._pid, os.WNOHANG)


def test_ctrl_c_while_a_painter_ends_waits_for_it(
    monkeypatch: pytest.MonkeyPatch, painter: Painter
) -> None:
    def wait(painter: Painter, pipe: int) -> None:
        os.read(pipe, 1)
        os.kill(os.getppid(), signal.SIGINT)
        time.sleep(0.2)
        os._exit(0)

    monkeypatch.setattr(Painter, "_paint", wait)
    with pytest.raises(KeyboardInterrupt), painter:
        pass
    with pytest.raises(ChildProcessError):
        os.waitpid(painter._pid, os.WNOHANG)


def _shows_and_waits(painter: Painter, pipe: int) -> None:
    painter._alternate.shown = True
    os.read(pipe, 1)
    painter._alternate.shown = False
    os._exit(0)


def until_shown(painter: Painter) -> None:
    while not painter._alternate.shown:
        time.sleep(0.001)


def test_the_terminal_of_a_killed_painter_is_given_back_at_once(
    monkeypatch: pytest.MonkeyPatch,
    painter: Painter,
    terminal: tuple[AlternateScreen, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Painter, "_paint", _shows_and_waits)
    with painter:
        until_shown(painter)
        os.kill(painter._pid, signal.SIGKILL)
        os.waitid(os.P_PID, painter._pid, os.WEXITED | os.WNOWAIT)
        painter.watch(lambda: update(0))
        assert os.read(terminal[1], 100) == LEAVE
    assert "the picture failed; the run itself was not touched" in capsys.readouterr().err


def test_a_painter_that_is_stopped_is_killed_and_does_not_hang_the_end(
    monkeypatch: pytest.MonkeyPatch,
    painter: Painter,
    terminal: tuple[AlternateScreen, int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Painter, "_paint", _shows_and_waits)
    monkeypatch.setattr(painting, "STANDS", 0.0)
    with painter:
        until_shown(painter)
        os.kill(painter._pid, signal.SIGSTOP)
        os.waitid(os.P_PID, painter._pid, os.WSTOPPED | os.WNOWAIT)
        for _ in range(2):
            painter.watch(lambda: update(0))
        assert os.read(terminal[1], 100) == LEAVE
    assert "was stopped by another program (SIGSTOP), and ended" in capsys.readouterr().err


def test_a_painter_that_is_stopped_at_its_end_goes_on_to_it(
    monkeypatch: pytest.MonkeyPatch, painter: Painter, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Painter, "_paint", _shows_and_waits)
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
