"""The keeper: it watches the command to its end, and then ends all processes that it has left."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time

from commands.keeper import cells
from commands.keeper.descendants import clear_up, ended_or_stopped, is_copy, pidfd
from commands.keeper.judge import Judge, Verdict
from commands.keeper.messages import RULE, method_asked, policy_asked, tell
from commands.keeper.policy_output import PolicyOutput
from kernel.errors import MultiprogError, PolicyError
from translation import tr, tr_n

TICK = 0.25  # seconds between two looks; a look takes about 50 us
HANDED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Signals that ask the command to end. The first process receives and forwards them."""


class Keeper:
    """Looks at the command four times a second until it has ended, then ends what it has left.

    `command` is its child's id and `shared` are the cells. The pipe `lifeline` ends when the first
    process dies. The command writes into the pipe `said` and the file `trace`.
    """

    def __init__(
        self, command: int, shared: memoryview[int], lifeline: int, said: int, trace: int
    ) -> None:
        self._command, self._cells, self._lifeline = command, shared, lifeline
        self._judge = Judge(command, shared, os.getppid(), trace)
        self._output = PolicyOutput(said)
        self._copies: set[int] = set()  # copies of the command, made by a policy's fork
        self._end_of_command = pidfd(command)
        self._verdict: Verdict | None = None
        self._ended: int | None = None  # wait status of the command
        shared[cells.COMMAND] = command
        _leave_the_terminal()

    def watch(self) -> None:
        """Watch the command until it has ended, clear up, and end this process."""
        before = time.monotonic()
        while self._ended is None:
            self._wait()
            now = time.monotonic()
            # a longer time than that passes only if the host was suspended, and does not count
            passed, before = min(now - before, 2 * TICK), now
            if self._ended is None and self._verdict is None:
                self._verdict = self._judge.verdict(passed)
                if self._verdict is not None:
                    self._kill()
        self._cells[cells.RESULT] = self._result(self._ended)
        os._exit(0)

    def _wait(self) -> None:
        """Copy output and reap children until the next look, or until the command has ended."""
        until = time.monotonic() + TICK
        hears = True
        while self._ended is None and (timeout := until - time.monotonic()) > 0:
            fds = [self._lifeline, self._end_of_command, self._output.source if hears else -1]
            ready, _, _ = select.select([fd for fd in fds if fd >= 0], [], [], timeout)
            if self._lifeline in ready:
                self._lifeline = -1
                died = PolicyError(
                    tr("{policy}: the first process of this command died", policy=policy_asked())
                )
                self._verdict = Verdict(died)
                self._kill()
            if self._output.source in ready:
                hears = self._output.copy()
            self._reap()

    def _reap(self) -> None:
        for pid, status in ended_or_stopped():
            if pid == self._command:
                if os.WIFSTOPPED(status):
                    continue
                self._ended, self._cells[cells.COMMAND] = status, 0
            elif is_copy(status):
                self._copies.add(pid)

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._command, signal.SIGKILL)

    def _result(self, status: int) -> int:
        """End what the command has left. Return how the first process must end: `cells.RESULT`."""
        self._output.copy()
        left = clear_up(self._copies)
        self._output.copy()
        self._output.end_line()
        finished = self._cells[cells.FINISHED] - 1
        error = None if self._verdict is None else self._verdict.error
        if error is None and os.WIFSIGNALED(status) and finished < 1:
            number = os.WTERMSIG(status)
            if number == self._cells[cells.INTERRUPTED]:
                return number
            error = _ended_by_policy(_signal_name(number))
        if error is None and finished < 0:
            error = _ended_by_policy("os._exit")
        if error is None and self._cells[cells.BROKEN]:
            error = PolicyError(
                tr("{policy} closed files of the command: a policy must not", policy=policy_asked())
            )
        if error is None and left and finished == 0:
            found = tr_n(
                "{policy} left {n} process behind, which was ended",
                "{policy} left {n} processes behind, which were ended",
                left,
                policy=policy_asked(),
            )
            error = PolicyError(f"{found}: {tr(RULE)}")
        return cells.ENDED + (finished if error is None else tell(error))


def _leave_the_terminal() -> None:
    """Start a session, which gets no signals of the terminal; stdin and stdout are /dev/null."""
    os.setsid()
    for number in (*HANDED_ON, signal.SIGPIPE, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)


def _signal_name(number: int) -> str:
    known = number in signal.Signals.__members__.values()
    return signal.Signals(number).name if known else tr("signal {number}", number=number)


def _ended_by_policy(how: str) -> MultiprogError:
    ended = tr("{method} ended the command ({how})", method=method_asked(), how=how)
    return PolicyError(f"{ended}: {tr(RULE)}")
