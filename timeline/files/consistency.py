"""A saved run is held against the laws when it is read: one that cannot have been so is refused.

The model keeps every law, so a simulated record that breaks one has been damaged since. A real
machine may break one, and its record says so honestly: `compare` tells it, and the record must
stay readable. But sums that were taken of the record itself it cannot break.
"""

from __future__ import annotations

from dataclasses import asdict

from kernel.errors import UsageError
from timeline.laws.check import LAWS, Violation, check_sorted
from timeline.record.metrics import Totals
from timeline.record.run import SIMULATED, Run
from timeline.record.sorted_run import SortedRun

OF_THE_RECORD = ("metrics as recorded", "cores add up")
"""Laws that hold the record against itself, whatever the machine did."""


def require_sound(run: Run, where: str) -> None:
    """Raise UsageError, by the first key that is wrong, if `run` cannot have been written so.

    `where` is what the error begins with: the file, and which of its runs.
    """
    laws = LAWS if run.backend == SIMULATED else {name: LAWS[name] for name in OF_THE_RECORD}
    broken = check_sorted(SortedRun(run), laws)
    if broken:
        first, *others = broken
        more = f" (and {len(others)} more)" if others else ""
        raise UsageError(
            f'{where}: is a damaged run: {_key(run, first)}breaks the law "{first.law}": '
            f"{first.message}{more}"
        )
    _require_means(run, where)


def _require_means(run: Run, where: str) -> None:
    """No law speaks of the averages: they are what the rows of the processes come to."""
    totals = Totals()
    for row in run.processes:
        totals.add(row)
    wanted = asdict(totals.averages(run.makespan_ns, [core.busy_ns for core in run.cores]))
    for name, got in asdict(run.averages).items():
        if got != wanted[name]:
            raise UsageError(
                f"{where}: is a damaged run: averages.{name} is {got}, "
                f"but the processes come to {wanted[name]}"
            )


def _key(run: Run, violation: Violation) -> str:
    if violation.process in run.process_names:
        return f"processes[{run.process_names.index(violation.process)}] "
    return "" if violation.core is None else f"cores[{violation.core}] "
