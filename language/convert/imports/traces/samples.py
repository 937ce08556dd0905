"""Samples of threads, as /proc gives them, become the steps of each thread.

A sample has a thread's CPU time and its time on a run queue so far. What is left of the time
between two samples it was blocked. The kernel brings the CPU time of a running thread up to date at
its tick only; so where a thread runs, samples are taken together until that has happened.

A thread that another one begins waits for its message. A thread whose wait ends when a child has
ended waited for that child.
"""

from __future__ import annotations

from dataclasses import dataclass

from language.convert.imports.traces.threads import (
    BURST,
    MOST_THREADS,
    RECEIVE,
    SEND,
    WAIT,
    Threads,
    TooManyThreadsError,
    TracedThread,
)

SETTLED = 8_000_000
"""ns, two ticks: within that the CPU time of a running thread may not be up to date."""
LEAST_WAIT = 500_000
"""ns: a shorter wait between two samples cannot be told from a look that is late."""
_CHILD_ENDED = 10_000_000
"""ns: a wait that ends so long after a child's end was for that child."""


@dataclass(slots=True)
class _Known:
    """What is known of a thread up to its last sample that counts. Times in ns."""

    thread: TracedThread
    at: int
    run: int
    ready: int
    blocked: int = 0  # of the wait that has not ended yet


class SampledThreads:
    """Gathers threads from samples, which come in the order of their times."""

    def __init__(self, begun: int, roots: frozenset[int], cores: int) -> None:
        """`begun`: when the watch began. `roots` are the threads that no other one began."""
        self.found = Threads(lambda _number, _name: True)
        self.found.first = self.found.last = begun
        self.found.cpus = set(range(cores))
        self._roots = roots
        self._known: dict[int, _Known] = {}
        self._ended: dict[int, tuple[TracedThread, int]] = {}  # by parent: its child that ended

    def add(
        self, at: int, task: int, parent: int, name: str, state: str, run: int, ready: int,
        priority: int,
    ) -> None:  # fmt: skip
        """Take a sample. `state` is X if the thread is gone. Raises TooManyThreadsError."""
        self.found.last = max(self.found.last, at)
        known = self._known.get(task)
        if known is None:
            known = self._known[task] = self._begin(at, task, parent, name)
        thread = known.thread
        thread.name, thread.priority = name, priority
        ran, waited = run - known.run, ready - known.ready
        blocked = at - known.at - ran - waited
        if state == "R" and LEAST_WAIT < blocked <= SETTLED:
            return  # its CPU time may not be up to date
        known.at, known.run, known.ready = at, run, ready
        if ran > 0:
            self._end_wait(known, at)
            thread.burst += ran
        if blocked > LEAST_WAIT and state != "X":
            self._end_burst(thread)
            known.blocked += blocked
        if state == "X":
            self._end_burst(thread)
            thread.died = at
            del self._known[task]
            self._ended[parent] = thread, at

    def _begin(self, at: int, task: int, parent: int, name: str) -> _Known:
        if len(self.found.all) >= MOST_THREADS:
            raise TooManyThreadsError
        thread = TracedThread(task, len(self.found.all), name, at)
        self.found.all.append(thread)
        sender = self._known.get(parent)
        if task in self._roots:
            thread.born = self.found.first
        elif sender is not None:
            self._end_wait(sender, at)
            self._end_burst(sender.thread)
            sender.thread.step(SEND, thread.serial)
            thread.begun_by = sender.thread.serial
            thread.step(RECEIVE, 0)
        return _Known(thread, at, 0, 0)

    def _end_wait(self, known: _Known, at: int) -> None:
        """End the wait of a thread: for a child that has just ended, or for anything else."""
        if not known.blocked:
            return
        child, ended = self._ended.get(known.thread.number, (None, 0))
        if child is not None and at - ended <= _CHILD_ENDED:
            del self._ended[known.thread.number]
            child.step(SEND, known.thread.serial)
            known.thread.step(RECEIVE, 0)
        else:
            known.thread.step(WAIT, known.blocked)
        known.blocked = 0

    def _end_burst(self, thread: TracedThread) -> None:
        if thread.burst:
            thread.step(BURST, thread.burst)
            thread.burst = 0

    def finish(self) -> Threads:
        """Return the threads with all their steps."""
        for known in self._known.values():
            self._end_burst(known.thread)
        return self.found
