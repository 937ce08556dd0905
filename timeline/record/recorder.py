"""What a simulated machine writes down while it runs.

It is kept whole, and becomes a `Run`; `timeline.files.streaming` has one that goes into a file.
"""

from __future__ import annotations

from kernel.process.spec import ProcessSpec
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import MemoryEvent, Overhead


class Record:
    """Everything that happened, in order. `facts` are by the index of the process."""

    def __init__(self) -> None:
        self.intervals = Intervals()
        self.facts: dict[int, ProcessFacts] = {}
        self.overheads: list[Overhead] = []
        self.memory_events: list[MemoryEvent] = []

    def begin(self, spec: ProcessSpec) -> ProcessFacts:
        """Return the facts of a process that has arrived, to be filled in."""
        facts = self.facts[spec.index] = ProcessFacts()
        return facts

    def end(self, index: int) -> None:
        """Note that nothing more will come of this process."""

    def flush(self) -> None:
        """Pack what is loose. The machine calls it now and then."""
        self.intervals.pack()

    def all_facts(self, processes: int) -> list[ProcessFacts]:
        """Return the facts in file order; empty ones of processes that never came."""
        return [self.facts.get(index) or ProcessFacts() for index in range(processes)]
