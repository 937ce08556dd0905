"""What a real run of any kind hands over when it is over: the facts of which its record is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.scheduling.explain import Decision
from real.host.cpus import Cpus
from real.host.privilege import REAL_TIME
from timeline.record.intervals import Intervals
from timeline.record.metrics import ProcessFacts
from timeline.record.run import LifecycleEvent, MemoryEvent, Observation, Overhead


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what conditions a run ran, and how it ended."""

    cpus: Cpus
    privilege: Sequence[str]  # what the system granted, in words
    stolen: int  # ns that a hypervisor took from the cores
    stopped: str | None  # why it ended before its programs did

    @property
    def supervisor_core(self) -> int | None:
        """Return the core that the supervisor shares with workers.

        None: it has a processor of its own, or runs wherever the system puts it.
        """
        alone = self.cpus.spare or REAL_TIME not in self.privilege
        return None if alone else len(self.cpus.cores) - 1


@dataclass(frozen=True, slots=True)
class Recorded:
    """What `make_run` needs of a run. `epoch` is its first moment, absolute ns."""

    epoch: int
    intervals: Intervals
    facts: Sequence[ProcessFacts]
    machine: dict[str, Any]  # of this kind of run
    overheads: Iterable[Overhead]
    memory_events: Iterable[MemoryEvent] = ()
    decisions: Sequence[Decision] | None = None
    stuck: Sequence[str] = ()
    life: Iterable[LifecycleEvent] | None = None
    observations: Iterable[Observation] = ()
