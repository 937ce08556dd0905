"""Where chunks of replications are executed: the executors have one face.

`Local` executes in this process, `experiments/running/cores.py` in worker processes of this
machine, `experiments/running/dask_cluster.py` on a cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for
from typing import Protocol

from experiments.running.bench import Bench, Done, Span


class Executor(Protocol):
    """Executes chunks, several at a time."""

    @property
    def slots(self) -> int:
        """How many chunks it takes at a time."""

    def submit(self, spans: Sequence[Span], budget: float, /) -> Future[Done]:
        """Begin a chunk, for about `budget` seconds. The future raises Died, or MultiprogError."""

    def wait(self, futures: Iterable[Future[Done]]) -> Iterable[Future[Done]]:
        """Wait until at least one of the futures is done, and return those that are."""

    def close(self) -> None:
        """End all workers at once, whatever they do."""


def first_done(futures: Iterable[Future[Done]]) -> Iterable[Future[Done]]:
    """Wait until at least one of the futures is done, and return those that are.

    For executors whose futures are completed by another thread.
    """
    return wait_for(futures, return_when=FIRST_COMPLETED).done


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

    def wait(self, futures: Iterable[Future[Done]]) -> Iterable[Future[Done]]:
        """Return the futures: they are done."""
        return list(futures)

    def close(self) -> None:
        """Do nothing: there are no workers."""
