"""The marks of one submission: it runs on each hidden workload, and each check is made."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from language.assignments import AssignmentFile
from language.schema.assignment import MEASURES, Check
from teaching.assignment import kinds
from teaching.assignment.asking import LATE, OTHERWISE, READ, Asking, Outcome
from teaching.assignment.cases import Case
from teaching.assignment.checks import mean_of, title_of, wrong
from teaching.assignment.counterexample import counterexample
from teaching.assignment.real_runs import Machine, RealRuns, chosen
from teaching.assignment.schedule import longest_wait
from teaching.assignment.shrinking import MOST_TRIES, shrunk
from teaching.assignment.solution import Solution, of_check
from teaching.marks import Marks, Measure, Part
from teaching.submission.files import Submission
from teaching.submission.host import Host
from timeline.record.run import Run

MOST_SHRINKING = 20.0
"""Seconds after which a submission's counterexamples get no smaller. It may be slow on purpose."""
MOST_LATE = 2
"""Runs of a submission that may take too long; after so many it is asked no more."""
NOT_ASKED = Outcome(None, LATE, f"is asked no more: {MOST_LATE} workloads before took too long")


@dataclass(frozen=True, slots=True)
class GradingOptions:
    """How submissions are graded. `user`: uid and gid of their processes; None: the grader's."""

    seed: int = 0
    user: tuple[int, int] | None = None
    jobs: int = 1
    machine: Machine | None = None  # runs on real processes, too


