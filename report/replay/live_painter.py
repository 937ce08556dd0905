"""`--live`: a process of its own draws a real run while it is under way.

The supervisor of a real run must not draw: it would be late for the next switch. It forks a child
before the run, which draws (`painting.py`), and writes what it has seen into a pipe that never
makes it wait (`picture_pipe.py`). When the pipe closes, at the end of the run, the child gives the
terminal back and exits. If the child was killed, or was stopped and does not go on, the supervisor
gives the terminal back. If the supervisor is killed, a guardian kills the child and does so.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator
from types import FrameType, TracebackType
from typing import Any, NoReturn, Protocol, Self

from report.replay.alternate_screen import AlternateScreen
from report.replay.painting import paint
from report.replay.picture_pipe import PipeWriter
from timeline.record.live import LiveUpdate
from timeline.record.run import Run

ENDING = 4.0  # seconds for the child to end, before it is killed
STANDS = 2.0  # seconds that the child may be stopped from outside
FAILED = "the picture failed"


class PainterGuardian(Protocol):
    """A process that kills the child if the supervisor is killed."""

    def join(self) -> None:
        """Make the child, which calls this, known to the guardian."""

    def look(self) -> str | None:
        """Return why the guardian cannot kill the child, if it was killed or stopped itself."""


class LivePainter:
    """A context in which a run is drawn; the machine is given its `watch`.

    `skeleton` is what is known of the run before it begins. `model`, if there is one, is the
    simulated run that is drawn above it. The child draws on the processors `aside`; they are
    `spare` if nothing else needs them. `guardian` has been told to leave the `alternate` screen.
    """

    def __init__(
        self,
        skeleton: Run,
        model: Run | None,
        aside: Collection[int],
        *,
        spare: bool,
        alternate: AlternateScreen,
        guardian: PainterGuardian,
    ) -> None:
        self._skeleton, self._model = skeleton, model
        self._aside, self._spare = aside, spare
        self._alternate, self._guardian = alternate, guardian
        self._failed: str | None = None
        self._stopped_since: float | None = None
        self._death = -1
        self._before: Any = None

    def __enter__(self) -> Self:
        reading, writing = os.pipe()
        sys.stdout.flush()
        try:
            with _interrupted_later():
                self._pid = os.fork()
                if self._pid == 0:
                    os.close(writing)
                    self._paint(reading)
                self._pipe = PipeWriter(writing)
                os.close(reading)
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
            os.close(self._pipe.fd)
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
        """Return whether the child ends within `seconds`. If it was stopped it goes on."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGCONT)
        return bool(select.select([self._death], [], [], seconds)[0])

    def _fail(self, why: str) -> None:
        """Draw no more pictures, and make the terminal as it was before."""
        self._failed = why
        self._pipe.stop()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGKILL)
        select.select([self._death], [], [], ENDING)
        self._alternate.leave()

    def _look_at_child(self) -> None:
        """End the picture if the child was killed, or stopped, from outside."""
        if self._failed is not None:
            return
        if (trouble := self._guardian.look()) is not None:
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

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        """Give the shell its terminal at Ctrl-Z; after `fg` the picture goes on."""
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
        """Send what `look` returns to the child, unless too much is on its way. Never wait."""
        self._look_at_child()
        self._pipe.send(look)

    def _paint(self, pipe: int) -> NoReturn:
        paint(
            pipe,
            self._skeleton,
            self._model,
            self._alternate,
            self._guardian.join,
            self._aside,
            spare=self._spare,
        )


@contextlib.contextmanager
def _interrupted_later() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block.

    The child must not outlive the command whose terminal it gives back. A signal mask would be of
    this thread only.
    """
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
