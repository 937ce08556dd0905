"""The time that the hypervisor took of a run's cores, and from which processes.

A worker sees a gap of its clock, but not which program had the core in the gap. /proc/stat says how
long the hypervisor had the cores in total, in steps of 10 ms. That is too coarse to say which gap
it caused. So the share of stolen time is assumed to be the same in the gaps of each process.
"""

from __future__ import annotations

from collections.abc import Mapping

from timeline.comparison.causes.core_losses import outsiders_ns
from timeline.record.run import Run


def stolen_ns(run: Run) -> int:
    """Return the ns that the hypervisor took of all cores that the run used."""
    steal = run.machine.get("steal_ns") or 0
    if isinstance(steal, Mapping):
        return sum(steal.values())
    return sum(steal) if isinstance(steal, list) else int(steal)


def stolen_part(run: Run, gaps_ns: int) -> int:
    """Return how much (ns) of a process's gaps, `gaps_ns` in total, the hypervisor took."""
    lost = outsiders_ns(run).total()
    return gaps_ns * min(stolen_ns(run), lost) // lost if lost else 0
