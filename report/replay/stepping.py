"""`--step`: the user walks through a finished run on the terminal, from instant to instant."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from kernel.errors import UsageError
from report.base.axis import unit_for
from report.base.chart import span_of
from report.replay.instant import Replay
from report.replay.keyboard import Keyboard
from report.replay.scene import RunView, drawing_console, full_picture, time_words
from report.replay.steps import ReplayStep, steps
from report.sections.run_titles import titles
from report.sections.sentences import policy_words
from timeline.record.run import Run
from translation import mark, tr, tr_text

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
"""By how many steps each key moves."""
LEAVING = ("q", "escape", "interrupt")
HELP = mark("arrow keys: one step   q: leave   PgUp, PgDn: ten   Home, End")


def require_terminal(option: str) -> None:
    """Raise UsageError unless stdin and stdout are a terminal that can be drawn on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            tr("{option} needs a terminal: stdin or stdout is a pipe or a file", option=option)
        )
    if drawing_console().is_dumb_terminal:
        raise UsageError(
            tr("{option} needs a terminal that can be drawn on (TERM is 'dumb')", option=option)
        )


class StepThrough:
    """The steps of one run, or of two runs together, as on the page.

    A step is an instant of the schedule's virtual time, which both machines share. Each run is
    shown at the time when it has carried out all decisions of that instant. If a run has no
    decisions, only dispatches are known, in each run's own time. Then step n shows dispatch n of
    each run.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.replays = [Replay(run) for run in runs]
        stepped = [steps(run) for run in runs]
        by_time = all(run.decisions is not None for run in runs)
        self.steps = list(_by_time(stepped) if by_time else _by_number(stepped))
        self.place = 0
        self._span = max(map(span_of, runs))
        self._unit = unit_for(self._span)
        names = titles(*runs) if len(runs) == 2 else [tr(runs[0].backend)]
        self._names = [
            f"{name.upper()} ({policy_words(run.scheduler)})"
            for name, run in zip(names, runs, strict=True)
        ]
        scenario = runs[0].scenario
        self._title = tr_text(str(scenario.get("title") or scenario.get("file") or ""))

    def go(self, steps: int) -> None:
        """Move `steps` forward, or backward if negative, but not beyond the first or last step."""
        self.place = max(0, min(len(self.steps) - 1, self.place + steps))

    def lines(self, console: Console, height: int) -> list[Text]:
        """Return the picture after the present step, in at most `height` lines."""
        views = [
            RunView(
                replay, at, tr("{run} at {time}", run=name, time=time_words(at, self._unit)), words
            )
            for replay, name, (at, words) in zip(
                self.replays, self._names, self.steps[self.place], strict=True
            )
        ]
        step = tr("step {n} of {all}", n=self.place + 1, all=len(self.steps))
        title = f"{step}   {self._title}"
        return full_picture(title, views, self._span, tr(HELP), console, height)


SharedStep = list[tuple[int, str]]
"""For each run: the time in its record, ns, and what has just happened in it."""


def _by_time(stepped: Sequence[Sequence[ReplayStep]]) -> Iterator[SharedStep]:
    """Yield one step for each instant of virtual time at which any run has a step."""
    for at in sorted({step.at_ns for each in stepped for step in each}):
        both: SharedStep = []
        for each in stepped:
            last = bisect_right(each, at, key=attrgetter("at_ns")) - 1
            if last < 0:
                both.append((at, "-"))
            else:
                step = each[last]
                both.append((max(at, step.shown_ns), step.words if step.at_ns == at else "-"))
        yield both


def _by_number(stepped: Sequence[Sequence[ReplayStep]]) -> Iterator[SharedStep]:
    """Yield the first steps of all runs, then the second ones. A shorter run stays at its last."""
    for number in range(max(map(len, stepped))):
        yield [
            (each[number].shown_ns, each[number].words)
            if number < len(each)
            else (each[-1].shown_ns, "-")
            for each in stepped
        ]


def step(runs: Sequence[Run]) -> None:
    """Show the runs until the user leaves. The terminal always gets its settings back."""
    shown, console = StepThrough(runs), drawing_console()
    with (
        Keyboard(sys.stdin.fileno()) as keyboard,
        Live(console=console, screen=True, auto_refresh=False) as live,
    ):
        try:
            while True:
                keyboard.resized = False
                live.update(Group(*shown.lines(console, console.height)), refresh=True)
                key = keyboard.key()
                if key in LEAVING:
                    return
                shown.go(MOVES.get(key or "", 0))
        except (KeyboardInterrupt, EOFError):
            return
