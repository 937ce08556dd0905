"""The supervisor's handle of a worker: its name and pid, whether it lives, what its cells say."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from array import array
from collections.abc import Callable
from multiprocessing.context import ForkContext
from typing import Any

from real.cells import BELL, CPU, PARKED, RECEIVED, ROW, SharedCells
from real.host.os_errors import os_error_words
from real.host.time_limits import TimeLimit
from translation import recorded

PAUSE = 50e-6  # seconds between two looks at a worker that is to stop
TOLD_AGAIN = 0.1  # seconds after which a worker that has not stopped gets another SIGSTOP


class ProcessHandle:
    """One worker process, and its row of cells. Moments are absolute ns."""

    __slots__ = (
        "cells",
        "death",
        "dismissed",
        "halts",
        "index",
        "name",
        "pid",
        "process",
        "reaped",
        "row",
        "running_intervals",
        "stopped",
        "turn",
    )

    def __init__(self, index: int, name: str, shared: SharedCells, turn: int = -1) -> None:
        """Make the handle of a process that is not started yet. `turn`: the eventfd to wake it."""
        self.index = index
        self.name = name
        self.cells = shared.cells
        self.row = index * ROW
        self.turn = turn
        self.process: Any = None  # the Process object, or another object with the same methods
        self.pid = 0
        self.death = -1  # a pidfd: readable when the process is dead, so that a join does not wait
        self.stopped = False  # the last signal of the supervisor was SIGSTOP, not SIGCONT
        self.halts = 0  # how often the supervisor sent SIGSTOP
        self.dismissed = False  # the process may exit
        self.reaped: int | None = None  # when; None: it is not reaped yet
        self.running_intervals = array("q")  # taken out of its log: start, end, …

    def fork(self, context: ForkContext, work: Callable[..., None], *arguments: object) -> None:
        """Start the process. Raises OSError if the system refuses it, or cannot watch it."""
        self.process = context.Process(target=work, args=arguments, name=self.name)
        self.process.start()
        self.pid = self.process.pid or 0
        try:
            self.death = os.pidfd_open(self.pid)
        except OSError:
            self.process.kill()
            self.process.join()
            raise

    @property
    def exitcode(self) -> int | None:
        """Return the exit code as the parent of the process sees it."""
        code: int | None = self.process.exitcode
        return code

    @property
    def lives(self) -> bool:
        """Return whether the supervisor has not seen the process die."""
        return self.reaped is None

    @property
    def may_die(self) -> bool:
        """Return whether the death of the process is expected."""
        return self.dismissed

    @property
    def may_run(self) -> bool:
        """Return whether the process may run, as far as the supervisor is concerned."""
        return True

    # -- what its cells say

    def received(self) -> int:
        """Return the CPU time that the worker has received so far, as it measures it itself, ns."""
        return self.cells[self.row + RECEIVED]

    def cpu_time(self) -> int:
        """Return the thread CPU time of its finished bursts, ns."""
        return self.cells[self.row + CPU]

    def refused(self, words: str) -> str:
        """Return the message `words`, with what the operating system refused the worker, if any."""
        number = -self.cells[self.row + PARKED]
        if number <= 0:
            return words
        why = os_error_words(OSError(number, ""))
        return recorded("{trouble}: {why}", trouble=words, why=why)

    # -- signals

    def await_stop(self) -> bool:
        """Wait until the process, which got SIGSTOP, has stopped. Return False if it is dead.

        A SIGCONT from outside may undo the SIGSTOP, so it is sent again after TOLD_AGAIN.
        """
        again = TimeLimit(TOLD_AGAIN)
        while (state := self.is_stopped()) is None:
            time.sleep(PAUSE)
            if again.is_over():
                os.kill(self.pid, signal.SIGSTOP)
                again = TimeLimit(TOLD_AGAIN)
        return state

    def is_stopped(self) -> bool | None:
        """Return whether the process has stopped. False: it is dead; None: neither."""
        happens = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
        state = os.waitid(os.P_PID, self.pid, happens)
        return None if state is None else state.si_code == os.CLD_STOPPED

    def was_continued(self) -> bool:
        """Return whether SIGCONT has come since the process stopped. Each SIGCONT is told once.

        It is seen even if the process had no core since. The operating system tells it only to the
        parent of the process; for the child of another process this returns False.
        """
        with contextlib.suppress(ChildProcessError):
            return os.waitid(os.P_PID, self.pid, os.WCONTINUED | os.WNOHANG) is not None
        return False

    def dismiss(self, cpus: frozenset[int]) -> None:
        """Let the process exit, on `cpus` and in the idle class."""
        self.dismissed = True
        if self.reaped is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.sched_setaffinity(self.pid, cpus)
            os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
        os.write(self.turn, BELL)
