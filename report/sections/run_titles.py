"""The titles by which an output tells the runs of one result apart."""

from __future__ import annotations

from collections.abc import Sequence

from report.result import Result
from timeline.record.run import Run
from translation import mark, tr

BACKENDS = mark("simulated"), mark("real")
"""The machines, as records name them."""


def titles(first: Run, second: Run) -> tuple[str, str]:
    """Return the runs' backends, or `first` and `second` if both have the same backend."""
    if first.backend == second.backend:
        return tr("first"), tr("second")
    return tr(first.backend), tr(second.backend)


def policy_names(runs: Sequence[Run]) -> list[str]:
    """Return the name of each run's policy."""
    return [str(run.scheduler.get("policy", "?")) for run in runs]


def titles_of(result: Result) -> list[str]:
    """Return a title for each run.

    Compared runs have `titles`. Other runs have their backends, if these differ, as that of a
    single run does; else their policies' names.
    """
    runs = result.runs
    if result.comparison is not None:
        return list(titles(*runs))
    backends = [tr(run.backend) for run in runs]
    if len(set(backends)) == len(backends):
        return backends
    return policy_names(runs)
