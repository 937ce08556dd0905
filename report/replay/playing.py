"""`--live` of the model: its record is played as fast as time passes on a real machine.

The model itself has ended within milliseconds. A long run is played faster than the clock, so that
playing takes at most LONGEST; then the picture says how many times faster.
"""

from __future__ import annotations

import sys
import time

from rich.console import Group
from rich.live import Live

from report.base.axis import unit_for
from report.base.chart import span_of
from report.replay.instant import Replay
from report.replay.keyboard import Keyboard
from report.replay.scene import RunView, drawing_console, full_picture, time_words
from report.sections.sentences import policy_words
from timeline.record.run import Run

LONGEST = 20_000_000_000  # ns to play
PAUSE = 0.1  # seconds between two pictures


def play(run: Run) -> None:
    """Play the run on the terminal until its end, or until the user presses a key."""
    replay, console, span = Replay(run), drawing_console(), span_of(run)
    pace = max(1, -(-span // LONGEST))
    unit = unit_for(span)
    title = str(run.scenario.get("title") or run.scenario.get("file") or "")
    words = "" if pace == 1 else f"{pace} times as fast as the clock   "
    foot = f"{words}any key: to the end"
    with (
        Keyboard(sys.stdin.fileno()) as keyboard,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        begun = time.monotonic_ns()
        at = 0
        while at < span:
            at = min(span, (time.monotonic_ns() - begun) * pace)
            heading = f"SIMULATED ({policy_words(run.scheduler)}) at {time_words(at, unit, 1)}"
            views = [RunView(replay, at, heading)]
            lines = full_picture(title, views, span, foot, console, console.height)
            live.update(Group(*lines), refresh=True)
            try:
                if keyboard.key(PAUSE) is not None:
                    return
            except (KeyboardInterrupt, EOFError):
                return
