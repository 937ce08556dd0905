"""An rt-app workload executed on an ideal machine, in which every thread has a core of its own.

Threads of rt-app loop until the workload's duration is over, a signal that no thread waits for is
lost, and a timer waits for what is left of its period. So what a thread does is known when it is
executed. The ideal machine executes all threads in virtual time and writes down the steps of each.
A wake-up becomes a message to a queue of the thread that was waiting, which cannot be lost.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from itertools import count

from language.convert.imports.rt_app.workload import (
    ENDLESS,
    Event,
    Phase,
    RtAppWorkload,
    Shape,
    Task,
)

MOST_EVENTS = 1_000_000
"""Events of all threads together. A workload with more is refused."""
UNIQUE = "unique"  # a timer whose name begins so belongs to its thread alone

StepWords = tuple[str, int | str]
"""A step: cpu or io with ns; send, receive, lock, unlock or barrier with a name; yield."""
Until = int | None
"""When a thread goes on, ns; None: when another thread wakes it."""


class TooManyEventsError(Exception):
    """A thread does more than the ideal machine executes."""


@dataclass(slots=True)
class IdealThread:
    """One thread. `steps` has the shape of each step's phase beside it."""

    name: str
    task: Task
    arrival: int  # ns
    steps: list[tuple[Shape, StepWords]] = field(default_factory=list)
    bodies: list[int] = field(default_factory=list)  # how many steps there were behind each body
    held: list[str] = field(default_factory=list)  # locks
    timers: dict[str, int] = field(default_factory=dict)  # by name: when it fires next, ns
    late: bool = False  # a timer had fired before the thread waited for it

    def note(self, shape: Shape, kind: str, value: int | str) -> None:
        """Write down a step."""
        self.steps.append((shape, (kind, value)))


