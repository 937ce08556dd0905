"""Walking through a finished run with the keys, instant by instant."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from kernel.errors import UsageError
from report.axis import unit_for
from report.cells import span_of
from report.comparison import titles
from report.gantt import DIM
from report.keyboard import Keyboard
from report.moment import Film, counterparts
from report.paper import BOLD
from report.scene import Shot, scene, time_words
from report.screen import clean
from report.sentences import policy_words
from timeline.run import Run

MOVES = {
    "right": 1,
    "down": 1,
    "space": 1,
    "enter": 1,
    "n": 1,
    "left": -1,
    "up": -1,
    "p": -1,
    "page down": 10,
    "page up": -10,
    "home": -(10**9),
    "end": 10**9,
}
"""How many steps a key goes."""
LEAVING = ("q", "escape", "interrupt")
HELP = "arrow keys: one step   PgUp, PgDn: ten   Home, End   q: leave"
LINES = 2  # above and below the scene


def require_terminal(option: str) -> None:
    """Raises UsageError unless there is somebody to look, and a terminal that can be drawn on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(f"{option} needs a terminal: stdin or stdout is a pipe or a file")
    if screen().is_dumb_terminal:
        raise UsageError(f"{option} needs a terminal that can be drawn on (TERM is 'dumb')")


def screen() -> Console:
    """The terminal, with the size that it has whenever something is drawn."""
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


class Walk:
    """Through the instants of one run, or of two laid over each other."""

    def __init__(self, runs: Sequence[Run]) -> None:
        self.films = [Film(run) for run in runs]
        self.steps: list[tuple[int, ...]] = (
            list(counterparts(*self.films))
            if len(runs) == 2
            else [(at,) for at in self.films[0].instants()]
        )
        self.place = 0
        self._span = max(map(span_of, runs))
        self._unit = unit_for(self._span)
        names = titles(*runs) if len(runs) == 2 else [runs[0].backend]
        self._names = [
            f"{name.upper()} ({policy_words(run.scheduler)})"
            for name, run in zip(names, runs, strict=True)
        ]
        self._title = str(runs[0].scenario.get("title") or runs[0].scenario.get("file") or "")

    def go(self, steps: int) -> None:
        """As many steps as there are, up to `steps`; backwards if it is negative."""
        self.place = max(0, min(len(self.steps) - 1, self.place + steps))

    def lines(self, console: Console, height: int) -> list[Text]:
        """What is so after this step, in at most `height` lines."""
        now = self.steps[self.place]
        before = self.steps[self.place - 1] if self.place else (-1,) * len(now)
        shots = [
            Shot(film, at, f"{name} at {time_words(at, self._unit)}", since)
            for film, name, at, since in zip(self.films, self._names, now, before, strict=True)
        ]
        count = f"step {self.place + 1} of {len(self.steps)}"
        title = Text(f"{count}   {clean(self._title)}", BOLD)
        foot = Text(HELP, DIM)
        for line in (title, foot):
            line.truncate(console.width)
        return [title, *scene(shots, self._span, console, height - LINES), foot]


def step(runs: Sequence[Run]) -> None:
    """Show the runs, until somebody leaves. The terminal is as before then, whatever happens."""
    walk, console = Walk(runs), screen()
    with (
        Keyboard(sys.stdin.fileno()) as keyboard,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        try:
            while True:
                keyboard.resized = False
                live.update(Group(*walk.lines(console, console.height)), refresh=True)
                key = keyboard.key()
                if key in LEAVING:
                    return
                walk.go(MOVES.get(key or "", 0))
        except (KeyboardInterrupt, EOFError):
            return
