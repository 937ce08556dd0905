"""`--live`: a process of its own draws a run while it is under way, and never in its way.

The supervisor of a real run must not draw: it would be late for the next switch. So a child is
forked before the run, which sits on a processor that no program of the scenario uses, as the least
important there; where there is none, it draws rarely, and only while the processor would be idle.
The supervisor writes updates into a pipe that never makes it wait. When the pipe closes, by the end
of the run, the child gives the terminal back and exits. If it was killed, or was stopped and does
not go on, the supervisor gives the terminal back; if the supervisor is killed, a guardian kills the
child and does so.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from report.base.axis import unit_for
from report.base.cells import span_of
from report.base.printing import BOLD
from report.base.screen import clean
from report.replay.instant import Film
from report.replay.scene import Shot, scene, time_words
from report.replay.stepping import screen
from report.sections.gantt import DIM
from report.sections.sentences import policy_words
from report.terminal.alternate_screen import AlternateScreen
from timeline.record.live import LiveUpdate, RunSoFar
from timeline.record.run import Run

OFTEN, RARELY = 0.1, 1.0  # seconds between two pictures, with a processor to spare or without
MOST_WAITING = 1 << 20  # bytes of updates that the pipe has no room for; no looks beyond that
LENGTH = 4  # bytes that say how long an update is
LEAST_SPAN = 100_000_000  # ns of the axis
LINES = 2  # above and below the scene
NICE = 5
ENDING = 4.0  # seconds for the child to end, before it is killed
STANDS = 2.0  # seconds that it may be stopped from outside
FAILED = "the picture failed"


IGNORED = (
    signal.SIGINT,
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGTSTP,
    signal.SIGTTOU,  # it is in no group that has the terminal
)


class Keeper(Protocol):
    """What kills the child if the supervisor is killed."""

    def join(self) -> None:
        """Called in the child: from now on the keeper knows it."""

    def look(self) -> str | None:
        """Return why the keeper cannot do that, if it was killed or stopped."""


class Painter:
    """A context in which a run is drawn: give `watch` to the machine.

    `skeleton` says what is known of the run before it; `model` is the simulated run to be drawn
    above it, if there is one. `aside` are the processors to draw on; `spare` if nothing else needs
    them. `keeper` has been told to leave the `alternate` screen.
    """

    def __init__(
        self,
        skeleton: Run,
        model: Run | None,
        aside: Collection[int],
        *,
        spare: bool,
        alternate: AlternateScreen,
        keeper: Keeper,
    ) -> None:
        self._skeleton, self._model = skeleton, model
        self._aside, self._spare = aside, spare
        self._alternate, self._keeper = alternate, keeper
        self._waiting = b""
        self._deaf = False
        self._failed: str | None = None
        self._stopped_since: float | None = None
        self._death = -1
        self._before: Any = None

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
                self._death = os.pidfd_open(self._pid)
                self._look_after_ctrl_z()
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
            if not self._ends(ENDING):
                self._fail("the picture did not come to an end, and was killed")
            _, status = os.waitpid(self._pid, 0)
            os.close(self._death)
            self._alternate.leave()
            if self._before is not None:
                signal.signal(signal.SIGTSTP, self._before)
        if self._failed is None and status:
            self._failed = FAILED
        if self._failed is not None:
            print(f"--live: {self._failed}; the run itself was not touched", file=sys.stderr)

    def _ends(self, seconds: float) -> bool:
        """The child dies within so long. It may have been stopped, so it is let go on."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGCONT)
        return bool(select.select([self._death], [], [], seconds)[0])

    def _fail(self, why: str) -> None:
        """Draw no more pictures, and make the terminal as it was before."""
        self._failed, self._deaf, self._waiting = why, True, b""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGKILL)
        select.select([self._death], [], [], ENDING)
        self._alternate.leave()

    def _look_at_child(self) -> None:
        """End the picture if the child was killed, or stopped, from outside."""
        if self._failed is not None:
            return
        if (trouble := self._keeper.look()) is not None:
            self._fail(f"the picture ended, as {trouble}")
            return
        happens = os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT
        state = os.waitid(os.P_PID, self._pid, happens)
        if state is None:
            self._stopped_since = None
        elif state.si_code != os.CLD_STOPPED:
            self._fail(FAILED)
        elif self._stopped_since is None:
            self._stopped_since = time.monotonic()
        elif time.monotonic() - self._stopped_since > STANDS:
            self._fail("the picture was stopped by another program (SIGSTOP), and ended")

    def _look_after_ctrl_z(self) -> None:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGTSTP, self._suspend)

    def _suspend(self, number: int, frame: FrameType | None) -> None:
        """Ctrl-Z: the shell finds its terminal as it was, and after `fg` the picture goes on."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            signal.pidfd_send_signal(self._death, signal.SIGSTOP)
            os.waitid(os.P_PID, self._pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        shown = self._alternate.shown
        self._alternate.leave()
        signal.signal(signal.SIGTSTP, self._before)
        signal.raise_signal(signal.SIGTSTP)  # returns when the command goes on
        signal.signal(signal.SIGTSTP, self._suspend)
        if shown:
            self._alternate.enter()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGCONT)

    def watch(self, look: Callable[[], LiveUpdate]) -> None:
        """Take a look, unless the last ones are still on their way. Never waits."""
        self._look_at_child()
        if len(self._waiting) < MOST_WAITING and not self._deaf:
            update = pickle.dumps(look(), pickle.HIGHEST_PROTOCOL)
            self._waiting += len(update).to_bytes(LENGTH, "little") + update
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
            for number in IGNORED:
                signal.signal(number, signal.SIG_IGN)
            self._keeper.join()
            with contextlib.suppress(OSError):
                Path("/proc/self/comm").write_text("painter")  # for a reader of ps
            self._step_aside()
            canvas = Canvas(self._skeleton, self._model)
            self._alternate.shown = True
            with Live(console=canvas.console, screen=True, auto_refresh=False) as live:
                for updates in _arrivals(pipe, OFTEN if self._spare else RARELY):
                    canvas.see(updates)
                    live.update(Group(*canvas.lines()), refresh=True)
            self._alternate.shown = False
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
    gives back. Not by a mask: that would be of this thread only.
    """
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


def _arrivals(pipe: int, pause: float) -> Iterator[list[LiveUpdate]]:
    """The updates that have come, at most once in `pause` seconds, until the pipe closes."""
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
        updates = []
        while len(unread) >= LENGTH:
            end = LENGTH + int.from_bytes(unread[:LENGTH], "little")
            if len(unread) < end:
                break
            updates.append(pickle.loads(unread[LENGTH:end]))
            unread = unread[end:]
        if updates:
            yield updates


class Canvas:
    """The picture: the model as far as time has come, and the real machine below it."""

    def __init__(self, skeleton: Run, model: Run | None) -> None:
        self.console: Console = screen()
        self._so_far = RunSoFar(skeleton)
        self._model = None if model is None else Film(model)
        self._least = LEAST_SPAN if model is None else span_of(model)
        scenario = skeleton.scenario
        self._title = clean(scenario.get("title") or scenario.get("file") or "")
        self._words = policy_words(skeleton.scheduler)

    def see(self, updates: Sequence[LiveUpdate]) -> None:
        """What has come since the last picture."""
        for update in updates:
            self._so_far.add(update)

    def lines(self) -> list[Text]:
        """The picture now, as large as the terminal."""
        at = self._so_far.at
        span = _round_up(max(self._least, at)) if at > self._least else self._least
        unit = unit_for(span)
        real = Film(self._so_far.run())
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
