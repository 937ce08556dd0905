"""Check that two runs are of the same scenario. Only such runs can be compared."""

from __future__ import annotations

import json

from kernel.errors import UsageError
from timeline.comparison.native.measure import is_native
from timeline.record.run import Run
from translation import mark, tr

OLD_RETURNS = 1000
"""ns of CPU time that two records of one process may differ by in their demands.

In records of earlier versions each return from a call that waited takes 1 ns.
"""

_SAME = {"sha256": mark("text"), "seed": mark("seed"), "overrides": mark("overrides")}


def require_same_scenario(first: Run, second: Run) -> None:
    """Raise UsageError, which names all differences, unless both runs are of one scenario.

    A run that has diverged from the rules may have other processes, which have done other things.
    """
    given = {
        **{
            what: (first.scenario.get(key), second.scenario.get(key)) for key, what in _SAME.items()
        },
        mark("scheduler"): (first.scheduler, second.scheduler),
        mark("number of cores"): (len(first.cores), len(second.cores)),
    }
    if not first.divergences and not second.divergences:
        given[mark("processes")] = first.process_names, second.process_names
        given[mark("CPU demands")] = _demands(first, second)
    different = [what for what, (one, other) in given.items() if _text(one) != _text(other)]
    if different:
        raise UsageError(
            tr(
                "two runs of the same scenario can be compared; these differ in: {what}",
                what=tr(", ").join(map(tr, different)),
            )
        )


def _demands(first: Run, second: Run) -> tuple[list[int], list[int]]:
    """Return the CPU demands (ns) of the processes that were not ended by a signal in either run.

    A signal may come at a different place of the program in each run. In native runs with process
    calls, which calls wait may differ too. So the demands of older records, in which a return from
    such a call takes time, may differ a little, and count as equal.
    """
    pairs = [
        (one.demand_ns, other.demand_ns)
        for one, other in zip(first.processes, second.processes, strict=False)
        if (one.exitcode or 0) >= 0 and (other.exitcode or 0) >= 0 and not first.stuck
    ]
    if is_native(first) and is_native(second) and "life" in first.machine:
        pairs = [
            (one, one if abs(one - other) <= max(OLD_RETURNS, one // 1000) else other)
            for one, other in pairs
        ]
    return [one for one, _ in pairs], [other for _, other in pairs]


def _text(value: object) -> str:
    """Return a value as JSON text, so that a new run equals the same run saved and loaded."""
    return json.dumps(value, sort_keys=True, default=str)
