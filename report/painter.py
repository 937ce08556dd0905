"""`--live`: a process of its own draws a run while it is under way, and never in its way.

The supervisor of a real run must not draw: it would be late for the next switch. So a child is
forked before the run, which sits on a processor that no program of the scenario uses, as the least
important there; where there is none, it draws rarely, and only while the processor would be idle.
The supervisor writes sights into a pipe that never makes it wait. When the pipe closes, by the end
of the run or by any death, the child gives the terminal back and exits.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from types import TracebackType
from typing import NoReturn, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from report.axis import unit_for
from report.cells import span_of
from report.gantt import DIM
from report.moment import Film
from report.paper import BOLD
from report.scene import Shot, scene, time_words
from report.screen import clean
from report.sentences import policy_words
from report.stepping import screen
from timeline.run import Run
from timeline.sight import Growing, Sight

OFTEN, RARELY = 0.1, 1.0  # seconds between two pictures, with a processor to spare or without
MOST_WAITING = 1 << 20  # bytes of sights that the pipe has no room for; no looks beyond that
LENGTH = 4  # bytes that say how long a sight is
LEAST_SPAN = 100_000_000  # ns of the axis
LINES = 2  # above and below the scene
NICE = 5


class Painter:
    """A context in which a run is drawn: give `watch` to the machine.

    `skeleton` says what is known of the run before it; `model` is the simulated run to be drawn
    above it, if there is one. `aside` are the processors to draw on; `spare` if nothing else needs
    them.
    """

    def __init__(
        self, skeleton: Run, model: Run | None, aside: Collection[int], *, spare: bool
    ) -> None:
        self._skeleton, self._model = skeleton, model
        self._aside, self._spare = aside, spare
        self._waiting = b""
        self._deaf = False

    def __enter__(self) -> Self:
        reading, self._pipe = os.pipe()
        sys.stdout.flush()
        try:
            with _interrupted_later():
                self._pid = os.fork()
                if self._pid == 0:
                    os.close(self._pipe)
                    self._paint(reading)
                os.close(reading)
                os.set_blocking(self._pipe, False)
        except KeyboardInterrupt:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with _interrupted_later():
            os.close(self._pipe)
            _, status = os.waitpid(self._pid, 0)
        if status:
            print("--live: the picture failed; the run itself was not touched", file=sys.stderr)

    def watch(self, look: Callable[[], Sight]) -> None:
        """Take a look, unless the last ones are still on their way. Never waits."""
        if len(self._waiting) < MOST_WAITING and not self._deaf:
            sight = pickle.dumps(look(), pickle.HIGHEST_PROTOCOL)
            self._waiting += len(sight).to_bytes(LENGTH, "little") + sight
        try:
            sent = os.write(self._pipe, self._waiting)
            self._waiting = self._waiting[sent:]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # the terminal is gone, and the painter with it
            self._deaf, self._waiting = True, b""

    # -- the child ----------------------------------------------------------------------------

    def _paint(self, pipe: int) -> NoReturn:
        """The painter's whole life."""
        status = 1
        try:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
                signal.signal(number, signal.SIG_IGN)
            self._step_aside()
            canvas = Canvas(self._skeleton, self._model)
            with Live(console=canvas.console, screen=True, auto_refresh=False) as live:
                for sights in _arrivals(pipe, OFTEN if self._spare else RARELY):
                    canvas.see(sights)
                    live.update(Group(*canvas.lines()), refresh=True)
            status = 0
        except OSError:  # the terminal is gone
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)

    def _step_aside(self) -> None:
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, self._aside)
        policy = os.SCHED_BATCH if self._spare else os.SCHED_IDLE
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, policy, os.sched_param(0))
            os.setpriority(os.PRIO_PROCESS, 0, NICE)


@contextlib.contextmanager
def _interrupted_later() -> Iterator[None]:
    """Ctrl-C comes when this is over: a painter must not outlive the command, whose terminal it
    gives back. Not by a mask: that would be of this thread only."""
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _arrivals(pipe: int, pause: float) -> Iterator[list[Sight]]:
    """The sights that have come, at most once in `pause` seconds, until the pipe closes."""
    unread = b""
    closed = False
    drawn = 0.0
    while not closed:
        select.select([pipe], [], [])
        time.sleep(max(0.0, drawn + pause - time.monotonic()))
        drawn = time.monotonic()
        while not closed and select.select([pipe], [], [], 0)[0]:
            more = os.read(pipe, 1 << 16)
            unread += more
            closed = not more
        sights = []
        while len(unread) >= LENGTH:
            end = LENGTH + int.from_bytes(unread[:LENGTH], "little")
            if len(unread) < end:
                break
            sights.append(pickle.loads(unread[LENGTH:end]))
            unread = unread[end:]
        if sights:
            yield sights


class Canvas:
    """The picture: the model as far as time has come, and the real machine below it."""

    def __init__(self, skeleton: Run, model: Run | None) -> None:
        self.console: Console = screen()
        self._growing = Growing(skeleton)
        self._model = None if model is None else Film(model)
        self._least = LEAST_SPAN if model is None else span_of(model)
        scenario = skeleton.scenario
        self._title = clean(scenario.get("title") or scenario.get("file") or "")
        self._words = policy_words(skeleton.scheduler)

    def see(self, sights: Sequence[Sight]) -> None:
        """What has come since the last picture."""
        for sight in sights:
            self._growing.see(sight)

    def lines(self) -> list[Text]:
        """The picture now, as large as the terminal."""
        at = self._growing.at
        span = _round_up(max(self._least, at)) if at > self._least else self._least
        unit = unit_for(span)
        real = Film(self._growing.run())
        shots = [Shot(real, at, f"REAL ({self._words}) at {time_words(at, unit, 1)}")]
        if self._model is not None:
            shots.insert(0, Shot(self._model, at, f"SIMULATED ({self._words})"))
        console = self.console
        title = Text(self._title, BOLD)
        foot = Text("Ctrl-C: end the run", DIM)
        for line in (title, foot):
            line.truncate(console.width)
        return [title, *scene(shots, span, console, console.height - LINES), foot]


def _round_up(ns: int) -> int:
    """The next of 1, 2, 5, 10, … so that the axis stays the same for a while."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step >= ns:
                return step
        power *= 10
