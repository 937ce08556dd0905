"""A submission's run of a case: the grader simulates, the submission's process decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kernel.errors import PolicyError
from kernel.units import NS_PER
from kernel.workload import SchedulerSpec, Workload
from language.assignments import AssignmentFile
from language.schema.assignment import AssignmentLimits
from sim import simulate
from teaching.assignment.cases import Case
from teaching.submission.confinement import Bounds
from teaching.submission.files import Submission
from teaching.submission.host import Host, LateError, UnreadError
from teaching.submission.proxy import Messages, SubmittedPolicy, SubmittedScheduler
from timeline.record.run import Run

READ, BROKE, LATE, RAN = "cannot be read", "broke a rule", "took too long", "ran"
OTHERWISE = "differs on real processes"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a submission's run: the run, or why there is none."""

    run: Run | None
    how: str = RAN  # one of the words above
    problem: str = ""
    printed: str = ""


class Asking:
    """Runs cases with a submission, each in a process of its own."""

    def __init__(self, assignment: AssignmentFile, host: Host) -> None:
        self._host = host
        self._assignment = assignment.assignment
        self._scheduler = assignment.workload.scheduler
        self._bounds = bounds_of(self._assignment.limits)
        self._name = ":".join(self._assignment.submit)

    def run(self, submission: Submission, case: Case) -> Outcome:
        """Return the outcome of a simulation in which the submission decides."""
        return self.on(submission, case.workload(self._scheduler), simulate)

    def on(
        self, submission: Submission, workload: Workload, machine: Callable[[Workload], Run]
    ) -> Outcome:
        """Return the outcome of a run on `machine` in which the submission decides."""
        many = workload.cores if self._scheduler.queues == "per-core" else 1
        facts = {
            "parameters": dict(self._scheduler.parameters),
            "seed": workload.seed,
            "policies": many,
            "hidden": list(self._assignment.hides),
        }
        printed = ""
        try:
            with self._host.asking(
                submission, self._assignment.submit[1], facts, self._bounds
            ) as conversation:
                messages = Messages(conversation, self._assignment.hides)
                run = machine(replace(workload, scheduler=self._asked(messages)))
                if run.stopped is None:
                    messages.finish()
                printed = conversation.printed
        except UnreadError as error:
            return Outcome(None, READ, str(error))
        except LateError as error:
            return Outcome(None, LATE, str(error))
        except PolicyError as error:
            return Outcome(None, BROKE, str(error))
        if run.stopped is not None:
            return Outcome(None, BROKE, run.stopped)
        return Outcome(run, printed=printed)

    def _asked(self, messages: Messages) -> SchedulerSpec:
        numbers = iter(range(1 << 20))

        def make() -> SubmittedPolicy:
            return SubmittedPolicy(messages, next(numbers))

        spec = self._scheduler
        return SubmittedScheduler(
            name=self._name,
            policy=SubmittedPolicy,
            ties=spec.ties,
            queues=spec.queues,
            balance=spec.balance,
            dispatch="ours",
            make=make,
        )


def bounds_of(limits: AssignmentLimits) -> Bounds:
    """Return the bounds of one run, in the units in which the system counts them."""
    second = NS_PER["s"]
    return Bounds(
        cpu=-(-limits.cpu // second),
        memory=limits.memory,
        wall=-(-limits.time // second),
        decisions=limits.decisions,
    )
