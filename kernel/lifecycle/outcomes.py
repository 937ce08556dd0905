"""Whether the rules allow what a witness saw of the processes, whatever the timing.

A plain program is scheduled by the operating system. So its processes may overtake each other, a
signal may act at any time after it was sent, and a timeout may be over before or after any other
event. The rules allow what a witness saw if there is an order of all these events that says it.

The search tries the order of the virtual times first, then all orders that deviate from it once,
then twice, and so on. It repeats each order from the beginning, as a call that waits cannot be
copied. An order is cut off as soon as it says what the witness did not see.
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
    waiting: list[tuple[int, int, list[int]]] = [(0, 0, [])]
    tried = made = 0
    while waiting:
        if tried == limit:
            return None
        deviations, _, choices = heappop(waiting)
        tried += 1
        ordering = Ordering(script, choices)
        if ordering.execute():
            return True
        taken = choices + [0] * (len(ordering.options) - len(choices))
        for place in range(len(choices), len(ordering.options)):
            for other in range(1, ordering.options[place]):
                made += 1
                heappush(waiting, (deviations + 1, made, [*taken[:place], other]))
    return False