class Grader:
    """Grades one submission after the other."""

    def __init__(self, assignment: AssignmentFile, options: GradingOptions, host: Host) -> None:
        self._assignment = assignment
        self._checks = assignment.assignment.checks
        self._options = options
        self._solution = Solution(assignment)
        self._asking = Asking(assignment, host)
        self._scheduler = assignment.workload.scheduler
        self._cases = kinds.cases(
            assignment.assignment.workloads, options.seed, assignment.workload.scheduler
        )
        self._real = None if options.machine is None else self._real_runs(options.machine)
        self._left = 0  # tries at shrinking that are left to the submission
        self._until = 0.0  # when shrinking ends, by the monotonic clock

    def require_full_marks(self) -> None:
        """Raise ScenarioError if the model solution does not meet the assignment's checks."""
        self._solution.require_full_marks(self._cases)

    def _real_runs(self, machine: Machine) -> RealRuns:
        length = chosen(self._cases, lambda case: self._solution.run(case).makespan_ns)
        return RealRuns(self._assignment, self._asking, machine, length)

    def marks(self, submission: Submission) -> Marks:
        """Return the marks. Whatever the submission does, it is no error of the grader's."""
        if submission.problem:
            return self._unread(submission, submission.problem)
        outcomes = self._outcomes(submission)
        if outcomes[0].how == READ:
            return self._unread(submission, outcomes[0].problem)
        self._left, self._until = 2 * MOST_TRIES, time.monotonic() + MOST_SHRINKING
        parts = [
            self._part(name, check, submission, outcomes)
            for name, check in zip(self._names(), self._checks, strict=True)
        ]
        return Marks(
            submission.student,
            submission.main,
            parts,
            seed=self._options.seed,
            measures=self._measures([outcome.run for outcome in outcomes]),
        )

    def _unread(self, submission: Submission, problem: str) -> Marks:
        parts = [
            Part(name, Fraction(0), check.points, "", "cannot be read")
            for name, check in zip(self._names(), self._checks, strict=True)
        ]
        return Marks(
            submission.student,
            submission.main,
            parts,
            problems=[problem],
            seed=self._options.seed,
            gradable=False,
        )

    def _names(self) -> list[str]:
        """Return a different name for each check."""
        names: list[str] = []
        for check in self._checks:
            name = title_of(check, self._scheduler)
            if check.on is not None:
                name += f" ({', '.join(check.on)})"
            while name in names:
                name += "'"
            names.append(name)
        return names

    def _outcomes(self, submission: Submission) -> list[Outcome]:
        outcomes: list[Outcome] = []
        late = 0
        for case in self._cases:
            outcome = NOT_ASKED if late >= MOST_LATE else self._outcome(submission, case)
            outcomes.append(outcome)
            late += outcome.how == LATE
            if outcome.how == READ and len(outcomes) == 1:
                break
        return outcomes

    def _outcome(self, submission: Submission, case: Case) -> Outcome:
        outcome = self._asking.run(submission, case)
        if outcome.run is not None and self._real is not None and case in self._real.chosen:
            problem = self._real.problem(submission, case, outcome.run)
            if problem:
                return Outcome(None, OTHERWISE, problem)
        return outcome

    def _part(
        self, name: str, check: Check, submission: Submission, outcomes: Sequence[Outcome]
    ) -> Part:
        judged = [
            (case, outcome, self._wrong(check, case, outcome))
            for case, outcome in zip(self._cases, outcomes, strict=True)
            if case in of_check(check, self._cases)
        ]
        failed = [each for each in judged if each[2]]
        passed = len(judged) - len(failed)
        points = Fraction(check.points * passed, len(judged))
        feedback = f"{passed} of {len(judged)} hidden workloads"
        if self._real is not None:
            many = sum(case in self._real.chosen for case, *_ in judged)
            feedback += f", {many} of them on real processes, too"
        if failed:
            feedback += f"\n{self._shown(check, submission, *failed[0])}"
        return Part(name, points, check.points, feedback)

    def _wrong(self, check: Check, case: Case, outcome: Outcome) -> str:
        """Return what is wrong with the outcome; "" if nothing is."""
        if outcome.run is None:
            return outcome.problem
        return wrong(check, self._solution.held(case, outcome.run))

    def _shown(
        self, check: Check, submission: Submission, case: Case, outcome: Outcome, said: str
    ) -> str:
        """Return the smallest workload found that shows what is wrong, with its charts."""
        if outcome.how in (LATE, OTHERWISE):
            return f"{case.name}: {said}"
        how = outcome.how
        last = case, outcome, said

        def fails(smaller: Case) -> bool:
            nonlocal last
            self._left -= 1
            if time.monotonic() > self._until:
                return False
            found = self._asking.run(submission, smaller)
            if found.how != how:
                return False
            words = self._wrong(check, smaller, found)
            if words:
                last = smaller, found, words
            return bool(words)

        small = shrunk(case, fails, max(0, min(MOST_TRIES, self._left)))
        if last[0] != small:
            last = case, outcome, said
        case, outcome, said = last
        model = self._compared(check, case)
        return counterexample(case, self._scheduler, said, outcome.run, model)

    def _compared(self, check: Check, case: Case) -> Run:
        if check.rule in MEASURES:
            return self._solution.under(str(check.of), case)
        return self._solution.run(case)

    def _measures(self, runs: Sequence[Run | None]) -> list[Measure]:
        """Return the leaderboard's measures; none if the submission failed on a workload."""
        board = self._assignment.assignment.leaderboard
        whole = [run for run in runs if run is not None]
        if not board or len(whole) < len(runs):
            return []
        return [_MEASURES[name](name, whole) for name in board]


def _mean(name: str, runs: Sequence[Run]) -> Measure:
    values = [mean_of(run, name) or 0 for run in runs]
    return Measure(f"mean {name}", _ms(sum(values) / len(values)), unit="ms")


def _longest(_name: str, runs: Sequence[Run]) -> Measure:
    waits = [wait.end - wait.start for run in runs if (wait := longest_wait(run))]
    return Measure("longest wait", _ms(max(waits, default=0)), unit="ms")


def _makespan(_name: str, runs: Sequence[Run]) -> Measure:
    mean = sum(run.makespan_ns for run in runs) / len(runs)
    return Measure("mean makespan", _ms(mean), unit="ms")


def _preemptions(_name: str, runs: Sequence[Run]) -> Measure:
    many = sum(row.preemptions for run in runs for row in run.processes)
    return Measure("preemptions", many)


def _ms(ns: float) -> float:
    return round(ns / 1e6, 3)


_MEASURES: dict[str, Callable[[str, Sequence[Run]], Measure]] = {
    **dict.fromkeys(MEASURES, _mean),
    "longest_wait": _longest,
    "makespan": _makespan,
    "preemptions": _preemptions,
}
