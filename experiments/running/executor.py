"""Where chunks of replications are executed: the executors have one face.

`Local` executes in this process. `Cores` has a worker process for each slot, each in a pool of its
own (`concurrent.futures`), so that a process that dies is known to have had this chunk and no
other.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Protocol

from experiments.running.bench import Bench, Done, Span
from experiments.running.died import Died
from experiments.running.guard import guard, last_words
from experiments.running.setup import Setup
from kernel.errors import PolicyError


class Executor(Protocol):
    """Executes chunks, several at a time."""

    @property
    def slots(self) -> int:
        """How many chunks it takes at a time."""

    def submit(self, spans: Sequence[Span], budget: float, /) -> Future[Done]:
        """Begin a chunk, for about `budget` seconds. The future raises Died, or MultiprogError."""

    def close(self) -> None:
        """End all workers at once, whatever they do."""


class Local:
    """Executes each chunk in this process, in `submit`."""

    slots = 1

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def submit(self, spans: Sequence[Span], budget: float) -> Future[Done]:
        """Execute the chunk."""
        future: Future[Done] = Future()
        try:
            future.set_result(self._bench.make(list(spans), budget))
        except Exception as error:
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Do nothing: there are no workers."""


class Cores:
    """Executes chunks in worker processes of this machine."""

    def __init__(self, setup: Setup, slots: int) -> None:
        self._setup, self.slots = setup, slots
        self._free: list[_Worker | None] = [None] * slots
        self._all: set[_Worker] = set()

    def submit(self, spans: Sequence[Span], budget: float) -> Future[Done]:
        """Give the chunk to a free worker; the caller keeps to `slots`."""
        worker = self._free.pop()
        if worker is None:
            worker = _Worker(self._setup)
            self._all.add(worker)
        answer: Future[Done] = Future()
        working = worker.submit(spans, budget)
        working.add_done_callback(lambda done: self._take(worker, done, answer))
        return answer

    def _take(self, worker: _Worker, done: Future[Done], answer: Future[Done]) -> None:
        """Pass on what a worker has answered. A thread of its pool calls it."""
        error = CancelledError() if done.cancelled() else done.exception()
        if isinstance(error, BrokenProcessPool | CancelledError):
            self._all.discard(worker)
            self._free.append(None)
            answer.set_exception(worker.last_words() or Died())
            return
        self._free.append(worker)
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(done.result())

    def close(self) -> None:
        """Kill the workers. Chunks that are under way are lost."""
        for worker in list(self._all):
            worker.kill()
        self._all.clear()


class _Worker:
    """A pool of one process, and the file into which that process writes where it was ended."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._trace = os.memfd_create("multiprog-trace") if setup.files else -1
        trace = f"/proc/{os.getpid()}/fd/{self._trace}"
        self._pool = ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(setup, os.getpid(), trace),
        )

    def submit(self, spans: Sequence[Span], budget: float) -> Future[Done]:
        """Give it a chunk. The first one starts the process."""
        with _interruptions_blocked():  # the process inherits it: Ctrl-C is for the command
            return self._pool.submit(_make, list(spans), budget)

    def last_words(self) -> PolicyError | None:
        """Return why the timer of a policy has ended the process; None if it has not."""
        if self._trace < 0:
            return None
        text = os.pread(self._trace, 1 << 16, 0).decode("ascii", "replace")
        os.close(self._trace)
        limit = self._setup.options.limit("policy")
        words = last_words(text, self._setup.files, limit)
        return None if words is None else PolicyError(words)

    def kill(self) -> None:
        """Kill the process."""
        for process in list((self._pool._processes or {}).values()):  # noqa: SLF001 - no other way
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interruptions_blocked() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_bench: Bench | None = None  # of this worker process


def _begin(setup: Setup, parent: int, trace: str) -> None:
    """Prepare a worker process: it dies with the command, and makes its bench."""
    global _bench  # noqa: PLW0603 - a worker process has one bench
    from real.host.syscalls import die_with

    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if setup.files:
        guard(setup.options.limit("policy"), trace)
    _bench = Bench(setup)


def _make(spans: list[Span], budget: float) -> Done:
    assert _bench is not None
    return _bench.make(spans, budget)
