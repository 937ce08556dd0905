"""The workplace of a sweep in a worker of a cluster.

Such a worker executes chunks in threads. An own policy needs the main thread of a process, for its
timer, and a process that may be ended: it gets a child (`experiments/running/child.py`).
"""

from __future__ import annotations

import threading

from experiments.running.bench import Bench, Done, Span
from experiments.running.child import Child
from experiments.running.setup import Setup
from translation import choose


class SweepWorkplace:
    """Makes chunks of replications of one setup."""

    def __init__(self, setup: Setup) -> None:
        choose(setup.language)
        self._setup = setup
        self._bench = None if setup.files else Bench(setup)
        self._free: list[Child] = []  # children that have no chunk
        self._lock = threading.Lock()

    def make(self, spans: list[Span], budget: float) -> Done:
        """Make the replications of a chunk. Raises Died if the child that had it is dead."""
        if self._bench is not None:
            return self._bench.make(spans, budget)
        with self._lock:
            child = self._free.pop() if self._free else None
        child = child or Child(self._setup)
        try:
            done = child.make(spans, budget)
        except BaseException:
            child.close()
            raise
        with self._lock:
            self._free.append(child)
        return done

    def close(self) -> None:
        """End the children."""
        with self._lock:
            children, self._free = self._free, []
        for child in children:
            child.close()
