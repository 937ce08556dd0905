"""The record that a simulated machine writes during a run.

It is kept in memory as a whole, and a `Run` is made from it. `timeline.files.streaming` has a
record that is written to a file instead.
"""

from __future__ import annotations

from kernel.process.spec import ProcessSpec
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import MemoryEvent, Overhead


class Record:
    """Everything that happened, in order. `facts` has the index of the process as its key."""

    def __init__(self) -> None:
        self.intervals = Intervals()
        self.facts: dict[int, ProcessFacts] = {}
        self.overheads: list[Overhead] = []
        self.memory_events: list[MemoryEvent] = []

    def begin(self, spec: ProcessSpec) -> ProcessFacts:
        """Return the facts of a process that has arrived. The machine fills them in."""
        facts = self.facts[spec.index] = ProcessFacts()
        return facts

    def end(self, index: int) -> None:
        """Note that this process has ended, and nothing more will be recorded of it."""

    def flush(self) -> None:
        """Pack the loose rows of intervals. The machine calls it now and then."""
        self.intervals.pack()

    def all_facts(self, processes: int) -> list[ProcessFacts]:
        """Return the facts in file order; empty ones for processes that never arrived."""
        return [self.facts.get(index) or ProcessFacts() for index in range(processes)]
