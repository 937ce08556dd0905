"""A policy that passes each question on to a submission's process, and checks its answers.

Both machines run it like any other policy. What needs no answer is sent with the next question.
The checks are those that keep the run sound; a submission that keeps to the interface meets the
kinder ones of `kernel.scheduling.checked` before, in its own process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from kernel.errors import PolicyError
from kernel.process.control_block import Process
from kernel.process.states import READY, RUNNING
from kernel.scheduling.checked import MOST_SHORT, MOST_TAKEN, SHORT
from kernel.scheduling.policy import OPTIONAL, Policy
from kernel.units import LARGEST
from kernel.workload import SchedulerSpec
from teaching.submission import protocol
from teaching.submission.conversation import Conversation
from translation import tr

_static = attrgetter(*protocol.STATIC)
_dynamic = attrgetter(*protocol.DYNAMIC)


class Messages:
    """The calls that are not sent yet, and what the submission was told of the processes."""

    def __init__(
        self, conversation: Conversation, hidden: Sequence[str], policies: int, seed: int
    ) -> None:
        """Begin a run with that many policies, and that seed of their random generator."""
        self._conversation = conversation
        self._hidden = [name in hidden for name in protocol.DYNAMIC]
        self._waiting: list[list[Any]] = [["begin", 0, 0, [], [policies, seed]]]
        conversation.begin_run()
        self._told: dict[Process, tuple[Any, ...]] = {}

    @property
    def overrides(self) -> frozenset[str]:
        """Return the optional methods that the submission says it has."""
        return self._conversation.overrides

    def tell(self, method: str, policy: int, now: int, *arguments: Any) -> None:
        """Note a call that answers nothing."""
        self._waiting.append([method, policy, now, self._changes(), arguments])

    def ask(self, method: str, policy: int, now: int, *arguments: Any) -> Any:
        """Send all calls, this one last, and return its answer."""
        self.tell(method, policy, now, *arguments)
        calls, self._waiting = self._waiting, []
        return self._conversation.ask(calls)

    def finish(self) -> None:
        """Send what is left."""
        calls, self._waiting = self._waiting, []
        self._conversation.finish(calls)

    def introduce(self, process: Process) -> None:
        """Tell what never changes of a process, before the first call that has it."""
        if process not in self._told:
            self._told[process] = ()
            self._waiting.append(["process", 0, 0, [], _static(process)])

    def forget(self, process: Process) -> None:
        """Tell nothing more of a process that has ended."""
        self._told.pop(process, None)

    def _changes(self) -> list[list[Any]]:
        changes = []
        for process, told in self._told.items():
            values = _dynamic(process)
            if values != told:
                self._told[process] = values
                shown = [
                    None if hidden else value
                    for hidden, value in zip(self._hidden, values, strict=True)
                ]
                changes.append([process.index, *shown])
        return changes


class SubmittedPolicy(Policy):
    """The policy of the grader's run: its decisions are a submission's, each of them checked."""

    rule = "the submission's"

    def __init__(self, messages: Messages, number: int) -> None:
        self._messages, self._number = messages, number
        self._ready: dict[int, Process] = {}
        self._running: dict[int, Process] = {}
        self._short = self._taken = self._short_reviews = 0  # in a row
        self._reviewed_at = -SHORT

    @property
    def overrides(self) -> frozenset[str]:
        """Return what the submission overrides, and `ran`: it says which processes run."""
        return self._messages.overrides.intersection(OPTIONAL) | {"ran"}

    def setup(self) -> None:
        self._messages.tell("setup", self._number, self.now)

    def ready(self, process: Process, why: str) -> None:
        self._messages.introduce(process)
        self._ready[process.index] = process
        self._messages.tell("ready", self._number, self.now, process.index, why)

    def removed(self, process: Process) -> None:
        del self._ready[process.index]
        self._messages.tell("removed", self._number, self.now, process.index)

    def ran(self, process: Process, duration: int, why: str) -> None:
        self._running.pop(process.index, None)
        self._taken = 0 if duration else self._taken
        if "ran" in self._messages.overrides:
            self._messages.tell("ran", self._number, self.now, process.index, duration, why)
        if why == "ended":
            self._messages.forget(process)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        if not self._ready:
            return None
        answer = self._ask("pick", core)
        if not isinstance(answer, list) or len(answer) != 2 or type(answer[0]) is not int:
            raise PolicyError(tr("pick() named no process, and one is ready"))
        process = self._ready.pop(answer[0], None)
        if process is None or process.state not in (READY, RUNNING):
            raise PolicyError(tr("pick() named a process that is not ready"))
        length = self._length("pick", process, answer[1])
        self._running[process.index] = process
        return process, length

    def loses(self, running: Sequence[Process]) -> Process | None:
        for process in running:
            self._messages.introduce(process)
        answer = self._ask("loses", [process.index for process in running])
        if answer is None:
            return None
        found = [process for process in running if process.index == answer]
        if not found or type(answer) is not int:
            raise PolicyError(tr("loses() named a process that does not run"))
        self._taken += 1
        if self._taken > MOST_TAKEN:
            raise PolicyError(
                tr("loses() took {limit:,} cores in a row from unused slices", limit=MOST_TAKEN)
            )
        return found[0]

    def next_review(self) -> int | None:
        at = self._ask("next_review")
        if at is not None and (type(at) is not int or not self.now < at <= LARGEST):
            raise PolicyError(tr("next_review() must return a time later than now, in ns, or None"))
        return at

    def review(self) -> Mapping[Process, int | None] | None:
        near = self.now - self._reviewed_at < SHORT
        self._reviewed_at = self.now
        self._short_reviews = self._short_reviews + 1 if near else 0
        if self._short_reviews > MOST_SHORT:
            raise PolicyError(
                tr("{limit:,} reviews in a row were less than 1us apart", limit=MOST_SHORT)
            )
        answer = self._ask("review")
        planned: dict[Process, int | None] = {}
        for entry in answer if isinstance(answer, list) else ():
            whole = isinstance(entry, list) and len(entry) == 2 and type(entry[0]) is int
            process = self._running.get(entry[0]) if whole else None
            if process is None or process.state is not RUNNING or process.index in self._ready:
                raise PolicyError(tr("review() planned a slice of a process that does not run"))
            planned[process] = self._length("review", process, entry[1])
        return planned

    def seeks_idle_core(self, process: Process) -> bool:
        return self._ask("seeks_idle_core", process.index) is True

    def _ask(self, method: str, *arguments: Any) -> Any:
        return self._messages.ask(method, self._number, self.now, *arguments)

    def _length(self, method: str, process: Process, length: Any) -> int | None:
        if length is None:
            self._short = 0
            return None
        if type(length) is not int or not 0 < length <= LARGEST:
            raise PolicyError(
                tr(
                    "{method}() gave {process} a slice of no length in ns",
                    method=method,
                    process=process.name,
                )
            )
        self._short = self._short + 1 if length < min(SHORT, process.left) else 0
        if self._short > MOST_SHORT:
            raise PolicyError(
                tr(
                    "{method}() gave {limit:,} slices of less than 1us in a row",
                    method=method,
                    limit=MOST_SHORT,
                )
            )
        return length


@dataclass(frozen=True, slots=True)
class SubmittedScheduler(SchedulerSpec):
    """The scheduler of a run in which a submission decides."""

    make: Callable[[], Policy] = Policy

    def build(self) -> Policy:
        """Return a policy that asks the submission.

        The warm-up of a real run replaces the class by one of Multiprog's, and so gets that one.
        """
        return self.make() if self.policy is SubmittedPolicy else SchedulerSpec.build(self)
