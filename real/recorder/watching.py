"""One watch: the command begins when the watch is ready, and ends with it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from kernel.errors import MultiprogError, UsageError
from real.recorder.command import Command, descendants, stat_of
from real.recorder.poller import PERIOD, Poller, Sample, note_affinity, threads_of
from real.recorder.tracer import Tracer
from translation import mark, tr

INTERRUPTED = mark("it was interrupted")
_DRAIN = 0.05  # seconds between two looks into the kernel's buffer
_MEMORY = 0.5  # seconds between two looks at resident memory, which cost some milliseconds
_SHARE = 10  # a look at /proc takes at most one part in so many of a core


@dataclass(slots=True)
class Watched:
    """What was seen. Of `samples` and `lines` one is empty. Times are of the monotonic clock."""

    begun: int = 0  # ns
    over: int = 0  # ns
    root: int = 0  # pid of the command
    roots: list[int] = field(default_factory=list)  # threads that were there at the start
    samples: list[Sample] = field(default_factory=list)
    lines: Iterator[str] = field(default_factory=lambda: iter(()))
    resident: dict[int, int] = field(default_factory=dict)  # by pid: most bytes seen
    affinity: dict[int, frozenset[int]] = field(default_factory=dict)  # by thread: at the last look
    status: int | None = None  # of the command; None: it was not ours, or was stopped
    stopped: str | None = None  # why the watch ended before the command
    left: list[str] = field(default_factory=list)  # names of what the command left behind
    full: bool = False  # not all was kept


def watch(
    words: Sequence[str], pid: int | None, duration: float | None, tracer: Tracer | None
) -> Watched:
    """Run a command, or find the process `pid`, and watch it for at most `duration` seconds.

    Ctrl-C goes to the command, too, and ends the watch when the command has ended; a second one
    ends the command. Raises UsageError if there is no such command or process.
    """
    found = Watched()
    if pid is not None:
        _watch_process(found, pid, duration, tracer)
        return found
    with Command(words) as command, _interrupts() as interrupted:
        found.root = command.pid
        found.roots = [command.pid]
        with _watcher(tracer, found) as look:
            found.begun = time.monotonic_ns()
            command.begin()
            _until(command.is_over, command.death, look, duration, interrupted, found)
            found.over = time.monotonic_ns()
            if found.stopped is not None:
                command.signal(signal.SIGTERM)
        found.status = command.status if found.stopped is None else None
    found.left = command.ended
    return found


def _watch_process(found: Watched, pid: int, duration: float | None, tracer: Tracer | None) -> None:
    if stat_of(pid) is None:
        raise UsageError(tr("--pid {pid}: there is no such process", pid=pid))
    found.root = pid
    pids = [pid, *(child for child, _ in descendants(pid))]
    for each in pids:
        found.roots += threads_of(each)
    try:
        death = os.pidfd_open(pid)
    except OSError as error:
        raise UsageError(f"--pid {pid}: {error.strerror}") from None
    with contextlib.closing(os.fdopen(death, "rb")), _interrupts() as interrupted:
        found.begun = time.monotonic_ns()
        with _watcher(tracer, found, pids) as look:
            _until(lambda: stat_of(pid) is None, death, look, duration, interrupted, found)
            found.over = time.monotonic_ns()


@contextlib.contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Note Ctrl-C instead of raising KeyboardInterrupt."""
    seen: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda number, _frame: seen.append(number))
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Look:
    """What is done at each look."""

    def __init__(self, found: Watched, tracer: Tracer | None, poller: Poller | None) -> None:
        self.period = PERIOD if poller is not None else _DRAIN
        self._found, self._tracer, self._poller = found, tracer, poller
        self._memory_at = 0.0  # when resident memory was looked at last

    def __call__(self) -> bool:
        """Look once. Return whether there is room for more."""
        if self._tracer is not None:
            self._tracer.drain()
            note_affinity(self._found.affinity, self._found.root)
            if time.monotonic() - self._memory_at > _MEMORY:
                self._memory_at = time.monotonic()
                for pid, resident in _resident(self._found.root):
                    most = self._found.resident.get(pid, 0)
                    self._found.resident[pid] = max(most, resident)
                    for number in threads_of(pid):
                        note_affinity(self._found.affinity, number)
            return not self._tracer.full
        assert self._poller is not None
        begun = time.monotonic()
        self._poller.look()
        self.period = max(PERIOD, _SHARE * (time.monotonic() - begun))
        return not self._poller.full


@contextlib.contextmanager
def _watcher(
    tracer: Tracer | None, found: Watched, pids: Sequence[int] | None = None
) -> Iterator[_Look]:
    """Begin to watch `found.roots`; at the end take what was seen."""
    if tracer is not None:
        tracer.watch(found.roots)
        look = _Look(found, tracer, None)
        yield look
        tracer.stop()
        tracer.release()
        found.lines, found.full = tracer.lines(), tracer.full
        return
    with contextlib.closing(Poller(pids or found.roots)) as poller:
        yield _Look(found, None, poller)
        poller.look()
        found.samples, found.full = poller.samples, poller.full
        found.affinity |= poller.affinity


def _until(
    is_over: Callable[[], bool],
    death: int,
    look: _Look,
    duration: float | None,
    interrupted: list[int],
    found: Watched,
) -> None:
    """Look until the command is over, the time is up, it was interrupted, or there is no room."""
    until = None if duration is None else time.monotonic() + duration
    while not is_over():
        if not look():
            found.stopped = mark("there is no room for more")
            return
        if until is not None and time.monotonic() >= until:
            found.stopped = mark("its duration is over")
            return
        if interrupted:
            found.stopped = INTERRUPTED
            select.select([death], [], [], 1.0)  # the command got Ctrl-C as well
            return
        select.select([death], [], [], look.period)
        note_affinity(found.affinity, found.root)  # a process that is not reaped still tells it
    if interrupted:  # the command ended by it before this was looked at
        found.stopped = INTERRUPTED


def _resident(root: int) -> Iterator[tuple[int, int]]:
    """Yield pid and resident memory (bytes) of the command and what it has begun."""
    page = os.sysconf("SC_PAGE_SIZE")
    for pid in [root, *(child for child, _ in descendants(root))]:
        found = stat_of(pid)
        if found is not None:
            yield pid, int(found[1][21]) * page


def tracer_or_reason() -> tuple[Tracer | None, str]:
    """Return a tracer that is set up, or why there is none."""
    try:
        return Tracer().__enter__(), ""
    except MultiprogError as error:
        return None, str(error)
