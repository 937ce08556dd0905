"""The runs of the model solution, and of the policies with whose means a check compares."""

from __future__ import annotations

from dataclasses import replace

from kernel.errors import MultiprogError
from kernel.policies import POLICIES
from kernel.workload import SchedulerSpec
from language.assignments import AssignmentFile
from language.schema.assignment import MEASURES, Check
from sim import simulate
from sim.time_limits import answering
from teaching.assignment.asking import Outcome
from teaching.assignment.cases import Case
from teaching.assignment.checks import Held, title_of, wrong
from teaching.wording import sentences
from timeline.record.run import Run
from translation import tr

MOST_KEPT = 4_000
"""Runs that are kept, so that each is made once, not once for each submission."""


class Solution:
    """Runs cases under the scenario's scheduler, and under other policies. It keeps the runs."""

    def __init__(self, assignment: AssignmentFile) -> None:
        self.scheduler = assignment.workload.scheduler
        self._assignment = assignment
        self._runs: dict[tuple[str, Case], Run] = {}

    def run(self, case: Case) -> Run:
        """Return the model solution's run of the case."""
        return self._kept("", case, self.scheduler)

    def under(self, policy: str, case: Case) -> Run:
        """Return the run of the case under the policy of that name, with its own parameters."""
        kind = POLICIES[policy]
        defaults = kind.parameters()
        quantum = self.scheduler.parameters.get("quantum")
        if "quantum" in defaults and quantum is not None:
            defaults["quantum"] = quantum
        spec = replace(self.scheduler, name=policy, policy=kind, parameters=defaults, own=False)
        return self._kept(policy, case, spec)

    def held(self, case: Case, run: Run) -> Held:
        """Return the run with what checks need to judge it."""
        return Held(
            run,
            self.run(case),
            lambda policy: self.under(policy, case),
            self.scheduler,
            {task.name: task.tickets for task in case.tasks},
            {task.name: task.priority for task in case.tasks},
        )

    def wrong(self, check: Check, case: Case, outcome: Outcome) -> str:
        """Return what is wrong with a submission's outcome by this check; "" if nothing is."""
        if outcome.run is None:
            return outcome.problem
        return wrong(check, self.held(case, outcome.run))

    def compared(self, check: Check, case: Case) -> tuple[str, Run]:
        """Return the run that a submission's is shown beside, and the name of its policy."""
        if check.rule in MEASURES:
            return str(check.of), self.under(str(check.of), case)
        return self.scheduler.name, self.run(case)

    def require_full_marks(self, cases: list[Case]) -> None:
        """Raise ScenarioError if the model solution does not meet a check: no student could."""
        for number, check in enumerate(self._assignment.assignment.checks):
            for case in of_check(check, cases):
                said = wrong(check, self.held(case, self.run(case)))
                if said:
                    what = title_of(check, self.scheduler)
                    message = tr(
                        "the scenario's own scheduler does not meet it ({check}) on the hidden "
                        "workload {workload}: {problem}",
                        check=what,
                        workload=case.name,
                        problem=said,
                    )
                    if check.rule in MEASURES:
                        advice = tr("Allow more, or name another scheduler.")
                        message = sentences(message, advice)
                    raise self._assignment.error(("checks", number), message)

    def _kept(self, name: str, case: Case, scheduler: SchedulerSpec) -> Run:
        run = self._runs.get((name, case))
        if run is None:
            if len(self._runs) >= MOST_KEPT:
                self._runs.clear()
            with answering(scheduler):
                run = simulate(case.workload(scheduler))
            if run.stopped is not None:
                raise MultiprogError(f"{case.name}: {run.stopped}")
            self._runs[name, case] = run
        return run


def of_check(check: Check, cases: list[Case]) -> list[Case]:
    """Return the cases on which the check is made."""
    return [case for case in cases if check.on is None or case.kind in check.on]
