"""What must be true of every run, simulated or real, whatever the policy decided.

The laws are in `laws_of_lives`, `laws_of_cores`, `laws_of_queues`, `laws_of_jobs`,
`laws_of_families` and `laws_of_memory`, a generator each, which goes once over rows that
`timeline.record.sorted_run` has sorted.
`check` is the same code for both machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from timeline.laws import cores, jobs, memory
from timeline.laws import process_tree as families
from timeline.laws import processes as lives
from timeline.laws import ready_queues as queues
from timeline.record.run import Run
from timeline.record.sorted_run import Law, SortedRun

MOST = 20
"""Violations listed of one law: the first few say what is wrong."""

LAWS: dict[str, Law] = {
    "one process a core": cores.one_process_a_core,
    "one core a process": lives.one_core_a_process,
    "no gap, no overlap": lives.no_gap_no_overlap,
    "legal states": lives.legal_states,
    "CPU as asked": lives.cpu_as_asked,
    "metrics as recorded": lives.metrics_as_recorded,
    "cores add up": cores.cores_add_up,
    "cores not overbooked": cores.not_overbooked,
    "moments in order": lives.moments_in_order,
    "first come, first admitted": memory.first_come_first_admitted,
    "partitions apart": memory.partitions_apart,
    "program fits": memory.program_fits,
    "kept in its partition": memory.kept_in_its_partition,
    "placed by the scheme": memory.placed_by_the_scheme,
    "who waits has no place": memory.who_waits_has_no_place,
    "degree within its bound": memory.degree_within_its_bound,
    "swapped out, not running": memory.runs_in_memory,
    "families in order": families.families_in_order,
    "jobs in order": jobs.jobs_in_order,
    "one queue a process": queues.stays_at_its_core,
    "no idle core while ready": queues.no_idle_core_while_ready,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the record breaks a law. `message` is complete without the other fields."""

    law: str
    message: str
    at_ns: int
    process: str | None = None
    core: int | None = None


def check(run: Run) -> list[Violation]:
    """The laws that `run` breaks, at most MOST places of each; empty for a sound record."""
    return check_sorted(SortedRun(run))


def check_sorted(sorted_run: SortedRun, laws: Mapping[str, Law] = LAWS) -> list[Violation]:
    """`check`, of a run that is already sorted, and of some `laws` only if they are given."""
    return [
        Violation(name, *breach)
        for name, law in laws.items()
        for breach in islice(law(sorted_run), MOST)
    ]
