"""The measures of a leaderboard, over all hidden workloads of an assignment."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from language.schema.assignment import MEASURES
from teaching.assignment.checks import mean_of
from teaching.assignment.schedule import longest_wait
from teaching.marks import Measure
from timeline.record.run import Run
from translation import mark, tr


def measures(board: Sequence[str], runs: Sequence[Run | None]) -> list[Measure]:
    """Return the measures that `board` names; none if a run is missing.

    Otherwise a policy that fails on a hard workload would look better for it.
    """
    whole = [run for run in runs if run is not None]
    if len(whole) < len(runs):
        return []
    return [_MEASURES[name](name, whole) for name in board]


def _mean(name: str, runs: Sequence[Run]) -> Measure:
    values = [mean_of(run, name) or 0 for run in runs]
    title = tr("mean {measure}", measure=tr(name))
    mean = _ms(sum(values) / len(values))
    return Measure(f"mean {name}", mean, unit="ms", translated=title)


def _longest(_name: str, runs: Sequence[Run]) -> Measure:
    waits = [wait.end - wait.start for run in runs if (wait := longest_wait(run))]
    name = mark("longest wait")
    return Measure(name, _ms(max(waits, default=0)), unit="ms", translated=tr(name))


def _makespan(_name: str, runs: Sequence[Run]) -> Measure:
    mean = sum(run.makespan_ns for run in runs) / len(runs)
    name = mark("mean makespan")
    return Measure(name, _ms(mean), unit="ms", translated=tr(name))


def _preemptions(_name: str, runs: Sequence[Run]) -> Measure:
    many = sum(row.preemptions for run in runs for row in run.processes)
    name = mark("preemptions")
    return Measure(name, many, translated=tr(name))


def _ms(ns: float) -> float:
    return round(ns / 1e6, 3)


_MEASURES: dict[str, Callable[[str, Sequence[Run]], Measure]] = {
    **dict.fromkeys(MEASURES, _mean),
    "longest_wait": _longest,
    "makespan": _makespan,
    "preemptions": _preemptions,
}
