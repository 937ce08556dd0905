"""A sweep: one scenario at many points, replicated; means with intervals, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kernel.errors import MultiprogError, UsageError
from multiprog.as_text import flow
from multiprog.page import Page
from multiprog.picture import Picture
from multiprog.results import picture_of, printed, require
from multiprog.scenarios import (
    Scenario,
    ScenarioLike,
    Time,
    arguments_named,
    options_of,
    scenario_of,
)
from translation import tr, tr_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from commands.resolve import Host, OtherKernel
    from experiments.results.answer import Answer
    from language.source.options import Options


class Sweep:
    """The answer of an experiment. `print(sweep)` prints the table and the differences.

    >>> from multiprog import sweep
    >>> answer = sweep("convoy", {"scheduler.policy": ["fcfs", "srtf"]}, measure=["turnaround"])
    >>> answer.points
    [{'scheduler.policy': 'fcfs'}, {'scheduler.policy': 'srtf'}]
    >>> answer.best("turnaround")
    {'scheduler.policy': 'srtf'}
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def points(self) -> list[dict[str, str]]:
        """The points: the value of each key, as a scenario writes it."""
        keys = self._answer.plan.points.keys
        return [dict(zip(keys, row, strict=True)) for row in self._answer.points]

    @property
    def measures(self) -> list[str]:
        """The names of what is measured."""
        return [measure.name for measure in self._answer.measures]

    def summary(self) -> list[dict[str, Any]]:
        """Return a row for each point and measure, ready for a data frame.

        A row has the keys of the point, `measure`, `mean`, `low` and `high` (the interval of the
        mean; None with one replication), and `replications`. Times are ns.
        """
        rows = []
        for number, name in enumerate(self.measures):
            for point, found in zip(self.points, self._answer.estimates[number], strict=True):
                if found is None:
                    continue
                low, high = (None, None) if found.half is None else (found.low, found.high)
                ends = {"mean": found.mean, "low": low, "high": high}
                rows.append({**point, "measure": name, **ends, "replications": found.many})
        return rows

    def best(self, measure: str) -> dict[str, str] | None:
        """Return the point with the best mean of a measure; None if no point is better.

        Raises UsageError if the sweep has not measured it.
        """
        if measure not in self.measures:
            raise UsageError(
                tr(
                    "{measure!r} was not measured; measured: {measures}",
                    measure=measure,
                    measures=", ".join(self.measures),
                )
            )
        best = self._answer.best(self.measures.index(measure))
        return None if best is None else self.points[best]

    def to_pandas(self) -> Any:
        """Return a data frame with a row for each replication (and batch) of each point.

        Its columns are the keys, `replication`, `batch` and the measures; times are ns. Raises
        UsageError if pandas is not installed (`multiprog[notebook]`).
        """
        require("to_pandas", "pandas", "notebook")
        import pandas

        points = self.points
        return pandas.DataFrame(
            [
                {**points[row.point], "replication": row.replication, "batch": row.batch}
                | dict(zip(self.measures, row.values, strict=True))
                for row in self._answer.rows
            ]
        )

    def show(self) -> Page:
        """Return the page with a chart for each measure. A notebook shows it.

        Raises UsageError if Bokeh is not installed (`multiprog[report]`).
        """
        require("show", "bokeh", "report")
        from experiments.shown.page import answer_page

        return Page(answer_page(self._answer))

    def plot(self) -> Picture:
        """Return a chart for each measure, drawn by matplotlib. A notebook shows it.

        Raises UsageError if matplotlib is not installed (`multiprog[plot]`), or if there is nothing
        to draw.
        """
        from experiments.shown.panels import drawing_of

        drawing = drawing_of(self._answer)

        def draw() -> Figure:
            from experiments.shown.picture import draw_answer

            assert drawing is not None
            return draw_answer(self._answer, drawing)

        return picture_of(draw, empty=drawing is None)

    def _repr_html_(self) -> str:
        from experiments.shown.table import answer_table
        from report.base.html import ELLIPSIS, LONGEST_NAME, table

        title = tr_text(self._answer.title)
        return table(answer_table(self._answer, LONGEST_NAME, ELLIPSIS), title)

    def __str__(self) -> str:
        from experiments.shown.terminal import show_answer

        return printed(lambda console: show_answer(self._answer, console))

    def __repr__(self) -> str:
        return f"<Sweep of {self._answer.title}: {len(self.points)} points>"


