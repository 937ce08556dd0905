"""Where submissions are graded on a worker of a cluster.

The worker confines a submission as this machine does: the submission's process has its limits, and
as root another user. A worker that cannot is refused before anything is graded.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from kernel.errors import UsageError
from language.assignments import AssignmentFile, assignment_in
from language.source.options import Options
from language.variants import ScenarioText
from teaching.assignment.crew import graded
from teaching.assignment.grading import Grader, GradingOptions
from teaching.marks import Marks
from teaching.submission import seccomp
from teaching.submission.account import account_of
from teaching.submission.files import Submission
from teaching.submission.host import CANNOT_CONFINE, Host
from translation import chosen, tr
from translation.languages import ENGLISH


@dataclass(frozen=True)
class HandedOut:
    """What a worker needs to grade submissions. `user` is the name that the teacher gave."""

    file: str
    text: str
    options: Options
    seed: int
    user: str | None = None
    language: str = ENGLISH  # of the marks

    @classmethod
    def of(
        cls,
        assignment: AssignmentFile,
        seed: int,
        user: str | None,
        language: str | None = None,
    ) -> HandedOut:
        """Return what workers need for an assignment. `language`: None: the one in use."""
        source = assignment.source
        return cls(source.file, source.text, source.options, seed, user, language or chosen())


class SubmissionGrading:
    """Grades submissions. Each thread that grades has a grader and a host of its own."""

    def __init__(self, what: HandedOut) -> None:
        self._assignment = assignment_in(ScenarioText(what.file, what.text, what.options))
        account = account_of(what.user)
        self._options = GradingOptions(seed=what.seed, user=account, language=what.language)
        self._free: list[tuple[Grader, Host]] = []  # those that grade nothing now
        self._lock = threading.Lock()

    def make(self, submission: Submission) -> Marks:
        """Return the marks of a submission. Raises UnconfinedError if it cannot be confined."""
        with self._lock:
            pair = self._free.pop() if self._free else None
        grader, host = pair or self._begun()
        try:
            marks = graded(grader, submission)
        except BaseException:
            host.close()
            raise
        with self._lock:
            self._free.append((grader, host))
        return marks

    def close(self) -> None:
        """End the processes that ask submissions."""
        with self._lock:
            pairs, self._free = self._free, []
        for _, host in pairs:
            host.close()

    def _begun(self) -> tuple[Grader, Host]:
        host = Host(self._options.user)
        return Grader(self._assignment, self._options, host), host


def lacking(user: str | None) -> str:
    """Return what this machine lacks to confine submissions that are asked as `user`; "": nothing.

    A cluster calls it on each worker.
    """
    if not seccomp.is_offered():
        return tr(CANNOT_CONFINE)
    try:
        account_of(user)
    except UsageError as error:
        return str(error)
    return ""
