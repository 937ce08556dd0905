"""When a command with an own policy must be killed, and why."""

from __future__ import annotations

import resource
from typing import NamedTuple

from commands.keeper import cells, traces
from commands.keeper.descendants import cpu_seconds, resident_bytes, state_of
from commands.keeper.messages import RULE, place_words, policy_asked
from kernel import current_call
from kernel.errors import Interrupted, MultiprogError, PolicyError
from kernel.scheduling.checked import no_answer
from kernel.units import format_duration
from translation import tr

SLACK = 1.0  # seconds beyond the limit of an answer, in which the command's own timer acts first
GRACE = 1.5  # seconds for a policy to end after an interruption, or for a failed command to exit
LONGEST_END = 10.0  # seconds for the whole command to end after an interruption
SECOND_WISH = 0.5  # seconds; an interruption that follows the first one sooner counts as the same
READING = 6  # times the limit, by the clock; the limit itself bounds the CPU time of reading a file


class Verdict(NamedTuple):
    """The command must be killed. `error` is to be printed; None: the command has printed it."""

    error: MultiprogError | None


class Judge:
    """Measure how long each state of the command has lasted, and compare it with its limit.

    `command` and `first` are process ids, `shared` are the cells. Into the file `trace` the command
    writes which lines it executes. All times are in seconds.
    """

    def __init__(self, command: int, shared: memoryview[int], first: int, trace: int) -> None:
        self._command, self._cells, self._first, self._trace = command, shared, first, trace
        self._asked = 0  # the call that was being answered at the last look
        self._answering = 0.0  # since this call began
        self._visible = 0.0  # since code of the policy was first seen outside any call
        self._unseen = 0.0  # since the last look for such code
        self._stopped = self._finished = 0.0
        self._cpu_then = 0.0  # CPU time that the command had used when the call began
        self._wished: float | None = None  # since the first interruption
        self._most = resource.getrlimit(resource.RLIMIT_DATA)[0]

    def verdict(self, passed: float) -> Verdict | None:
        """Return a verdict if the command must be killed. `passed`: seconds since the last look."""
        self._count(passed)
        if self._wished is not None:
            error = self._not_interrupted()
        elif self._stopped > self._limit + SLACK:
            stopped = tr("{place} stopped the command", place=place_words(self._place()))
            error = PolicyError(f"{stopped}: {tr(RULE)}")
        elif self._finished > (GRACE if self._has_failed else self._patience):
            if self._has_failed:
                return Verdict(None)
            what = tr(
                "{policy} kept the command from ending (a thread, or at exit)",
                policy=policy_asked(),
            )
            error = PolicyError(f"{what}: {tr(RULE)}")
        elif resident_bytes(self._command) > 2 * self._most > 0:
            where = place_words(self._place())
            error = PolicyError(tr("{place} takes more memory than the limit memory", place=where))
        else:
            error = self._too_late() if self._is_late() else None
        return None if error is None else Verdict(error)

    @property
    def _has_failed(self) -> bool:
        """Whether the command has done its work with an exit status above 0, and so printed why."""
        return self._cells[cells.FINISHED] > 1

    def _is_late(self) -> bool:
        if self._is_reading():
            used = cpu_seconds(self._command) - self._cpu_then
            return used > self._patience or self._answering > READING * self._limit
        return max(self._answering if self._asked > 0 else 0, self._visible) > self._patience

    def _too_late(self) -> PolicyError:
        limit, place = current_call.cells[current_call.PATIENCE], self._place()
        if not self._is_reading():
            return PolicyError(f"{place_words(place)} {no_answer(limit)}")
        where = f"{place.file}:{place.line}" if place else policy_asked()
        return PolicyError(
            tr(
                "{place}: has not ended within {limit} (the limit policy); a file of "
                "policies should only define them",
                place=where,
                limit=format_duration(limit),
            )
        )

    def _count(self, passed: float) -> None:
        asked = current_call.cells[current_call.ASKED]
        if asked != self._asked:
            self._asked, self._answering, self._visible, self._unseen = asked, 0.0, 0.0, 0.0
            self._cpu_then = cpu_seconds(self._command)
        state = state_of(self._command)
        halted = state in "tT" and state_of(self._first) not in "tT"
        self._stopped = self._stopped + passed if halted else 0.0
        if state in "tT":
            return
        self._answering += passed
        self._finished += passed if self._cells[cells.FINISHED] else 0.0
        self._look_from_outside(passed)
        if self._cells[cells.WISHES]:
            self._wished = 0.0 if self._wished is None else self._wished + passed

    def _look_from_outside(self, passed: float) -> None:
        """Note whether code of the policy runs outside any call of its methods.

        Each look sends the command a signal, so without a reason it is done once a second.
        """
        self._unseen += passed
        often = self._wished is not None or self._visible
        in_a_call = self._asked > 0 or self._cells[cells.FINISHED]
        if in_a_call or self._unseen < (0 if often else 1.0):
            return
        seen = self._place() is not None
        self._visible = self._visible + self._unseen if seen else 0.0
        self._unseen = 0.0

    def _not_interrupted(self) -> MultiprogError | None:
        """Return an error if the command goes on for too long after an interruption."""
        assert self._wished is not None
        again = self._cells[cells.WISHES] > 1 and self._wished > SECOND_WISH
        place = self._place() if self._asked > 0 or self._visible else None
        going_on = self._answering if self._asked > 0 else self._visible
        if again or min(self._wished, going_on) > GRACE:
            return Interrupted(tr("interrupted in {place}", place=place_words(place)))
        if self._wished > LONGEST_END:
            return Interrupted(
                tr("interrupted; {policy} kept the command from ending", policy=policy_asked())
            )
        return None

    def _is_reading(self) -> bool:
        return self._asked > 0 and self._asked % current_call.PER_CALL == current_call.READING

    @property
    def _limit(self) -> float:
        """The limit for one answer, in seconds."""
        return current_call.cells[current_call.PATIENCE] / 1e9

    @property
    def _patience(self) -> float:
        return 1.1 * self._limit + SLACK

    def _place(self) -> traces.Place | None:
        """Return the line of the policy that the command executes, if it executes one."""
        return traces.place(self._command, self._trace)