class IdealMachine:
    """Executes a workload for `duration` ns. Raises TooManyEventsError."""

    def __init__(self, workload: RtAppWorkload, duration: int) -> None:
        self.threads: list[IdealThread] = []
        self.barriers = _barriers(workload)
        self._others: dict[str, Callable[[IdealThread, Shape, Event], Iterator[Until]]] = {
            "timer": self._timer,
            "lock": self._lock,
            "unlock": self._unlock,
            "wait": self._condition,
            "sync": self._condition,
            "suspend": self._suspend,
            "sem_post": self._semaphore,
            "sem_wait": self._semaphore,
            "barrier": self._barrier,
            "fork": self._fork,
            "yield": self._yield,
        }
        self._tasks = {task.name: task for task in workload.tasks}
        self._duration = duration
        self._now, self._events = 0, 0
        self._queue: list[tuple[int, int, IdealThread]] = []  # which thread goes on when
        self._turn = count()
        self._running: dict[str, Generator[Until, None, None]] = {}
        self._owner: dict[str, IdealThread] = {}
        self._lock_queues: defaultdict[str, deque[IdealThread]] = defaultdict(deque)
        self._waiting: defaultdict[str, deque[IdealThread]] = defaultdict(deque)
        self._posted: defaultdict[str, int] = defaultdict(int)  # semaphores
        self._arrived: defaultdict[str, list[IdealThread]] = defaultdict(list)  # at barriers
        self._timers: dict[str, int] = {}  # of several threads
        for task in workload.tasks:
            for number in range(task.instances):
                name = task.name if task.instances == 1 else f"{task.name}-{number + 1}"
                self._begin(IdealThread(name, task, task.delay), task.delay)

    def execute(self) -> list[IdealThread]:
        """Return all threads with what they did before the duration was over."""
        while self._queue and self._queue[0][0] < self._duration:
            self._now, _, thread = heapq.heappop(self._queue)
            until = next(self._running[thread.name], "ended")
            if isinstance(until, int):
                self._go_on(thread, until)
        for thread in self.threads:
            shape = thread.steps[-1][0] if thread.steps else Shape()
            thread.steps += [(shape, ("unlock", name)) for name in reversed(thread.held)]
        return self.threads

    def _begin(self, thread: IdealThread, at: int) -> None:
        self.threads.append(thread)
        self._running[thread.name] = self._run(thread)
        self._go_on(thread, at)

    def _go_on(self, thread: IdealThread, at: int) -> None:
        heapq.heappush(self._queue, (at, next(self._turn), thread))

    def _run(self, thread: IdealThread) -> Generator[Until, None, None]:
        """Execute all phases of a thread. Yield when it goes on."""
        for _ in _times(thread.task.loops):
            for phase in thread.task.phases:
                for _ in _times(phase.loops):
                    yield from self._body(thread, phase)

    def _body(self, thread: IdealThread, phase: Phase) -> Iterator[Until]:
        for event in phase.events:
            self._events += 1
            if self._events > MOST_EVENTS:
                raise TooManyEventsError(thread.name)
            yield from self._event(thread, phase.shape, event)
        if not phase.events:
            self._events += 1
        thread.bodies.append(len(thread.steps))

    def _event(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        """Execute one event: note its steps, and yield when the thread goes on."""
        if event.kind in ("run", "sleep"):
            if event.time:
                thread.note(shape, "cpu" if event.kind == "run" else "io", event.time)
                yield self._now + event.time
        elif event.kind in _WAKES:
            what, most = _WAKES[event.kind]
            self._wake(thread, shape, f"{what} {event.name}", most)
        else:
            yield from self._others[event.kind](thread, shape, event)

    def _timer(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        """Wait until the timer fires. A timer that is late counts from now on."""
        timers = thread.timers if event.name.startswith(UNIQUE) else self._timers
        at = timers.get(event.name, thread.arrival) + event.time
        thread.late |= at < self._now
        timers[event.name] = max(at, self._now)
        if at > self._now:
            thread.note(shape, "io", at - self._now)
            yield at

    def _lock(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        yield from self._acquire(thread, shape, event.name)

    def _acquire(self, thread: IdealThread, shape: Shape, name: str) -> Iterator[Until]:
        if name in self._owner:
            self._lock_queues[name].append(thread)
            yield None
        self._owner[name] = thread
        thread.held.append(name)
        thread.note(shape, "lock", name)

    def _unlock(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        self._release(thread, shape, event.name)
        yield from ()

    def _release(self, thread: IdealThread, shape: Shape, name: str) -> bool:
        """Give a lock to the next thread. Return whether this thread had it."""
        if name not in thread.held:
            return False
        thread.note(shape, "unlock", name)
        thread.held.remove(name)
        if self._lock_queues[name]:
            following = self._lock_queues[name].popleft()
            self._owner[name] = following
            self._go_on(following, self._now)
        else:
            del self._owner[name]
        return True

    def _condition(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        """Wait for a condition variable, or wake one thread first (sync)."""
        if event.kind == "sync":
            self._wake(thread, shape, f"wait {event.name}", 1)
        held = self._release(thread, shape, event.mutex)
        self._waiting[f"wait {event.name}"].append(thread)
        yield None
        thread.note(shape, "receive", thread.name)
        if held:
            yield from self._acquire(thread, shape, event.mutex)

    def _suspend(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        self._waiting[f"suspend {event.name or thread.task.name}"].append(thread)
        yield None
        thread.note(shape, "receive", thread.name)

    def _wake(self, thread: IdealThread, shape: Shape, what: str, most: int) -> None:
        """Wake threads that wait; nothing happens if there is none, as of a condition variable."""
        for _ in range(min(most, len(self._waiting[what]))):
            woken = self._waiting[what].popleft()
            thread.note(shape, "send", woken.name)
            self._go_on(woken, self._now)

    def _semaphore(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        """Post a semaphore, or wait for it. A post that no thread waits for is kept."""
        name = f"sem {event.name}"
        if event.kind == "sem_post":
            thread.note(shape, "send", name)
            if self._waiting[name]:
                self._go_on(self._waiting[name].popleft(), self._now)
            else:
                self._posted[name] += 1
            return
        if self._posted[name]:
            self._posted[name] -= 1
        else:
            self._waiting[name].append(thread)
            yield None
        thread.note(shape, "receive", name)

    def _barrier(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        arrived = self._arrived[event.name]
        arrived.append(thread)
        if len(arrived) < self.barriers[event.name]:
            yield None
        else:
            for other in arrived[:-1]:
                self._go_on(other, self._now)
            arrived.clear()
        thread.note(shape, "barrier", event.name)

    def _fork(self, thread: IdealThread, shape: Shape, event: Event) -> Iterator[Until]:
        """Begin one more thread of a task. It waits for a message of the thread that forks it."""
        task = self._tasks[event.name]
        taken = sum(each.task is task for each in self.threads)
        forked = IdealThread(f"{task.name}-{taken + 1}", task, self._now + task.delay)
        thread.note(shape, "send", forked.name)
        forked.note(task.phases[0].shape, "receive", forked.name)
        self._begin(forked, forked.arrival)
        yield from ()

    def _yield(self, thread: IdealThread, shape: Shape, _event: Event) -> Iterator[Until]:
        thread.note(shape, "yield", "")
        yield from ()


_WAKES = {
    "signal": ("wait", 1),
    "broad": ("wait", MOST_EVENTS),
    "resume": ("suspend", MOST_EVENTS),
}
"""What the threads wait for that an event wakes, and how many of them it wakes at most."""


def _times(loops: int) -> Iterator[int]:
    return iter(count() if loops == ENDLESS else range(loops))


def _barriers(workload: RtAppWorkload) -> dict[str, int]:
    """Return how many threads each barrier waits for: as many as name it."""
    users: defaultdict[str, int] = defaultdict(int)
    for task in workload.tasks:
        for phase in task.phases:
            for event in phase.events:
                if event.kind == "barrier":
                    users[event.name] += task.instances
    return dict(users)


def is_endless(workload: RtAppWorkload) -> bool:
    """Return whether a thread loops until the duration is over."""
    return any(
        ENDLESS in (task.loops, *(phase.loops for phase in task.phases)) for task in workload.tasks
    )
