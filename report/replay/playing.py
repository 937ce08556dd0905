"""`--live` of the model: its record is played as fast as time passes on a real machine.

The model itself has ended within milliseconds. A long run is played faster than the clock, so that
playing takes at most LONGEST; then the picture says how many times faster. A short run can be
played slower than the clock, so that each decision is seen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from fractions import Fraction

from rich.console import Group
from rich.live import Live

from report.base.axis import unit_for
from report.base.chart import span_of
from report.replay.instant import Replay
from report.replay.keyboard import Keyboard
from report.replay.scene import RunView, drawing_console, full_picture, time_words
from report.sections.sentences import policy_words
from timeline.record.run import Run
from translation import tr, tr_text

LONGEST = 20_000_000_000  # ns to play
PAUSE = 0.1  # seconds between two pictures


def play(run: Run, slow: int | None = None) -> None:
    """Play the run on the terminal until its end, or until the user presses a key.

    With `slow` it is played so many times as slow as the clock, however long that takes.
    """
    replay, console, span = Replay(run), drawing_console(), span_of(run)
    pace = max(1, -(-span // LONGEST)) if slow is None else Fraction(1, slow)
    unit = unit_for(span)
    title = tr_text(str(run.scenario.get("title") or run.scenario.get("file") or ""))
    foot = "   ".join([*_pace_words(pace), tr("any key: to the end")])
    policy = policy_words(run.scheduler)
    with (
        Keyboard(sys.stdin.fileno()) as keyboard,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        begun = time.monotonic_ns()
        at = 0
        while at < span:
            at = min(span, int((time.monotonic_ns() - begun) * pace))
            time_shown = time_words(at, unit, 1)
            heading = tr("SIMULATED ({policy}) at {time}", policy=policy, time=time_shown)
            views = [RunView(replay, at, heading)]
            lines = full_picture(title, views, span, foot, console, console.height)
            live.update(Group(*lines), refresh=True)
            try:
                if keyboard.key(PAUSE) is not None:
                    return
            except (KeyboardInterrupt, EOFError):
                return


def _pace_words(pace: Fraction | int) -> Iterator[str]:
    """Yield how many times faster or slower than the clock the run is played."""
    if pace > 1:
        yield tr("{n} times as fast as the clock", n=pace)
    elif pace < 1:
        yield tr("{n} times as slow as the clock", n=1 / pace)
