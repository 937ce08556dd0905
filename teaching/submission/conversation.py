"""Questions to the process of a run, and its answers."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from kernel.errors import PolicyError, UsageError
from report.base.screen import clean
from teaching.submission import protocol
from teaching.submission.confinement import Bounds
from translation import tr

PATIENCE = 30.0  # seconds in which the process must have given up its rights


class LateError(PolicyError):
    """A submission has used up its time."""


class UnreadError(PolicyError):
    """A submission has no policy that could be asked."""


class UnconfinedError(UsageError):
    """No submission is asked, as this machine cannot confine one."""


class Conversation:
    """Questions to the process of one run, and its answers."""

    def __init__(self, out: int, into: int, bounds: Bounds, end: Callable[[], int]) -> None:
        self._out, self._into, self._bounds = out, into, bounds
        self._end_process: Callable[[], int] | None = end
        self._came = bytearray()  # what has come and is not read yet
        self._asked = 0
        self._left = float(bounds.wall)  # seconds that it may still take to answer
        self._told: str | None = None  # how the process ended
        self.slowest = 0.0  # seconds of the slowest answer of the run
        self.method = ""  # the last question, for messages; "": the file itself
        self.overrides: frozenset[str] = frozenset()
        os.set_blocking(out, False)
        os.set_blocking(into, False)

    def begin(self, first: Mapping[str, Any]) -> None:
        """Send the first line, and learn which optional methods the policy has.

        Raises UnconfinedError if the process could not give up its rights: it has ended then.
        """
        try:
            confined = protocol.read(self._line(time.monotonic() + PATIENCE)) == protocol.CONFINED
        except (PolicyError, ValueError):
            confined = False
        if not confined:
            raise UnconfinedError(
                tr(
                    "this machine does not let a process give up its rights (another user, "
                    "limits, a seccomp filter), so no submission is asked; does a container "
                    "forbid it?"
                )
            )
        answer = self._exchange(protocol.line(first))
        overrides = answer.get("overrides")
        if not isinstance(overrides, list) or not all(isinstance(each, str) for each in overrides):
            raise PolicyError(tr("its first message is not an answer of the protocol"))
        self.overrides = frozenset(overrides)

    @property
    def is_open(self) -> bool:
        """Whether the process can be asked: it has not ended, and has answered in time."""
        return self._end_process is not None

    def begin_run(self) -> None:
        """Give the submission all of its time and questions again."""
        self._asked, self._left, self.slowest = 0, float(self._bounds.wall), 0.0

    def ask(self, calls: Sequence[Sequence[Any]]) -> Any:
        """Return the answer to the last of these calls. Raises PolicyError."""
        self.method = str(calls[-1][0])
        self._asked += 1
        if self._asked > self._bounds.decisions:
            raise LateError(
                tr(
                    "was asked {number:,} times in one run: its slices are too short",
                    number=self._bounds.decisions,
                )
            )
        return self._exchange(protocol.line(calls)).get("answer")

    def finish(self, calls: Sequence[Sequence[Any]]) -> None:
        """Send what was not sent yet. Raises PolicyError if the submission fails at it."""
        self.ask([*calls, ["end", 0, 0, [], []]])

    def close(self) -> None:
        """End the process, and close the pipes."""
        self._status()
        for fd in (self._out, self._into):
            with suppress(OSError):
                os.close(fd)

    def _exchange(self, text: bytes) -> dict[str, Any]:
        try:
            answer = protocol.read(self._answer_to(text))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise PolicyError(
                tr(
                    "{method}: its answer is no line of the protocol",
                    method=self.method or tr("the file"),
                )
            )
        if "error" in answer:
            said = answer["error"]
            said = " ".join(clean(said).split()) if isinstance(said, str) else ""
            kind = LateError if answer.get("late") is True else PolicyError
            raise kind(said[: protocol.MOST_SHOWN] or tr("failed"))
        return answer

    def _answer_to(self, text: bytes) -> bytes:
        began = time.monotonic()
        try:
            self._write(text, began + self._left)
            found = self._line(began + self._left)
        except PolicyError:
            self._status()  # what may still come is no answer to the next question
            raise
        took = time.monotonic() - began
        self._left -= took
        self.slowest = max(self.slowest, took)
        return found

    def _write(self, text: bytes, until: float) -> None:
        while text:
            try:
                text = text[os.write(self._out, text) :]
            except BlockingIOError:
                self._wait(self._out, select.POLLOUT, until)
            except OSError:
                raise self._ended() from None

    def _line(self, until: float) -> bytes:
        while (end := self._came.find(b"\n")) < 0:
            if len(self._came) > protocol.MOST_ANSWERED:
                method = self.method or tr("the file")
                raise PolicyError(tr("{method}: its answer is too long", method=method))
            try:
                some = os.read(self._into, protocol.MOST_ANSWERED)
            except BlockingIOError:
                self._wait(self._into, select.POLLIN, until)
                continue
            except OSError:
                some = b""
            if not some:
                raise self._ended()
            self._came += some
        found = bytes(self._came[:end])
        del self._came[: end + 1]
        return found

    def _wait(self, fd: int, what: int, until: float) -> None:
        poll = select.poll()
        poll.register(fd, what)
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(1000 * left):
            most = self._bounds.wall
            raise LateError(
                tr(
                    "{method} has not answered: all answers may take {limit}s",
                    method=self._question(),
                    limit=most,
                )
            )

    def _question(self) -> str:
        return f"{self.method}()" if self.method else tr("the file")

    def _ended(self) -> PolicyError:
        """Return the error of a process that ended, with the reason."""
        status = self._status()
        if os.WIFSIGNALED(status):
            number, method = os.WTERMSIG(status), self._question()
            if number in (signal.SIGXCPU, signal.SIGKILL):
                most = self._bounds.cpu
                said = tr("{method} used more than {limit}s of CPU time", method=method, limit=most)
                return LateError(said)
            name = _name(number)
            said = tr("{method} crashed its process ({signal})", method=method, signal=name)
            return PolicyError(said)
        return PolicyError(tr("{method} ended its process", method=self._question()))

    def _status(self) -> int:
        """End the process. Return how it ended, the first time; 0 after that."""
        if self._end_process is None:
            return 0
        end, self._end_process = self._end_process, None
        return int(end())


def _name(number: int) -> str:
    known = number in signal.Signals.__members__.values()
    return signal.Signals(number).name if known else tr("signal {number}", number=number)
