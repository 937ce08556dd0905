"""Chunks in worker processes of this machine.

Each worker has a pipe of its own, so a process that dies is known to have had this chunk and no
other. The command has one thread, so it may fork: a worker has all that the command has loaded, and
begins within some milliseconds. A command that executes own policies is different. It has cells
that a copy of it must not have (`commands/keeper/`), so there the workers are spawned.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any

from experiments.running.bench import Bench, Done, Span
from experiments.running.died import Died
from experiments.running.guard import guard, last_words
from experiments.running.setup import Setup
from kernel.errors import MultiprogError, PolicyError
from translation import choose


class Cores:
    """Executes chunks in so many worker processes (`slots`), which `submit` starts."""

    def __init__(self, setup: Setup, slots: int) -> None:
        self._setup, self.slots = setup, slots
        self._free: list[_Worker] = []
        self._at_work: dict[Future[Done], _Worker] = {}

    def submit(self, spans: Sequence[Span], budget: float) -> Future[Done]:
        """Give the chunk to a free worker; the caller keeps to `slots`."""
        worker = self._free.pop() if self._free else _Worker(self._setup)
        answer: Future[Done] = Future()
        self._at_work[answer] = worker
        worker.give(list(spans), budget)
        return answer

    def wait(self, futures: Iterable[Future[Done]]) -> Iterable[Future[Done]]:
        """Wait until at least one of the futures is done, and return those that are."""
        workers = {self._at_work[future].answers: future for future in futures}
        done = [workers[answers] for answers in wait(list(workers))]
        for future in done:
            self._take(future, self._at_work.pop(future))
        return done

    def _take(self, future: Future[Done], worker: _Worker) -> None:
        try:
            answer = worker.take()
        except (EOFError, OSError):
            worker.kill()
            future.set_exception(worker.last_words() or Died())
            return
        self._free.append(worker)
        if isinstance(answer, Done):
            future.set_result(answer)
        else:
            future.set_exception(answer)

    def close(self) -> None:
        """Kill the workers. Chunks that are under way are lost."""
        for worker in (*self._free, *self._at_work.values()):
            worker.kill()
        self._free.clear()
        self._at_work.clear()


class _Worker:
    """A worker process, and the file into which that process writes where it was ended."""

    def __init__(self, setup: Setup) -> None:
        from real.host.interrupts import uninterrupted

        self._setup = setup
        self._trace = os.memfd_create("multiprog-trace") if setup.files else -1
        trace = f"/proc/{os.getpid()}/fd/{self._trace}"
        context: Any = multiprocessing.get_context("spawn" if setup.files else "fork")
        self.answers, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(setup, theirs, os.getpid(), trace), daemon=True
        )
        with uninterrupted():  # the process inherits it: Ctrl-C is for the command
            self._process.start()
        theirs.close()

    def give(self, spans: list[Span], budget: float) -> None:
        """Give it a chunk. If it is dead, `take` will say so."""
        with suppress(OSError):
            self.answers.send((spans, budget))

    def take(self) -> Done | MultiprogError:
        """Return what it has made of its chunk, or what is wrong. Raises EOFError or OSError."""
        answer: Done | MultiprogError = self.answers.recv()
        return answer

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
        """Kill the process, and reap it."""
        self._process.kill()
        self._process.join()
        self.answers.close()


def _work(setup: Setup, chunks: Connection, parent: int, trace: str) -> None:
    """Make one chunk after the other, in a worker process, which dies with the command."""
    from real.host.syscalls import die_with

    die_with(parent)
    choose(setup.language)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if setup.files:
        guard(setup.options.limit("policy"), trace)
    gc.freeze()  # what was inherited is not looked at again, so its pages stay shared
    bench = Bench(setup)
    while True:
        spans, budget = chunks.recv()
        answer: Done | Exception
        try:
            answer = bench.make(spans, budget)
        except Exception as error:
            answer = error
        chunks.send(answer)
