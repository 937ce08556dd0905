"""What the hypervisor took from a run's cores, and from which processes.

A worker sees a gap of its clock, but not which program took the core from it. /proc/stat tells how
long the hypervisor had the cores in all, in steps of 10 ms: too coarse to say which gap was its
own. So the same share of each process's gaps is taken to be stolen as of all gaps together.
"""

from __future__ import annotations

from collections.abc import Mapping

from timeline.comparison.causes.core_losses import outsiders_ns
from timeline.record.run import Run


def stolen_ns(run: Run) -> int:
    """Return what the hypervisor took of all cores that the run used, ns."""
    steal = run.machine.get("steal_ns") or 0
    if isinstance(steal, Mapping):
        return sum(steal.values())
    return sum(steal) if isinstance(steal, list) else int(steal)


def stolen_part(run: Run, gaps_ns: int) -> int:
    """Return how much of `gaps_ns`, in which programs outside had a process's core, was stolen."""
    lost = outsiders_ns(run).total()
    return gaps_ns * min(stolen_ns(run), lost) // lost if lost else 0
