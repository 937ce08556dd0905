"""The time at which the record shows a decision.

Decisions carry the schedule's virtual time. On the real machine, and in a model whose switches cost
time, the slice that was decided begins later.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel.scheduling.explain import Decision
from timeline.record.tracks import Slice

RESYNC = 4  # slices ahead in which a pick is looked for


def shown_times(
    decisions: Sequence[Decision], dispatched: Sequence[Slice], names: Sequence[str]
) -> list[int]:
    """Return for each decision the time (ns) from which the record shows it.

    `dispatched` are all slices of the run in the order of dispatch. On each core, picks and slices
    follow each other in the same order, with two exceptions: a process that is picked again at an
    expiry goes on in its slice, and a process that loses the core before it has run has no slice.
    These picks, and preemptions, are shown as late as the last pick on that core was.
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
    """One core's slices, and how far they have been matched with picks."""

    def __init__(self, dispatched: list[Slice]) -> None:
        self.dispatched = dispatched
        self._next = 0
        self._lag = 0  # ns, of the last slice behind its pick

    def shown(self, decision: Decision, process: int) -> int:
        """Return when this decision can be seen, ns."""
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
        """Return whether this process's slice was matched last and is not over at `at`."""
        last = self.dispatched[self._next - 1] if self._next else None
        return last is not None and last.process == process and last.end > at
