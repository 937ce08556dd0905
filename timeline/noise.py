"""What others took of a run's cores, and whether a comparison can be trusted with so much of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from timeline.lost import OUTSIDE, outsiders_ns
from timeline.run import REAL, Run
from timeline.stolen import stolen_ns
from timeline.verdict import TOLERANCES, duration, share


@dataclass(frozen=True, slots=True)
class Noise:
    """What was not the scenario's, of each the worst of the runs. Shares are of core time."""

    steal: float  # taken by the hypervisor
    outsiders: float  # taken by other programs
    broken: float = 0.0  # interruptions by those for each slice, however short
    lost_ns: int = 0  # what other programs took of the core that lost most

    @property
    def largest(self) -> float:
        """Whichever took more."""
        return max(self.steal, self.outsiders)

    def doubt(self, tick_ns: int | None = None) -> str | None:
        """Why a difference may not be the model's, in a few words. None: nothing speaks for it.

        `tick_ns`: of runs that the machine's own scheduler decides, which chooses anew after each
        interruption, and whose service curves may be some ticks apart, however long the run.
        """
        if self.largest > TOLERANCES.noise:
            return f"others took {share(self.largest)} of the cores' time"
        if tick_ns is None:
            return None
        if self.broken > TOLERANCES.broken:
            return f"others came in between, {share(self.broken)} as often as there are slices"
        if self.lost_ns > TOLERANCES.service_ticks * tick_ns:
            return f"others had one of the cores for {duration(self.lost_ns)}"
        return None


def noise_of(*runs: Run) -> Noise:
    """The worst of each, of those runs that are real."""
    real = [run for run in runs if run.backend == REAL and run.makespan_ns and run.cores]
    lost = [outsiders_ns(run) for run in real]
    return Noise(
        max((stolen_ns(run) / _core_time(run) for run in real), default=0.0),
        max(map(_outsiders, real, lost), default=0.0),
        max((_broken(run) for run in real), default=0.0),
        max((max(cores.values(), default=0) for cores in lost), default=0),
    )


def _outsiders(run: Run, lost: Counter[int]) -> float:
    if run.machine.get("disturbances"):  # somebody stopped it, or let go on who should not
        return 1.0
    return lost.total() / _core_time(run)


def _broken(run: Run) -> float:
    times = sum(each.why == OUTSIDE for each in run.overheads)
    return times / max(sum(row.slices for row in run.processes), 1)


def _core_time(run: Run) -> int:
    return run.makespan_ns * len(run.cores)
