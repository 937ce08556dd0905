"""An actor: a thread of a process, or the feeder of a queue. It makes one call at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kernel.lifecycle.sync.waiting import Steps, Wait


class Raised(Exception):  # noqa: N818 - it is CPython's error, as a text
    """CPython's error in a call, as a text: `AssertionError: can only join a child process`."""


class Interrupted(Exception):  # noqa: N818 - it is CPython's KeyboardInterrupt
    """KeyboardInterrupt, raised in a call."""


@dataclass(slots=True, eq=False)
class Actor:
    """An actor of the process with index `process`. A main thread has the index of its process.

    `wake` lets the actor run, so that it goes on with its call. `set_timer` lets the system call
    `time_is_over` with this wait in so many ns.
    """

    index: int  # -1: a feeder
    process: int
    name: str
    wake: Callable[[], None]
    set_timer: Callable[[Wait, int], None]
    steps: Steps | None = None  # of its call, unless that is over
    wait: Wait | None = None  # the wait in which it is, or from which it was woken
    late: bool = False  # the timeout of the wait is over
    interrupted: bool = False  # a SIGINT has come, and the actor has not run since
    found: Any = None  # the result of its last call

    @property
    def member(self) -> int:
        """Return the index of the process or thread; of a feeder that of its process."""
        return self.process if self.index < 0 else self.index

    def begin(self, steps: Steps) -> bool:
        """Begin a call, and go on with it as `proceed` does."""
        self.steps = steps
        return self.proceed()

    def proceed(self) -> bool:
        """Go on with the call. Return whether it is over, with a result in `found`; else it waits.

        Raises what the call raises, `Raised` or `Interrupted`. Then the call is over, too.
        """
        steps, answer = self.steps, True
        assert steps is not None
        try:
            if self.interrupted:
                self.interrupted = False
                self.leave()
                wait = steps.throw(Interrupted())
            elif self.wait is None:
                wait = next(steps)
            else:
                if not self._looks():
                    return False
                answer = not self.late or self.wait.on.possible()
                self._forget()
                wait = steps.send(answer)
            while True:
                if not wait.on.possible():
                    if wait.timeout is None or wait.timeout > 0:
                        self._begin(wait)
                        return False
                    answer = False
                else:
                    answer = True
                wait = steps.send(answer)
        except StopIteration as stop:
            self.steps, self.found = None, stop.value
            return True
        except Exception:
            self.steps = None
            raise

    def _begin(self, wait: Wait) -> None:
        self.wait, self.late = wait, False
        wait.on.line.join(self)
        if wait.timeout is not None:
            self.set_timer(wait, wait.timeout)

    def _looks(self) -> bool:
        """Look again. Return whether the wait is over; otherwise it goes on, behind all others."""
        assert self.wait is not None
        line = self.wait.on.line
        line.leave(self)
        if self.late or self.wait.on.possible():
            return True
        line.join(self)
        return False

    def _forget(self) -> None:
        self.wait, self.late = None, False

    def time_is_over(self, wait: Wait) -> bool:
        """End the timeout of a wait. Return whether the actor is still asleep in it."""
        if self.wait is not wait:
            return False
        self.late = True
        return wait.on.line.waiting.pop(self, self) is None

    def leave(self, *, hands_on: bool = True) -> bool:
        """Leave the wait, if there is one: the actor is dead, or interrupted.

        Return whether it was asleep. If it was woken, another one is woken in its place; without
        `hands_on` none is: the wake-up is lost.
        """
        wait = self.wait
        self._forget()
        if wait is None:
            return False
        if wait.on.line.leave(self):
            if hands_on:
                wait.on.changed()
            return False
        return True
