"""The same on real processes: the submission decides there, too, and the order must be the model's.

A real run takes its time, so of each kind of workload one is run. It is compared with the model's
run of the same submission. What noise leaves undecided costs the student nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kernel.units import seconds
from kernel.workload import Workload
from language.assignments import AssignmentFile
from teaching.assignment.asking import Asking
from teaching.assignment.cases import Case
from teaching.submission.files import Submission
from timeline.comparison.compare import compare
from timeline.comparison.criteria import DIFFERENT
from timeline.record.run import Run

LONGEST = seconds(3)
"""The longest run of the model that is repeated on real processes, ns."""
Machine = Callable[[Workload], Run]
"""Runs a workload on real processes."""


@dataclass(frozen=True, slots=True)
class RealRuns:
    """The cases that are run on real processes, too, and how."""

    assignment: AssignmentFile
    asking: Asking
    machine: Machine
    chosen: frozenset[Case]

    def problem(self, submission: Submission, case: Case, model: Run) -> str:
        """Return why the real run is not as `model`, the simulated one; "" if it is."""
        workload = case.workload(self.assignment.workload.scheduler)
        outcome = self.asking.on(submission, workload, self.machine)
        if outcome.run is None:
            return f"on real processes: {outcome.problem}"
        schedule = compare(model, outcome.run).schedule
        return f"on real processes: {schedule.reason}" if schedule.verdict == DIFFERENT else ""


def chosen(cases: Sequence[Case], length: Callable[[Case], int]) -> frozenset[Case]:
    """Return the first case of each kind that can be run here. `length`: of the model's run, ns.

    One processor is left to the submission: behind the workers it would answer late.
    """
    found: dict[str, Case] = {}
    spare = len(os.sched_getaffinity(0)) - 1
    for case in cases:
        if case.cores <= max(1, spare) and length(case) <= LONGEST:
            found.setdefault(case.kind, case)
    return frozenset(found.values())
