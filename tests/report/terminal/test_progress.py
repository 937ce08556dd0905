"""Progress: silent for short work, one renewed line on a terminal, now and then one elsewhere."""

from __future__ import annotations

import io

import pytest

from report.terminal import progress
from report.terminal.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic_ns(self) -> int:
        return int(self.seconds * 1e9)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_short_work_shows_nothing(clock: Clock) -> None:
    stream = Terminal()
    with Progress("running", 8, stream) as shown:
        clock.seconds = 0.4
        shown.update(4)

    assert stream.getvalue() == ""


def test_long_work_shows_a_line_and_takes_it_away(clock: Clock) -> None:
    stream = Terminal()
    with Progress("running", 8, stream) as shown:
        clock.seconds = 2
        shown.update(4)

    assert "running: 4 of 8 [##########..........] 2 s" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_terminal_is_renewed_at_most_ten_times_a_second(clock: Clock) -> None:
    stream = Terminal()
    shown = Progress("running", 1000, stream)
    for step in range(1000):
        clock.seconds = 1 + step / 1000
        shown.update(step)

    assert stream.getvalue().count("running") == 10


def test_a_pipe_gets_a_plain_line_every_ten_seconds(clock: Clock) -> None:
    stream = io.StringIO()
    with Progress("running", 100, stream) as shown:
        for second in range(31):
            clock.seconds = second
            shown.update(second)

    assert stream.getvalue().splitlines() == [
        "running: 10 of 100 10 s",
        "running: 20 of 100 20 s",
        "running: 30 of 100 30 s",
    ]


def test_a_remark_stays_and_does_not_mix_with_the_line(clock: Clock) -> None:
    stream = Terminal()
    with Progress("running", 8, stream) as shown:
        clock.seconds = 1
        shown.update(1)
        shown.remark("books corrected")

    assert stream.getvalue().endswith("\r\x1b[Kbooks corrected\n")


def test_nothing_reaches_stdout(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("running", 8) as shown:
        clock.seconds = 20
        shown.update(4)

    out, err = capsys.readouterr()
    assert out == ""
    assert "running: 4 of 8" in err


def test_a_stream_that_is_gone_ends_the_display_not_the_work(clock: Clock) -> None:
    stream = io.StringIO()
    shown = Progress("running", 8, stream)
    stream.close()
    clock.seconds = 20
    shown.update(4)
    shown.close()
