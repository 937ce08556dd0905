"""Whether a process sleeps, as the kernel sees it.

Measured on Linux 6.18, as an ordinary user and as root: a process that waits in a call of
`multiprocessing` has the state S in /proc/PID/stat, and /proc/PID/wchan names the function in which
it waits: `futex_do_wait` (a semaphore), `anon_pipe_read`, `anon_pipe_write`, `do_wait` (waitpid),
`poll_schedule_timeout` (a join with a timeout). A process that waits for a core has the state R,
however long it waits. So a busy machine never makes a process look asleep.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

LOOKS = 4
"""How many looks in a row must see the process asleep, and that it has not run in between."""

_Thread = tuple[str, int, int]  # state, ns on a core, how often it was given a core


class SleepWatch:
    """Looks at one process again and again."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._before: dict[str, _Thread] = {}
        self._same = 0  # looks in a row that saw the same

    def is_asleep(self, *, without: str | None = None) -> bool:
        """Look once more. Return whether all of its threads have slept for LOOKS looks.

        A thread whose id is `without` may run.

        One look is not enough: a thread may sleep for some microseconds until another thread of its
        process has given back the interpreter lock.
        """
        now = threads_of(self._pid)
        if without is not None and now.pop(without, None) is None:
            return False
        sleeps = (without is not None or bool(now)) and all(
            state == "S" for state, _, _ in now.values()
        )
        self._same = self._same + 1 if sleeps and now == self._before else int(sleeps)
        self._before = now
        return self._same >= LOOKS

    def ran_since(self) -> int:
        """Return for how many ns the process has run since the last look."""
        return ran_between(self._before, threads_of(self._pid))


def ran_between(before: Mapping[str, _Thread], after: Mapping[str, _Thread]) -> int:
    """Return for how many ns the threads ran that are in both looks at a process."""
    return sum(now[1] - before[thread][1] for thread, now in after.items() if thread in before)


def threads_of(pid: int) -> dict[str, _Thread]:
    """Return the state of each thread, and how long and how often it ran; {}: the process is gone.

    A kernel without CONFIG_SCHED_INFO does not say how long a thread ran: it is 0 then.
    """
    found: dict[str, _Thread] = {}
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - a Path costs more
            found[thread] = thread_of(pid, thread)
    return found


def thread_of(pid: int, thread: str | int) -> _Thread:
    """Return the state of one thread, and how long and how often it ran."""
    folder, state, on_core, times = f"/proc/{pid}/task/{thread}", "", 0, 0
    with contextlib.suppress(OSError, ValueError):
        state = _read(f"{folder}/stat").rpartition(b")")[2].split()[0].decode()
        ns, _, count = _read(f"{folder}/schedstat").split()
        on_core, times = int(ns), int(count)
    return state, on_core, times


def sleeps_in(pid: int) -> str:
    """Return the kernel's name of the function in which the process sleeps; "": it does not say."""
    with contextlib.suppress(OSError):
        name = _read(f"/proc/{pid}/wchan").decode().partition(".")[0]
        return "" if name == "0" else name
    return ""


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path costs more
        return file.read()
