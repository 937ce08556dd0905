"""The picture of a real run that is under way, from what its supervisor has sent so far."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from report.base.axis import unit_for
from report.base.chart import span_of
from report.replay.instant import Replay
from report.replay.scene import RunView, drawing_console, full_picture, time_words
from report.sections.sentences import policy_words
from timeline.record.live import LiveUpdate, RunSoFar
from timeline.record.run import Run
from translation import tr, tr_text

LEAST_SPAN = 100_000_000  # ns of the axis at the beginning of a run without a model


class LivePicture:
    """The picture of the real run so far. The simulated run, if there is one, is above it."""

    def __init__(self, skeleton: Run, model: Run | None) -> None:
        self.console = drawing_console()
        self._so_far = RunSoFar(skeleton)
        self._model = None if model is None else Replay(model)
        self._least = LEAST_SPAN if model is None else span_of(model)
        scenario = skeleton.scenario
        self._title = tr_text(str(scenario.get("title") or scenario.get("file") or ""))
        self._words = policy_words(skeleton.scheduler)

    def see(self, updates: Sequence[LiveUpdate]) -> None:
        """Add the updates that have arrived since the last picture."""
        for update in updates:
            self._so_far.add(update)

    def lines(self) -> list[Text]:
        """Return the lines of the present picture, at most as many as the terminal has."""
        at = self._so_far.at
        span = _round_up(max(self._least, at)) if at > self._least else self._least
        unit = unit_for(span)
        real = Replay(self._so_far.run())
        time = time_words(at, unit, 1)
        heading = tr("REAL ({policy}) at {time}", policy=self._words, time=time)
        views = [RunView(real, at, heading)]
        if self._model is not None:
            heading = tr("SIMULATED ({policy})", policy=self._words)
            views.insert(0, RunView(self._model, at, heading))
        foot = tr("Ctrl-C: end the run")
        return full_picture(self._title, views, span, foot, self.console, self.console.height)


def _round_up(ns: int) -> int:
    """Return the least of 1, 2, 5, 10, 20, … that is at least `ns`.

    So the axis does not change with each picture.
    """
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step >= ns:
                return step
        power *= 10
