"""`--live`: a separate process draws a real run while it is under way.

The supervisor of a real run must not draw, as it would be late for the next dispatch. Before the
run it forks a child that draws (`painting.py`). It writes what it has seen into a pipe, and never
waits for that pipe (`picture_pipe.py`). At the end of the run the pipe closes; then the child
leaves the alternate screen and exits. If the child was killed, or was stopped and does not go on,
the supervisor leaves the screen. If the supervisor is killed, a guardian kills the child and leaves
the screen.
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
from types import FrameType
from typing import Any, NoReturn, Protocol, Self

from report.replay.alternate_screen import AlternateScreen
from report.replay.painting import paint
from report.replay.picture_pipe import PipeWriter
from timeline.record.live import LiveUpdate
from timeline.record.run import Run
from translation import mark, tr

ENDING = 4.0  # seconds in which the child must end; then it is killed
STANDS = 2.0  # seconds for which another program may stop the child
FAILED = mark("the process that draws failed")


class PainterGuardian(Protocol):
    """A process that kills the child if the supervisor is killed."""

    def join(self) -> None:
        """Make the caller, which is the child, known to the guardian."""

    def look(self) -> str | None:
        """Return why the guardian cannot do its work: it was killed or stopped. None: it can."""


class LivePainter:
    """A context in which a run is drawn. The real machine calls `watch` during the run.

    `skeleton` is what is known of the run before it begins. `model`, if given, is the simulated
    run that is drawn above it. The child draws on the processors `aside`; with `spare` nothing else
    needs them. `guardian` knows that it must leave the `alternate` screen.
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
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        with _interrupted_later():
            os.close(self._pipe.fd)
            if not self._ends(ENDING):
                self._fail(tr("the process that draws did not end, and was killed"))
            _, status = os.waitpid(self._pid, 0)
            os.close(self._death)
            self._alternate.leave()
            if self._before is not None:
                signal.signal(signal.SIGTSTP, self._before)
        if self._failed is None and status:
            self._failed = tr(FAILED)
        if self._failed is not None:
            words = tr("--live: {why}; the run itself was not touched", why=self._failed)
            print(words, file=sys.stderr)

    def _ends(self, seconds: float) -> bool:
        """Continue the child if it was stopped. Return whether it ends within `seconds`."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGCONT)
        return bool(select.select([self._death], [], [], seconds)[0])

    def _fail(self, why: str) -> None:
        """Kill the child and leave the alternate screen. `why` is printed at the end of the run."""
        self._failed = why
        self._pipe.stop()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGKILL)
        select.select([self._death], [], [], ENDING)
        self._alternate.leave()

    def _look_at_child(self) -> None:
        """End the picture if another program has killed or stopped the child or the guardian."""
        if self._failed is not None:
            return
        if (trouble := self._guardian.look()) is not None:
            self._fail(tr("the drawing was ended, because {trouble}", trouble=tr(trouble)))
            return
        happens = os.WSTOPPED | os.WEXITED | os.WNOHANG | os.WNOWAIT
        state = os.waitid(os.P_PID, self._pid, happens)
        if state is None:
            self._stopped_since = None
        elif state.si_code != os.CLD_STOPPED:
            self._fail(tr(FAILED))
        elif self._stopped_since is None:
            self._stopped_since = time.monotonic()
        elif time.monotonic() - self._stopped_since > STANDS:
            self._fail(
                tr("the process that draws was stopped by another program (SIGSTOP), and was ended")
            )

    def _look_after_ctrl_z(self) -> None:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
            self._before = signal.signal(signal.SIGTSTP, self._suspend)

    def _suspend(self, _number: int, _frame: FrameType | None) -> None:
        """Stop the child, leave the screen, and stop this process (Ctrl-Z); go on after `fg`."""
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            signal.pidfd_send_signal(self._death, signal.SIGSTOP)
            os.waitid(os.P_PID, self._pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        shown = self._alternate.shown
        self._alternate.leave()
        signal.signal(signal.SIGTSTP, self._before)
        signal.raise_signal(signal.SIGTSTP)  # returns after SIGCONT
        signal.signal(signal.SIGTSTP, self._suspend)
        if shown:
            self._alternate.enter()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._death, signal.SIGCONT)

    def watch(self, look: Callable[[], LiveUpdate]) -> None:
        """Send what `look` returns to the child, without waiting; see `PipeWriter.send`."""
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
    """Delay Ctrl-C to the end of the block.

    An interruption within the block could leave the child behind, and with it the alternate
    screen. A signal mask would not do, as it holds for this thread only.
    """
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
