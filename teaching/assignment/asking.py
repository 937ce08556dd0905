"""A submission's run of a case: the grader simulates, the submission's process decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, fields, replace

from kernel.errors import PolicyError
from kernel.units import NS_PER
from kernel.workload import SchedulerSpec, Workload
from language.assignments import AssignmentFile
from language.schema.assignment import AssignmentLimits
from sim import simulate
from teaching.assignment.cases import Case
from teaching.submission.confinement import Bounds
from teaching.submission.conversation import Conversation, LateError, UnreadError
from teaching.submission.files import Submission
from teaching.submission.host import Host
from teaching.submission.proxy import Messages, SubmittedPolicy, SubmittedScheduler
from timeline.record.run import Run

READ, BROKE, LATE, RAN = "cannot be read", "broke a rule", "took too long", "ran"
OTHERWISE = "differs on real processes"
MOST_RUNS = 50
"""Runs in one process, whose CPU time is bounded for all of them together."""
Machine = Callable[[Workload], Run]
"""Runs a workload: the model, or real processes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a submission's run: the run, or why there is none."""

    run: Run | None
    how: str = RAN  # one of the words above
    problem: str = ""
    slowest: float = 0.0  # seconds of the slowest answer
    real: bool = False  # whether a real run has confirmed it


class Asking:
    """Runs cases with a submission, each in a process of its own."""

    def __init__(self, assignment: AssignmentFile, host: Host) -> None:
        self._host = host
        self._assignment = assignment.assignment
        self._scheduler = assignment.workload.scheduler
        self._bounds = bounds_of(self._assignment.limits)
        self._name = ":".join(self._assignment.submit)

    def run(self, submission: Submission, case: Case) -> Outcome:
        """Return the outcome of a simulation in which the submission decides, in a new process."""
        return self.on(submission, case, simulate)

    def on(self, submission: Submission, case: Case, machine: Machine) -> Outcome:
        """Return the outcome of a run on `machine` in which the submission decides."""
        with self.several(submission) as run:
            return run(case, machine)

    @contextmanager
    def several(self, submission: Submission) -> Iterator[Callable[[Case, Machine], Outcome]]:
        """Yield a function that makes runs in one process after the other, as long as it can.

        That takes a third of the time of a process for each run. What a submission remembers from
        one run to the next is its own affair, so no marks are given for such runs.
        """
        with ExitStack() as stack:
            conversation: Conversation | None = None
            many = 0

            def run(case: Case, machine: Machine) -> Outcome:
                nonlocal conversation, many
                many += 1
                if conversation is None or not conversation.is_open or many % MOST_RUNS == 0:
                    stack.close()
                    conversation = None
                try:
                    conversation = conversation or stack.enter_context(self._begun(submission))
                except LateError as error:
                    return Outcome(None, LATE, str(error))
                except UnreadError as error:
                    return Outcome(None, READ, str(error))
                return self._on(conversation, case.workload(self._scheduler), machine)

            yield run

    def _begun(self, submission: Submission) -> AbstractContextManager[Conversation]:
        facts = {
            "parameters": dict(self._scheduler.parameters),
            "hidden": list(self._assignment.hides),
            "draws": self._scheduler.draws,
        }
        return self._host.asking(submission, self._assignment.submit[1], facts, self._bounds)

    def _on(self, conversation: Conversation, workload: Workload, machine: Machine) -> Outcome:
        many = workload.cores if self._scheduler.queues == "per-core" else 1
        messages = Messages(conversation, self._assignment.hides, many, workload.seed)
        try:
            run = machine(replace(workload, scheduler=self._asked(messages)))
            if run.stopped is None:
                messages.finish()
        except LateError as error:
            return Outcome(None, LATE, str(error))
        except PolicyError as error:
            return Outcome(None, BROKE, str(error))
        if run.stopped is not None:
            return Outcome(None, BROKE, run.stopped)
        return Outcome(run, slowest=conversation.slowest)

    def _asked(self, messages: Messages) -> SchedulerSpec:
        numbers = iter(range(1 << 20))

        def make() -> SubmittedPolicy:
            return SubmittedPolicy(messages, next(numbers))

        written = {each.name: getattr(self._scheduler, each.name) for each in fields(SchedulerSpec)}
        changed = {"name": self._name, "policy": SubmittedPolicy, "parameters": {}, "own": False}
        return SubmittedScheduler(**{**written, **changed}, make=make)


def bounds_of(limits: AssignmentLimits) -> Bounds:
    """Return the bounds of one run, in the units in which the system counts them."""
    second = NS_PER["s"]
    return Bounds(
        cpu=-(-limits.cpu // second),
        memory=limits.memory,
        wall=-(-limits.time // second),
        decisions=limits.decisions,
    )
