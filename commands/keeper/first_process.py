"""The first of the three processes, for which the shell waits."""

from __future__ import annotations

import contextlib
import os
import signal
import termios
from typing import Any

from commands.keeper import cells
from commands.keeper.descendants import clear_up, ended_or_stopped
from commands.keeper.messages import RULE, policy_asked, tell
from kernel.errors import PolicyError
from real.host import syscalls
from translation import tr

FROM_THE_TERMINAL = 0x80  # SI_KERNEL: the terminal's signals, which the whole group gets


class FirstProcess:
    """The process that the shell waits for: it forwards signals, and ends as the command does.

    `keeper` is its child's id, `shared` are the cells, `mine` are the signals that it waits for.
    """

    def __init__(self, keeper: int, shared: memoryview[int], mine: set[signal.Signals]) -> None:
        self._keeper, self._cells, self._mine = keeper, shared, mine
        self._terminal = _terminal()
        syscalls.set_subreaper(True)

    def stand_by(self) -> None:
        """Wait for signals until the keeper has ended; then end this process."""
        while True:
            told = signal.sigwaitinfo(self._mine)
            if told.si_signo != signal.SIGCHLD:
                self._hand_on(told)
                continue
            for pid, status in ended_or_stopped():
                if pid != self._keeper:
                    continue
                if os.WIFSTOPPED(status):
                    os.kill(pid, signal.SIGCONT)  # the keeper must not be stopped
                else:
                    self._end()

    def _hand_on(self, told: signal.struct_siginfo) -> None:
        self._cells[cells.INTERRUPTED] = told.si_signo
        self._cells[cells.WISHES] += 1
        if told.si_code != FROM_THE_TERMINAL and self._cells[cells.COMMAND]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._cells[cells.COMMAND], told.si_signo)

    def _end(self) -> None:
        result = self._cells[cells.RESULT]
        if result == 0:
            clear_up(set())
            killed = tr("{policy} killed the keeper of this command", policy=policy_asked())
            result = cells.ENDED + tell(PolicyError(f"{killed}: {tr(RULE)}"))
        if result != cells.ENDED:
            _put_back(self._terminal)
        if result >= cells.ENDED:
            os._exit(result - cells.ENDED)
        signal.signal(result, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {result})
        os.kill(os.getpid(), result)


def _terminal() -> list[Any] | None:
    """Return the attributes of the terminal at stdin; None if stdin is no terminal."""
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _put_back(mode: list[Any] | None) -> None:
    """Give the terminal its attributes back, unless another job is in the foreground."""
    if mode is not None:
        with contextlib.suppress(termios.error, OSError):
            if os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSANOW, mode)
