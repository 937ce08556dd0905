"""What a simulated machine writes down while it runs.

It is kept whole, and becomes a `Run`; `timeline.files.streaming` has one that goes into a file.
"""

from __future__ import annotations

from kernel.process.spec import ProcessSpec
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import MemoryEvent, Overhead


class Record:
    """Everything, in the order in which it happened. `facts` are those of each process's index."""

    def __init__(self) -> None:
        self.intervals = Intervals()
        self.facts: dict[int, ProcessFacts] = {}
        self.overheads: list[Overhead] = []
        self.memory_events: list[MemoryEvent] = []

    def begin(self, spec: ProcessSpec) -> ProcessFacts:
        """A process has arrived: what is known of it goes into these."""
        facts = self.facts[spec.index] = ProcessFacts()
        return facts

    def end(self, index: int) -> None:
        """Nothing more will come of this process."""

    def flush(self) -> None:
        """Called now and then: what is loose is packed, or goes its way."""
        self.intervals.pack()

    def all_facts(self, processes: int) -> list[ProcessFacts]:
        """In file order; empty ones of those that never came."""
        return [self.facts.get(index) or ProcessFacts() for index in range(processes)]
