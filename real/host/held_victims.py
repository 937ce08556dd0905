"""Victims of signals that must not die yet.

`terminate()` and `kill()` are requests: the victim lives until the kernel has made it run and die.
A program sees that if it looks at once. A worker that makes its calls under a supervisor is a
little slower than a plain program, so the supervisor holds the victim until the calls in a row are
over. Measured on Linux 6.18:

- A stopped process keeps SIGTERM and SIGINT pending, until it is continued. A SIGKILL that follows
  then decides its exit code. A process that runs, or sleeps, decides by the first deadly signal.
  So before a second one is sent, the victim acts on the first, and is held on its way out.
- SIGKILL cannot be kept pending. A process with PTRACE_O_TRACEEXIT stops on its way out; for its
  parent (waitpid) and for /proc it lives until it is let go. Any user may trace own processes.
- Where tracing is refused, the victim waits in the idle class on the killer's processor. That holds
  it only until the next tick of the clock (0.7 to 22 ms were measured).
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection

from real.host import syscalls
from real.host.leftovers import hasten, is_dead
from real.host.time_limits import TimeLimit

TRACED, IDLE = "traced", "in the idle class"
PAUSE = 50e-6  # seconds between two tries to let a victim go
LETTING_GO = 20.0  # seconds for a victim to get a core and stop, on a busy machine


class HeldVictims:
    """Processes that get SIGKILL and do not die before they are let go."""

    def __init__(self) -> None:
        self.ways: set[str] = set()  # how victims were held
        self._held: dict[int, tuple[int, str]] = {}  # pid: its pidfd, and how it is held

    def hold(self, pid: int, pidfd: int, cpus: Collection[int]) -> None:
        """Hold process `pid` from dying. `cpus`: where the process runs that will kill it."""
        if pid in self._held:
            return
        way = TRACED
        try:
            syscalls.stop_at_exit(pid)
        except OSError:
            way = IDLE
            with contextlib.suppress(OSError):
                os.sched_setaffinity(pid, cpus)
                os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
        self.ways.add(way)
        self._held[pid] = pidfd, way

    def act_on_sigterm(self, pid: int, pidfd: int) -> None:
        """Let process `pid`, which is stopped, act on its SIGTERM, and hold it on its way out.

        Where tracing is refused, it dies at once.
        """
        with contextlib.suppress(OSError):
            if pid not in self._held:
                syscalls.stop_at_exit(pid)
                self._held[pid] = pidfd, TRACED
                self.ways.add(TRACED)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        traced, limit = pid in self._held, TimeLimit(LETTING_GO)
        while not is_dead(pidfd) and not limit.is_over():
            with contextlib.suppress(OSError):  # it has just died
                if traced and syscalls.let_act(pid):
                    return
            time.sleep(PAUSE)

    def let_go(self, pid: int, aside: Collection[int]) -> None:
        """Let process `pid` die, on the processors `aside`, if it is held."""
        pidfd, way = self._held.pop(pid, (-1, ""))
        if way == TRACED:
            limit = TimeLimit(LETTING_GO)
            while not is_dead(pidfd) and not syscalls.let_exit(pid) and not limit.is_over():
                time.sleep(PAUSE)
        if way:
            with contextlib.suppress(OSError):
                os.sched_setaffinity(pid, aside)
            hasten(pid)

    def let_all_go(self, aside: Collection[int]) -> None:
        """Let all victims die that are held, on the processors `aside`."""
        for pid in tuple(self._held):
            self.let_go(pid, aside)
