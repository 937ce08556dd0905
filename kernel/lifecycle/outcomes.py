"""Whether the rules allow what a witness saw of the processes, whatever the timing.

A plain program is scheduled by the operating system. So its processes may overtake each other, a
signal may act at any time after it was sent, and a timeout may be over before or after any other
event. The rules allow what a witness saw if there is an order of all these events that says it.

The search tries the order of the virtual times first, and then orders that deviate from it. It
repeats each order from the beginning, as a call that waits cannot be copied. An order is cut off as
soon as it says what the witness did not see. Those are tried first that have few deviations, that
deviate from an order which said many lines as the witness did, and that do so shortly before it was
cut off. (Of 34 random programs that differed from the model 23 were judged within 300 orders, and
19 if the number of deviations alone counted.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

from kernel.lifecycle.ordering import Line, Ordering, Script
from kernel.workload import Workload

LIMIT = 2_000
"""How many orders are tried at most."""


def allows(
    workload: Workload,
    said: Mapping[str, Sequence[Line]],
    ends: bool,
    limit: int = LIMIT,
    *,
    shown: Callable[[str, Any], bool] = lambda _name, _value: True,
) -> bool | None:
    """Return whether the rules allow what a witness saw; None: the limit was reached.

    `said` is by the names of the processes' Process objects. `ends`: all processes ended;
    otherwise they hung. `shown` returns whether the witness shows an observation at all.
    """
    if not Ordering.can_judge(workload):
        return None
    script = Script(workload, said, ends, shown)
    waiting: list[tuple[int, int, int, list[int]]] = [(0, 0, 0, [])]
    tried = made = 0
    while waiting:
        if tried == limit:
            return None
        _, _, deviations, choices = heappop(waiting)
        tried += 1
        ordering = Ordering(script, choices)
        if ordering.execute():
            return True
        taken = choices + [0] * (len(ordering.options) - len(choices))
        for place in range(len(choices), len(ordering.options)):
            for other in range(1, ordering.options[place]):
                made += 1
                before = len(ordering.options) - place  # so many choices before it was cut off
                cost = 20 * (deviations + 1) - 60 * ordering.lines + before + 2 * other
                heappush(waiting, (cost, made, deviations + 1, [*taken[:place], other]))
    return False
