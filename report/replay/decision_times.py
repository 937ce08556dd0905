"""The time at which the record shows a decision.

A decision has the schedule's virtual time. On the real machine, and in a model whose switches cost
time, the slice that follows from the decision begins later.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel.scheduling.explain import Decision
from timeline.record.tracks import Slice

RESYNC = 4  # how many of the next slices may match a pick


def shown_times(
    decisions: Sequence[Decision], dispatched: Sequence[Slice], names: Sequence[str]
) -> list[int]:
    """Return for each decision the time (ns) from which the record shows it.

    `dispatched` are all slices of the run in the order of dispatch. A pick is a decision for the
    process that runs next. On each core, picks and slices have the same order, but two kinds of
    picks have no slice of their own: a process that is picked again at an expiry goes on in its
    slice, and a process may lose the core before it has run. These picks, and preemptions, are
    shown with the same delay as the last pick on their core.
    """
    place = {name: index for index, name in enumerate(names)}
    cores = {decision.core: _Core([]) for decision in decisions}
    for each in dispatched:
        if each.core in cores:
            cores[each.core].dispatched.append(each)
    return [
        cores[decision.core].shown(decision, place.get(decision.process, -1))
        for decision in decisions
    ]


class _Core:
    """The slices of one core, and how many of them have been matched with picks."""

    def __init__(self, dispatched: list[Slice]) -> None:
        self.dispatched = dispatched
        self._next = 0
        self._lag = 0  # ns from the last matched pick to the start of its slice

    def shown(self, decision: Decision, process: int) -> int:
        """Return the time (ns) from which the record shows this decision."""
        expected = decision.at_ns + self._lag
        if decision.event != "picked" or self._goes_on(process, expected):
            return expected
        for at in range(self._next, min(self._next + RESYNC, len(self.dispatched))):
            if self.dispatched[at].process == process:
                self._next = at + 1
                self._lag = max(0, self.dispatched[at].start - decision.at_ns)
                return max(decision.at_ns, self.dispatched[at].start)
        return expected

    def _goes_on(self, process: int, at: int) -> bool:
        """Return whether the last matched slice is of this process, and is not over at `at`."""
        last = self.dispatched[self._next - 1] if self._next else None
        return last is not None and last.process == process and last.end > at
