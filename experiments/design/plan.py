"""The plan of an experiment: all that was asked, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from experiments.design.axes import Axes, Points, Values
from experiments.measures.names import USUAL, Measure, measures_of
from experiments.measures.warm_up import Windows
from kernel.errors import UsageError
from language.schema.experiment import Experiment
from translation import tr

MOST = 500
"""Most replications of a point that --precision makes if --max is not given."""


@dataclass(frozen=True)
class Plan:
    """What is run and measured."""

    points: Points
    measures: tuple[Measure, ...]
    windows: Windows
    repeat: int  # replications of each point; with a precision, the most
    precision: float | None  # 0 to 1; None: `repeat` replications, no less
    confidence: float  # 0 to 1
    percentiles: tuple[float, ...]  # 0 to 1, over replications

    @property
    def rows_each(self) -> int:
        """How many rows one replication gives."""
        return self.windows.batches or 1

    @property
    def most_replications(self) -> int:
        """How many replications there are at most, of all points together."""
        return len(self.points.rows) * self.repeat


def plan_of(
    asked: Experiment,
    axes: Mapping[str, Values],
    given: Points | None,
    seed: int,
    limits: Mapping[str, int],
) -> Plan:
    """Return the plan of an experiment. Raises UsageError.

    `axes` are the keys of the command line, which come before those of the experiment. `given` are
    the points of a file, instead of all combinations.
    """
    vary = {**asked.vary, **axes}
    if given is None:
        if not vary:
            raise UsageError(
                tr(
                    "nothing is varied: name a key with its values, like "
                    "scheduler.quantum=5ms,10ms, "
                    "or write vary under experiment in the scenario"
                )
            )
        points = Axes(vary, asked.zip).points(asked.where, asked.sample, seed, limits["points"])
    else:
        if axes or asked.sample:
            raise UsageError(
                tr("--points already gives all points: leave KEY=VALUES and --sample out")
            )
        points = given
    windows = Windows(asked.warmup, asked.until, asked.batches)
    plan = Plan(
        points,
        _measures(asked, windows),
        windows,
        _repeat(asked),
        asked.precision,
        asked.confidence,
        tuple(_share(text) for text in asked.percentiles),
    )
    most = limits["replications"]
    if plan.most_replications > most:
        raise UsageError(
            tr(
                "the experiment has {replications:,} replications, more than {most:,} (the limit "
                "replications): raise it, like --limit replications={replications}",
                replications=plan.most_replications,
                most=most,
            )
        )
    return plan


def _repeat(asked: Experiment) -> int:
    if asked.precision is None:
        if asked.max is not None:
            raise UsageError(tr("--max bounds the replications of --precision: add one, like 5%"))
        if asked.batches is not None and (asked.repeat or 1) > 1:
            raise UsageError(tr("--batches cuts one long run: leave --repeat out"))
        return asked.repeat or 1
    if asked.repeat is not None:
        raise UsageError(
            tr(
                "--precision decides how many replications are made: leave --repeat out; "
                "--max bounds their number"
            )
        )
    if asked.batches is not None:
        raise UsageError(tr("--batches cuts one long run, which --precision cannot repeat"))
    return asked.max or MOST


def _measures(asked: Experiment, windows: Windows) -> tuple[Measure, ...]:
    measures = measures_of(asked.measure or USUAL)
    for measure in measures:
        if measure.about.whole and not windows.whole:
            raise UsageError(
                tr(
                    "measure {measure}: is about the whole run: leave warm-up, until and batches "
                    "out",
                    measure=measure.name,
                )
            )
    warmup = windows.warmup if isinstance(windows.warmup, int) else 0
    if windows.until is not None and warmup >= windows.until:
        raise UsageError(tr("--until must be later than the end of the warm-up"))
    return measures


def _share(text: str) -> float:
    from language.schema.experiment import percent

    try:
        return percent(text if text.endswith("%") else f"{text}%")
    except ValueError as error:
        raise UsageError(tr("--percentiles: {error}", error=error)) from None
