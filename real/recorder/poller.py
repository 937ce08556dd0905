"""What /proc says of the command's threads, looked at every few milliseconds.

`schedstat` has the CPU time and the waiting time of a thread in ns. The kernel brings that of a
running thread up to date at its tick. New threads are found by the number that the kernel gave out
last (/proc/loadavg), so that a look costs as much as the threads that are watched. A thread that
lives for a shorter time than lies between two looks is not seen.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from real.recorder.command import stat_of

PERIOD = 0.002  # seconds between two looks
MOST_SAMPLES = 2_000_000
_MOST_NEW = 2_000  # numbers between two looks; beyond that all processes are looked at
_STATE, _PARENT, _PRIORITY, _RSS = 0, 1, 15, 21  # fields of stat behind the name
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Sample(NamedTuple):
    """What one look saw of a thread. Times in ns."""

    at: int
    task: int
    parent: int  # the process that began it; of a thread, its process
    name: str
    state: str  # one letter, as in `ps`; X: it is gone
    run: int  # CPU time so far
    ready: int  # time on a run queue so far
    priority: int  # the kernel's, 120 for nice 0
    resident: int  # bytes


@dataclass(slots=True)
class _Task:
    schedstat: int  # a descriptor
    parent: int
    process: int
    last: Sample | None = None


class Poller:
    """Looks at threads. `samples` has what has changed from one look to the next."""

    def __init__(self, roots: Iterable[int]) -> None:
        self.samples: list[Sample] = []
        self.affinity: dict[int, frozenset[int]] = {}  # by thread: at the last look
        self._tasks: dict[int, _Task] = {}
        self._processes: set[int] = set()
        self._newest = _newest()
        for root in roots:
            parent = stat_of(root)
            self._watch_process(root, int(parent[1][_PARENT]) if parent else 0)

    @property
    def full(self) -> bool:
        """Whether there is no room for further samples."""
        return len(self.samples) >= MOST_SAMPLES

    def look(self) -> int:
        """Look at all threads once. Return how many live."""
        now = time.monotonic_ns()
        newest = _newest()
        if newest != self._newest:
            self._find_new(newest)
            self._newest = newest
        for number in list(self._tasks):
            self._look_at(number, now)
        return len(self._tasks)

    def close(self) -> None:
        """Close all descriptors."""
        for task in self._tasks.values():
            os.close(task.schedstat)
        self._tasks.clear()

    def _watch_process(self, pid: int, parent: int) -> None:
        self._processes.add(pid)
        for number in threads_of(pid):
            self._watch(number, parent if number == pid else pid, pid)

    def _watch(self, number: int, parent: int, process: int) -> None:
        with contextlib.suppress(OSError):
            descriptor = os.open(f"/proc/{process}/task/{number}/schedstat", os.O_RDONLY)
            self._tasks[number] = _Task(descriptor, parent, process)

    def _find_new(self, newest: int) -> None:
        """Watch the new threads of processes that are watched, and their new children."""
        numbers: Iterable[int] = range(self._newest + 1, newest + 1)
        if not 0 < newest - self._newest <= _MOST_NEW:
            numbers = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())  # noqa: PTH208
        for number in numbers:
            if number in self._tasks:
                continue
            process = _process_of(number)
            if process in self._processes and process != number:
                self._watch(number, process, process)
            elif process == number and (found := stat_of(number)) is not None:
                parent = int(found[1][_PARENT])
                if parent in self._processes:
                    self._watch_process(number, parent)

    def _look_at(self, number: int, now: int) -> None:
        task = self._tasks[number]
        note_affinity(self.affinity, number)
        found = stat_of(number)
        try:
            run, ready, _ = map(int, os.pread(task.schedstat, 100, 0).split())
        except (OSError, ProcessLookupError, ValueError):
            found = None
        if found is None or found[1][_STATE] in ("Z", "X"):
            last = task.last
            if found is not None and last is not None:  # a zombie still tells its CPU time
                last = last._replace(run=run, ready=ready)
            if last is not None:
                self.samples.append(last._replace(at=now, state="X"))
            os.close(task.schedstat)
            del self._tasks[number]
            self._processes.discard(number)
            return
        name, fields = found
        sample = Sample(
            now, number, task.parent, name, fields[_STATE], run, ready,
            int(fields[_PRIORITY]) + 100, int(fields[_RSS]) * _PAGE,
        )  # fmt: skip
        if task.last is None or sample[3:7] != task.last[3:7] or sample.state == "R":
            self.samples.append(sample)
        task.last = sample


def threads_of(pid: int) -> list[int]:
    """Return the threads of a process; none if it is gone."""
    try:
        return [int(entry) for entry in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208 - cheaper
    except OSError:
        return []


def note_affinity(affinity: dict[int, frozenset[int]], number: int) -> None:
    """Note the processors that a thread may use. If it is gone, what was noted stays."""
    with contextlib.suppress(OSError):
        affinity[number] = frozenset(os.sched_getaffinity(number))


def _newest() -> int:
    """Return the number that the kernel gave to a thread last."""
    with open("/proc/loadavg", "rb") as file:  # noqa: PTH123 - a Path costs more
        return int(file.read().split()[-1])


def _process_of(number: int) -> int:
    """Return the process of a thread; 0: it is gone."""
    try:
        with open(f"/proc/{number}/status", "rb") as file:  # noqa: PTH123 - a Path costs more
            text = file.read()
    except (OSError, ProcessLookupError):
        return 0
    return int(text.partition(b"\nTgid:")[2].split(None, 1)[0])
