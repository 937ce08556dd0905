"""The marks of one submission: it runs on each hidden workload, and each check is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from language.assignments import AssignmentFile
from language.schema.assignment import Check
from teaching.assignment import kinds, real_runs
from teaching.assignment.asking import LATE, READ, Asking, Machine, Outcome
from teaching.assignment.cases import Case
from teaching.assignment.checks import title_of
from teaching.assignment.counterexample import Counterexamples
from teaching.assignment.leaderboard import measures
from teaching.assignment.real_runs import RealRuns
from teaching.assignment.solution import Solution, of_check
from teaching.marks import UNREAD, Marks, Part
from teaching.submission.files import Submission
from teaching.submission.host import Host
from teaching.workers import in_the_language
from translation import chosen, in_english, tr

MOST_LATE = 2
"""Runs of a submission that may take too long; after so many it is asked no more."""


@dataclass(frozen=True, slots=True)
class GradingOptions:
    """How submissions are graded.

    `user`: uid and gid of their processes; None: the grader's. `jobs`: how many are graded at the
    same time; None: as many as there are processors.
    """

    seed: int = 0
    user: tuple[int, int] | None = None
    jobs: int | None = None
    machine: Machine | None = None  # runs on real processes, too
    language: str = field(default_factory=chosen)  # of the marks


def cases_of(assignment: AssignmentFile, seed: int) -> list[Case]:
    """Return the hidden workloads of this seed."""
    return kinds.cases(assignment.assignment.workloads, seed, assignment.workload.scheduler)


class Grader:
    """Grades one submission after the other."""

    def __init__(self, assignment: AssignmentFile, options: GradingOptions, host: Host) -> None:
        self._assignment = assignment
        self._checks = assignment.assignment.checks
        self._options = options
        self._solution = Solution(assignment)
        self._asking = Asking(assignment, host)
        self._scheduler = assignment.workload.scheduler
        self._cases = cases_of(assignment, options.seed)
        self._real = None if options.machine is None else self._real_runs(options.machine)

    def require_full_marks(self) -> None:
        """Raise ScenarioError if the model solution does not meet the assignment's checks."""
        self._solution.require_full_marks(self._cases)

    def _real_runs(self, machine: Machine) -> RealRuns:
        length = real_runs.chosen(self._cases, lambda case: self._solution.run(case).makespan_ns)
        return RealRuns(self._asking, machine, length)

    def marks(self, submission: Submission) -> Marks:
        """Return the marks. Whatever the submission does, it is no error of the grader's."""
        with in_the_language(self._options.language):
            return self._marks(submission)

    def _marks(self, submission: Submission) -> Marks:
        if submission.problem:
            return self._unread(submission, submission.problem)
        outcomes = self._outcomes(submission)
        if outcomes[0].how == READ:
            return self._unread(submission, outcomes[0].problem)
        with self._asking.several(submission) as run:
            shown = Counterexamples(run, self._solution).shown
            parts = [
                self._part(names, check, outcomes, shown)
                for names, check in zip(self._names(), self._checks, strict=True)
            ]
        return Marks(
            submission.student,
            submission.main,
            parts,
            seed=self._options.seed,
            measures=measures(
                self._assignment.assignment.leaderboard, [outcome.run for outcome in outcomes]
            ),
        )

    def _unread(self, submission: Submission, problem: str) -> Marks:
        parts = [
            Part(name, Fraction(0), check.points, "", UNREAD, title)
            for (name, title), check in zip(self._names(), self._checks, strict=True)
        ]
        return Marks(
            submission.student,
            submission.main,
            parts,
            problems=[problem],
            seed=self._options.seed,
            gradable=False,
        )

    def _names(self) -> Iterable[tuple[str, str]]:
        """Return the English name of each check, and its title in the language in use."""
        titles = self._titles()
        with in_english():
            return zip(self._titles(), titles, strict=True)

    def _titles(self) -> list[str]:
        """Return a different title for each check."""
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
            outcome = _not_asked() if late >= MOST_LATE else self._outcome(submission, case)
            outcomes.append(outcome)
            late += outcome.how == LATE
            if outcome.how == READ and len(outcomes) == 1:
                break
        return outcomes

    def _outcome(self, submission: Submission, case: Case) -> Outcome:
        outcome = self._asking.run(submission, case)
        if outcome.run is not None and self._real is not None and case in self._real.chosen:
            return self._real.confirmed(submission, case, outcome)
        return outcome

    def _part(
        self,
        names: tuple[str, str],
        check: Check,
        outcomes: Sequence[Outcome],
        shown: Callable[[Check, Case, Outcome, str], str],
    ) -> Part:
        judged = [
            (case, outcome, self._solution.wrong(check, case, outcome))
            for case, outcome in zip(self._cases, outcomes, strict=True)
            if case in of_check(check, self._cases)
        ]
        failed = [each for each in judged if each[2]]
        passed = len(judged) - len(failed)
        points = Fraction(check.points * passed, len(judged))
        counted = {"passed": passed, "all": len(judged)}
        feedback = tr("{passed} of {all} hidden workloads", **counted)
        if self._real is not None:
            feedback = tr(
                "{passed} of {all} hidden workloads; {confirmed} confirmed on real processes",
                **counted,
                confirmed=sum(outcome.real for _, outcome, _ in judged),
            )
        if failed:
            feedback += f"\n{shown(check, *failed[0])}"
        name, title = names
        return Part(name, points, check.points, feedback, translated=title)


def _not_asked() -> Outcome:
    """Return the outcome of a submission that has taken too long too often."""
    why = tr("is not run again: it took too long on {number} workloads", number=MOST_LATE)
    return Outcome(None, LATE, why)
