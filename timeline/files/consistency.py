"""Refuse a saved run that no machine can have recorded: it is checked against the laws when read.

The model keeps every law. So a simulated record that breaks a law has been damaged after it was
written. A real machine may break a law. Its record stays readable, and `compare` reports the broken
law. But the sums in a record are computed from the record, so they must always agree with it.
"""

from __future__ import annotations

from dataclasses import asdict

from kernel.errors import UsageError
from timeline.laws.check import LAWS, Violation, check_sorted
from timeline.record.metrics import Totals
from timeline.record.run import SIMULATED, Run
from timeline.record.sorted_run import SortedRun
from translation import tr

OF_THE_RECORD = ("metrics as recorded", "cores add up")
"""Laws that compare parts of the record with each other. No machine can break them."""


def require_sound(run: Run, where: str) -> None:
    """Raise UsageError, which names the first wrong key, if no machine can have recorded `run`.

    The error begins with `where`: the file, and which of its runs.
    """
    laws = LAWS if run.backend == SIMULATED else {name: LAWS[name] for name in OF_THE_RECORD}
    broken = check_sorted(SortedRun(run), laws)
    if broken:
        first, *others = broken
        what = tr(
            'breaks the law "{law}": {message}',
            law=first.law,
            message=first.message,
        )
        if others:
            what = tr("{what} (and {n} more)", what=what, n=len(others))
        what = f"{_key(run, first)}{what}"
        raise UsageError(tr("{file}: is a damaged run: {why}", file=where, why=what))
    _require_means(run, where)


def _require_means(run: Run, where: str) -> None:
    """Raise UsageError unless the averages are those of the processes. No law checks them."""
    totals = Totals()
    for row in run.processes:
        totals.add(row)
    wanted = asdict(totals.averages(run.makespan_ns, [core.busy_ns for core in run.cores]))
    for name, got in asdict(run.averages).items():
        if got != wanted[name]:
            raise UsageError(
                tr(
                    "{file}: is a damaged run: averages.{name} is {got}, "
                    "but the processes come to {wanted}",
                    file=where,
                    name=name,
                    got=got,
                    wanted=wanted[name],
                )
            )


def _key(run: Run, violation: Violation) -> str:
    if violation.process in run.process_names:
        return f"processes[{run.process_names.index(violation.process)}] "
    return "" if violation.core is None else f"cores[{violation.core}] "