def sweep(
    scenario: ScenarioLike,
    vary: Mapping[str, Sequence[Any] | str] | None = None,
    *,
    measure: Sequence[str] = (),
    repeat: int | None = None,
    precision: str | None = None,
    warmup: str | None = None,
    until: str | None = None,
    where: str | None = None,
    jobs: int = 1,
    policy: str | None = None,
    quantum: Time | None = None,
    cores: int | None = None,
    seed: int | None = None,
    changes: Mapping[str, Any] | None = None,
    costs: str | None = None,
    as_on: str | Path | None = None,
) -> Sweep:
    """Run the model of a scenario at every combination of values, and return what was measured.

    - `vary`: for each key of the scenario a list of values, or a text like
      `"range(5ms,50ms,5ms)"`; without it, that of the scenario's `experiment`;
    - `measure`: what is measured, like `["turnaround", "waiting.p95"]` (docs/experiments.md);
    - `repeat`: replications of each point, each with other random draws;
    - `precision`: repeat until half-widths of the intervals are below it, like `"5%"`;
    - `warmup`, `until`: measure between these times only; `where`: keep only points for which the
      condition holds, like `"quantum < 40ms"`;
    - `as_on`: the profile of another machine, whose tick and slice Linux's scheduler has;
    - `jobs`: worker processes, which are forked and need Linux; 1: none.

    The other arguments are those of `simulate`; a policy is a name or `file.py:Class`, as workers
    read it anew.

        >>> answer = sweep("convoy", {"scheduler.quantum": ["5ms", "20ms"]}, policy="rr",
        ...                measure=["makespan"])
        >>> [round(row["mean"]) for row in answer.summary()]
        [440000000, 470000000]

    Raises UsageError for a key, a value or a measure that cannot be, with the point at which it is,
    and MultiprogError if a replication fails.
    """
    from commands.remarks import kept_remarks
    from commands.resolve import Host, other_kernel

    if isinstance(policy, type):
        raise UsageError(
            tr(
                "sweep: give the policy as a name or as file.py:Class, because each worker "
                "loads it itself"
            )
        )
    asked = {
        "measure": ",".join(measure) or None, "repeat": repeat, "precision": precision,
        "warmup": warmup, "until": until, "where": where,
    }  # fmt: skip
    options = options_of(policy, quantum, cores, seed, changes, costs)
    with kept_remarks(), arguments_named():
        host = Host.USUAL if as_on is None else other_kernel(Path(as_on))
        return Sweep(_answered(scenario_of(scenario), vary or {}, asked, options, jobs, host))


def _answered(
    scenario: Scenario,
    vary: Mapping[str, Sequence[Any] | str],
    asked: Mapping[str, Any],
    options: Options,
    jobs: int,
    host: Host | OtherKernel,
) -> Answer:
    from commands.sweep import answer_of, checked
    from commands.sweep_making import Making
    from commands.sweep_options import Swept, Where
    from experiments.design.plan import plan_of
    from experiments.results.rows import Rows
    from language.variants import ScenarioText
    from report.terminal.progress import Progress

    text = ScenarioText(scenario.file, scenario.text, options)
    whole = text.whole.scenario
    experiment = Swept(**asked).laid_over(text.experiment(), whole.time_unit)
    limits = options.limits
    axes = {key: _values(key, values, limits["points"]) for key, values in vary.items()}
    plan = plan_of(experiment, axes, None, whole.seed, limits)
    setup, _ = checked(text, plan, options, host)
    rows = Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
    with Progress(tr("sweeping"), 0) as progress:
        made = Making(plan, rows, None, progress)
        made.run(setup, Where(jobs, None, None, None, no_wait=False))
    if made.sweep.outcome.left_out:
        raise MultiprogError(tr("sweep: workers died while they made replications: use fewer jobs"))
    return answer_of(text, plan, rows, "", whole.seed)


def _values(key: str, values: Sequence[Any] | str, most: int) -> Any:
    """Return at most `most` values of a key as a scenario writes them. Raises UsageError."""
    from experiments.design.axes import axis_of

    if isinstance(values, str):
        return axis_of(f"{key}={values}", most)[1]
    if not values:
        raise UsageError(tr("{key}: must have at least one value", key=key))
    return [flow(value, key) for value in values]
