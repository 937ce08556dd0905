"""Events become the steps of each thread: bursts, waits, messages to threads that it wakes.

A burst is the CPU time between two waits, however often the thread lost its processor in between.
A wait ends when the thread is woken. If another thread of the trace woke it, that thread sends it
a message at this point of its burst; so in another run the wait lasts until that point is reached.
A thread that another one begins waits for a message, too.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from language.convert.imports.traces.events import UNKNOWN, Event, Fork, Lost, Switch, Waking

BURST, WAIT, SEND, RECEIVE = range(4)
"""Kinds of steps. The amount of a burst or wait is ns, of a send the serial of the thread."""

MOST_STEPS = 1_000_000
"""Steps of all threads together: what comes after them is left out."""
MOST_THREADS = 20_000


class TooManyThreadsError(Exception):
    """The trace has more than MOST_THREADS threads."""


class Turn(NamedTuple):
    """A thread ran on a processor, or was ready, or blocked, from `start` to `end`."""

    thread: TracedThread
    state: str  # running | ready | blocked
    start: int
    end: int
    cpu: int
    over: bool  # the thread ended with it


@dataclass(slots=True)
class TracedThread:
    """One thread. Its steps are two columns."""

    number: int
    serial: int  # tells threads apart that had the same number one after the other
    name: str
    born: int  # ns on the trace's clock
    priority: int = UNKNOWN
    kinds: array[int] = field(default_factory=lambda: array("b"))
    amounts: array[int] = field(default_factory=lambda: array("q"))
    cpu: int = -1  # where it runs; -1: it does not run
    since: int = -1  # when it began to run, to be ready or to wait
    counted: int = -1  # up to when its burst is counted
    state: str = ""  # running | ready | blocked | over; "" : not seen yet
    burst: int = 0  # ns of the current burst so far
    died: int = -1
    begun_by: int = UNKNOWN  # the serial of the thread that began it

    def step(self, kind: int, amount: int) -> None:
        """Write down a step."""
        self.kinds.append(kind)
        self.amounts.append(amount)


class Threads:
    """Gathers the steps of threads from events in the order of their times."""

    def __init__(
        self,
        wanted: Callable[[int, str], bool],
        seen: Callable[[Turn], object] | None = None,
    ) -> None:
        """`wanted`: whether a thread is taken. `seen` is called with each turn that is over."""
        self.all: list[TracedThread] = []  # in the order in which they were seen
        self._living: dict[int, TracedThread] = {}
        self.first = self.last = -1  # ns: the start of the window, the last event in it
        self.cpus: set[int] = set()
        self.received: list[tuple[int, int]] = []  # serial of a thread, when a message came
        self.lost = 0
        self.full = False  # there are MOST_STEPS steps
        self.backwards = 0  # events that were earlier than the one before
        self._wanted, self._seen = wanted, seen
        self._on: dict[int, tuple[int, int]] = {}  # by processor: its thread, and since when
        self._steps = 0

    def take(self, events: Iterable[Event], start: int | None, duration: int | None) -> None:
        """Take the events of a window (ns from the first event on), until it is over or full."""
        for event in events:
            if self.first < 0:
                self.first = event.at + (start or 0)
            if event.at < self.first:
                continue
            if duration is not None and event.at >= self.first + duration:
                break
            self.add(event)
            if self.full:
                break
        if self._seen is None:
            self.finish(self.last)

    def finish(self, at: int) -> None:
        """End what the living threads do: the trace ended."""
        self.last = max(self.last, at)
        for thread in self._living.values():
            self._close(thread)

    def add(self, event: Event) -> None:
        """Take one event. Raises TooManyThreadsError."""
        if event.at < self.last:
            self.backwards += 1
            return
        self.last = event.at
        if isinstance(event, Switch):
            self._switch(event)
        elif isinstance(event, Waking):
            self._waking(event)
        elif isinstance(event, Fork):
            self._fork(event)
        elif isinstance(event, Lost):
            self.lost += 1

    def _thread(self, number: int, name: str, at: int) -> TracedThread | None:
        """Return the thread; None: it is not wanted."""
        thread = self._living.get(number)
        if thread is not None:
            thread.name = name or thread.name
            return thread
        if number == 0 or not self._wanted(number, name):
            return None
        if len(self.all) >= MOST_THREADS:
            raise TooManyThreadsError
        thread = self._living[number] = TracedThread(number, len(self.all), name, at)
        self.all.append(thread)
        return thread

    # -- switches ---------------------------------------------------------------------------------

    def _switch(self, event: Switch) -> None:
        self.cpus.add(event.cpu)
        thread = self._thread(event.previous, event.previous_name, event.at)
        if thread is not None:
            thread.priority = event.previous_priority
            self._leaves(thread, event)
        self._on[event.cpu] = (event.following, event.at)
        thread = self._thread(event.following, event.following_name, event.at)
        if thread is not None:
            thread.priority = event.following_priority
            self._begins_to_run(thread, event.cpu, event.at)

    def _begins_to_run(self, thread: TracedThread, cpu: int, at: int) -> None:
        if thread.state == "blocked":  # its waking was not traced
            self._end_wait(thread, at, UNKNOWN, cpu)
        if thread.state == "ready":
            self._tell(thread, "ready", thread.since, at)
        thread.state, thread.cpu, thread.since, thread.counted = "running", cpu, at, at

    def _leaves(self, thread: TracedThread, event: Switch) -> None:
        """Note that a thread leaves its processor, and is ready, blocked or over."""
        if thread.state != "running" or thread.cpu != event.cpu:
            self._came_unseen(thread, event)
        thread.burst += event.at - thread.counted
        over = event.state[:1] in ("X", "Z")
        self._tell(thread, "running", thread.since, event.at, over=over)
        thread.since, thread.cpu = event.at, -1
        if event.state.startswith("R"):
            thread.state = "ready"
            return
        self._end_burst(thread)
        thread.state = "over" if over else "blocked"
        if over:
            thread.died = event.at
            del self._living[thread.number]

    def _came_unseen(self, thread: TracedThread, event: Switch) -> None:
        """Note that a thread has run since it was woken.

        Some kernels do not trace switches from the idle thread.
        """
        if event.cpu not in self._on:  # it ran when the trace began
            thread.born = min(thread.born, self.first)
        self._runs_unseen(thread, event.cpu)

    def _runs_unseen(self, thread: TracedThread, cpu: int) -> None:
        _, since = self._on.get(cpu, (0, self.first))
        begun = max(since, thread.since)
        self._on[cpu] = (thread.number, begun)
        self._begins_to_run(thread, cpu, begun)

    def _end_burst(self, thread: TracedThread) -> None:
        if thread.burst:
            self._step(thread, BURST, thread.burst)
            thread.burst = 0

    # -- wakings ----------------------------------------------------------------------------------

    def _waking(self, event: Waking) -> None:
        known = event.thread in self._living
        thread = self._thread(event.thread, event.name, event.at)
        if thread is None:
            return
        if thread.priority == UNKNOWN:
            thread.priority = event.priority
        if event.new and not known:
            self._begun(thread, event.at, event.waker, event.cpu)
        if thread.state == "blocked":
            self._end_wait(thread, event.at, event.waker, event.cpu)
            thread.state, thread.since = "ready", event.at
        elif not thread.state:
            thread.state, thread.since = "ready", event.at

    def _fork(self, event: Fork) -> None:
        if event.child not in self._living:
            thread = self._thread(event.child, event.name, event.at)
            if thread is not None:
                self._begun(thread, event.at, event.parent, event.cpu)
                thread.state, thread.since = "ready", event.at

    def _begun(self, thread: TracedThread, at: int, parent: int, cpu: int) -> None:
        """Another thread begins this one: it sends it a message, if that thread is known."""
        if self._message(parent, thread, at, cpu):
            thread.begun_by = self._living[parent].serial
            self._receive(thread, at)

    def _end_wait(self, thread: TracedThread, at: int, waker: int, cpu: int) -> None:
        if thread.kinds or thread.since > thread.born:
            if waker != thread.number and self._message(waker, thread, at, cpu):
                self._receive(thread, at)
            else:
                self._step(thread, WAIT, at - thread.since)
        else:  # it waited when the trace began
            thread.born = at
        self._tell(thread, "blocked", thread.since, at)
        thread.since = at

    def _receive(self, thread: TracedThread, at: int) -> None:
        self._step(thread, RECEIVE, 0)
        if self._seen is not None:
            self.received.append((thread.serial, at))

    def _message(self, sender: int, receiver: TracedThread, at: int, cpu: int) -> bool:
        """Write a send into the burst of a thread that runs. Return whether it does."""
        thread = self._living.get(sender) if sender > 0 else None
        if thread is None:
            return False
        if thread.state == "ready":
            self._runs_unseen(thread, cpu)
        if thread.state != "running":
            return False
        thread.burst += at - thread.counted
        thread.counted = at
        self._end_burst(thread)
        self._step(thread, SEND, receiver.serial)
        return True

    # -- what is written down ---------------------------------------------------------------------

    def _step(self, thread: TracedThread, kind: int, amount: int) -> None:
        thread.step(kind, amount)
        self._steps += 1
        self.full = self._steps >= MOST_STEPS

    def _tell(
        self, thread: TracedThread, state: str, start: int, end: int, *, over: bool = False
    ) -> None:
        if self._seen is not None and end > start >= 0:
            self._seen(Turn(thread, state, start, end, thread.cpu, over))

    def _close(self, thread: TracedThread) -> None:
        """End what a thread was doing when the trace ended."""
        if thread.state == "running":
            thread.burst += self.last - thread.counted
        if thread.state in ("running", "ready", "blocked"):
            self._tell(thread, thread.state, thread.since, self.last)
        self._end_burst(thread)
