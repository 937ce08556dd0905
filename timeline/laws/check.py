"""The laws: sentences that the record of each run, simulated or real, must obey.

They hold whatever the policy decided. Each law is a generator over the rows that
`timeline.record.sorted_run` has sorted. It yields the places where the record breaks it. `check` is
the same code for both machines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from timeline.laws import (
    admission,
    cores,
    jobs,
    legal_states,
    memory,
    placement,
    process_tree,
    processes,
    ready_queues,
)
from timeline.record.run import Run
from timeline.record.sorted_run import Law, SortedRun

MOST = 20
"""How many violations of one law are listed at most: the first ones say what is wrong."""

LAWS: dict[str, Law] = {
    "one process a core": cores.one_process_a_core,
    "one core a process": processes.one_core_a_process,
    "no gap, no overlap": processes.no_gap_no_overlap,
    "legal states": legal_states.legal_states,
    "CPU as asked": processes.cpu_as_asked,
    "metrics as recorded": processes.metrics_as_recorded,
    "cores add up": cores.cores_add_up,
    "cores not overbooked": cores.not_overbooked,
    "times in order": processes.times_in_order,
    "first come, first admitted": admission.first_come_first_admitted,
    "partitions apart": memory.partitions_apart,
    "program fits": memory.program_fits,
    "kept in its partition": memory.kept_in_its_partition,
    "placed by the scheme": placement.placed_by_the_scheme,
    "a waiting program has no place": admission.none_waits_beside_free_space,
    "degree within its bound": admission.degree_within_its_bound,
    "swapped out, not running": memory.runs_in_memory,
    "process tree in order": process_tree.process_tree_in_order,
    "jobs in order": jobs.jobs_in_order,
    "one queue a process": ready_queues.stays_at_its_core,
    "no idle core while ready": ready_queues.no_idle_core_while_ready,
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where the record breaks a law. `message` can be read without the other fields."""

    law: str
    message: str
    at_ns: int
    process: str | None = None
    core: int | None = None


def check(run: Run) -> list[Violation]:
    """Return the violations of all laws by `run`, at most MOST of each law."""
    return check_sorted(SortedRun(run))


def check_sorted(sorted_run: SortedRun, laws: Mapping[str, Law] = LAWS) -> list[Violation]:
    """Return the violations of `laws` (by default all) by a run that is already sorted."""
    return [
        Violation(name, *breach)
        for name, law in laws.items()
        for breach in islice(law(sorted_run), MOST)
    ]
