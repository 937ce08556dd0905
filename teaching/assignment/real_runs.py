"""The same on real processes: the submission decides there, too, and the order must be the model's.

A real run takes its time, so of each kind of workload one is run. It is compared with the model's
run of the same submission. What noise leaves undecided costs the student nothing, and an order that
differs must differ in several runs: an answer that came late is no fault of the policy's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from kernel.units import seconds
from teaching.assignment.asking import OTHERWISE, Asking, Machine, Outcome
from teaching.assignment.cases import Case
from teaching.submission.files import Submission
from timeline.comparison.compare import compare
from timeline.comparison.criteria import DIFFERENT, THE_SAME
from translation import tr

LATE_ANSWER = 0.002
"""Seconds. If an answer took longer, other programs or the policy's own computing have moved the
real run, and a different order is not judged."""
RUNS = 3
"""Real runs that must all differ from the model."""
LONGEST = seconds(3)
"""The longest run of the model that is repeated on real processes, ns."""


@dataclass(frozen=True, slots=True)
class RealRuns:
    """The cases that are run on real processes, too, and how."""

    asking: Asking
    machine: Machine
    chosen: frozenset[Case]

    def confirmed(self, submission: Submission, case: Case, outcome: Outcome) -> Outcome:
        """Return the outcome of the model after real runs: confirmed, unchanged, or failed."""
        problem = ""
        for _ in range(RUNS):
            found = self.asking.on(submission, case, self.machine)
            if found.run is None:
                return Outcome(None, OTHERWISE, _on_real_processes(found.problem))
            assert outcome.run is not None
            schedule = compare(outcome.run, found.run).schedule
            if schedule.verdict == THE_SAME:
                return replace(outcome, real=True)
            if schedule.verdict != DIFFERENT or found.slowest > LATE_ANSWER:
                return outcome
            problem = _on_real_processes(schedule.reason)
        return Outcome(None, OTHERWISE, problem)


def _on_real_processes(problem: str) -> str:
    return tr("on real processes: {problem}", problem=problem)


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
