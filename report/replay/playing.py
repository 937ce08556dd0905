"""`--live` of the model: its record is played as time would pass on a real machine.

The model itself is done in milliseconds. It is played at the clock's pace. A long run is played
faster, so that it takes LONGEST at most, and the pace is printed.
"""

from __future__ import annotations

import sys
import time

from rich.console import Group
from rich.live import Live
from rich.text import Text

from report.base.axis import unit_for
from report.base.chart import span_of
from report.base.printing import BOLD
from report.base.screen import clean
from report.replay.instant import Replay
from report.replay.keyboard import Keyboard
from report.replay.scene import RunView, scene, time_words
from report.replay.stepping import screen
from report.sections.gantt import DIM
from report.sections.sentences import policy_words
from timeline.record.run import Run

LONGEST = 20_000_000_000  # ns to play
PAUSE = 0.1  # seconds between two pictures
LINES = 2


def play(run: Run) -> None:
    """Play the run on the terminal until it is over or a key is pressed."""
    replay, console, span = Replay(run), screen(), span_of(run)
    pace = max(1, -(-span // LONGEST))
    unit = unit_for(span)
    title = Text(clean(run.scenario.get("title") or run.scenario.get("file") or ""), BOLD)
    words = "" if pace == 1 else f"{pace} times as fast as the clock   "
    foot = Text(f"{words}any key: to the end", DIM)
    with (
        Keyboard(sys.stdin.fileno()) as keyboard,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        begun = time.monotonic_ns()
        at = 0
        while at < span:
            at = min(span, (time.monotonic_ns() - begun) * pace)
            heading = f"SIMULATED ({policy_words(run.scheduler)}) at {time_words(at, unit, 1)}"
            for line in (title, foot):
                line.truncate(console.width)
            lines = scene([RunView(replay, at, heading)], span, console, console.height - LINES)
            live.update(Group(title, *lines, foot), refresh=True)
            try:
                if keyboard.key(PAUSE) is not None:
                    return
            except (KeyboardInterrupt, EOFError):
                return
