"""What the hypervisor took from a run's cores, and whose time it was.

A worker sees a gap of its clock, whoever took the core from it. /proc/stat tells how long the
hypervisor had the cores in all, in steps of 10 ms: too coarse to say which gap was its own. So of
each process's gaps that share is taken to be stolen, which it was of all gaps together.
"""

from __future__ import annotations

from collections.abc import Mapping

from timeline.comparison.core_losses import outsiders_ns
from timeline.record.run import Run


def stolen_ns(run: Run) -> int:
    """In all, of the cores that the run used."""
    steal = run.machine.get("steal_ns") or 0
    if isinstance(steal, Mapping):
        return sum(steal.values())
    return sum(steal) if isinstance(steal, list) else int(steal)


def stolen_part(run: Run, gaps_ns: int) -> int:
    """How much of `gaps_ns`, in which a process waited for somebody outside, was stolen."""
    lost = outsiders_ns(run).total()
    return gaps_ns * min(stolen_ns(run), lost) // lost if lost else 0
