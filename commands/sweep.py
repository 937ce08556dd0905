"""The command `sweep`: read, plan, check all points, run, show."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.asked import Asked
from commands.sweep_making import Making, require_libraries
from commands.sweep_options import Swept, Where
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.resolve import Host, OtherKernel
    from experiments.design.plan import Plan
    from experiments.results.answer import Answer
    from experiments.results.parquet_rows import ParquetRows
    from experiments.results.rows import Rows
    from experiments.results.rows_file import Layout, RowsFile
    from experiments.running.setup import Setup
    from language.source.options import Options
    from language.variants import ScenarioText
    from report.outputs import Outputs


@dataclass(frozen=True)
class Request:
    """A sweep as the user asked for it: the scenario, the varied keys, and the options."""

    file: Path
    keys: tuple[str, ...]
    asked: Asked
    costs: str | None
    swept: Swept
    where: Where

    @property
    def options(self) -> Options:
        """The options that change the scenario."""
        return self.asked.options(costs=self.costs)

    @property
    def reads(self) -> list[Path]:
        """The files that the command reads, apart from those that the scenario names."""
        profiles = [given for given in (self.swept.points, self.where.as_on) if given is not None]
        return [*self.asked.reads(self.file, costs=self.costs), *profiles]

    @property
    def command(self) -> str:
        """The command that makes the same rows."""
        from language.source.overrides import typed

        words = ["python", "cli.py", "sweep", str(self.file), *self.keys]
        for option in typed(self.options):
            words += option.split(" ", 1)
        if self.costs is not None:
            words += ["--costs", self.costs]
        if self.where.as_on is not None:
            words += ["--as-on", str(self.where.as_on)]
        return f"{shlex.join(words)} {self.swept.typed()}".rstrip()


def sweep(request: Request, outputs: Outputs, *, full: bool) -> int:
    """Run the experiment, and show its answer. Return the exit status."""
    from experiments.results.rows import Rows
    from report.base.screen import console
    from report.terminal.progress import Progress

    where = request.where
    require_libraries(where)
    host = where.host()
    text, plan, seed = _planned(request)
    outputs.check(where.out, reads=request.reads)
    setup, layout = checked(text, plan, request.options, host)
    outputs.spare(where.out, reads=map(Path, setup.files))
    rows = Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
    answer = answer_of(text, plan, rows, request.command, seed)
    with ExitStack() as stack:
        kept = _opened(where.out, layout, rows, stack)
        progress = stack.enter_context(Progress(tr("sweeping"), 0))
        made = Making(plan, rows, kept, progress)
        with made.interruptible():
            made.run(setup, where)
    if where.real is not None and not made.interrupted:
        answer = replace(
            answer, real=Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
        )
        with made.interruptible():
            _really(answer, setup, layout, request.asked, where)
    if rows_are_there(answer):
        from experiments.shown.terminal import show_answer

        outputs.write(answer)
        show_answer(answer, console(), full=full)
    return made.status(setup, where.out)


def _really(answer: Answer, setup: Setup, layout: Layout, asked: Asked, where: Where) -> None:
    """Make the real runs that are missing, and keep their rows beside those of the model."""
    from commands.machines import Handling
    from commands.sweep_real import in_random_order, run_for_real
    from experiments.running.bench import Bench

    rows = answer.real
    assert rows is not None
    out = where.out and where.out.with_name(f"{where.out.stem}-real{where.out.suffix}")
    with ExitStack() as stack:
        kept = _opened(out, layout, rows, stack)

        def keep(point: int, replication: int, values: Sequence[float]) -> None:
            rows.put(point, replication, values)
            if kept is not None:
                kept.put(point, replication, values)
                kept.flush()

        wanted = [
            (point, number)
            for point in range(len(answer.points))
            for number in range(1, (where.real or 0) + 1)
            if number not in rows.replications(point)
        ]
        order = in_random_order(wanted, answer.seed)
        run_for_real(Bench(setup), order, asked, Handling(no_wait=where.no_wait), keep)


def rows_are_there(answer: Answer) -> bool:
    """Return whether any replication was made."""
    return any(map(answer.rows.many, range(len(answer.points))))


def _planned(request: Request) -> tuple[ScenarioText, Plan, int]:
    """Return the scenario's text, the plan, and the seed. Raises UsageError."""
    from experiments.design.axes import axis_of
    from experiments.design.plan import plan_of
    from experiments.design.point_file import points_in
    from language.variants import ScenarioText

    limits, swept = request.asked.limit, request.swept
    text = ScenarioText.read(request.file, request.options)
    scenario = text.whole.scenario
    experiment = swept.laid_over(text.experiment(), scenario.time_unit)
    axes = dict(axis_of(key, limits["points"]) for key in request.keys)
    if len(axes) < len(request.keys):
        raise UsageError(tr("a key is given twice: write all of its values behind one ="))
    given = points_in(swept.points, limits["points"]) if swept.points is not None else None
    plan = plan_of(experiment, axes, given, scenario.seed, limits)
    return text, plan, scenario.seed


def checked(
    text: ScenarioText, plan: Plan, options: Options, host: Host | OtherKernel
) -> tuple[Setup, Layout]:
    """Check all points. Return what workers need, and the columns of the rows."""
    from commands.resolve import kernel_of_all
    from experiments.design.seeds import seed_of
    from experiments.results.rows_file import Layout
    from experiments.running.check import checked_points
    from experiments.running.setup import Setup
    from language.cost_profiles import file_of, read
    from report.terminal.progress import Progress

    profile = file_of(options.costs)
    with Progress(tr("checking the points"), len(plan.points.rows)) as progress:
        found = checked_points(text, plan.points, plan.measures, progress.update)
    setup = Setup(
        text.file,
        text.text,
        options,
        *plan.points,
        plan.measures,
        plan.windows,
        read(profile) if profile is not None else None,
        tuple(found.own),
        found.files,
        kernel_of_all(found.schedulers, options.costs, host),
    )
    layout = Layout(
        setup.identity,
        *plan.points,
        plan.measures,
        plan.windows.batches,
        lambda point, replication: seed_of(found.seeds[point], replication),
    )
    return setup, layout


def _opened(
    out: Path | None, layout: Layout, rows: Rows, stack: ExitStack
) -> RowsFile | ParquetRows | None:
    """Open the file of rows, and put into `rows` what it already has."""
    if out is None:
        return None
    kept: RowsFile | ParquetRows
    if out.suffix == ".parquet":
        from experiments.results.parquet_rows import ParquetRows

        kept = stack.enter_context(ParquetRows(out, layout, rows))
    else:
        from experiments.results.rows_file import RowsFile

        kept = stack.enter_context(RowsFile(out, layout, rows))
    if kept.continued:
        click.echo(
            tr(
                "{file}: already has {replications:,} replications; the sweep goes on after them",
                file=out,
                replications=kept.continued,
            ),
            err=True,
        )
    return kept


def answer_of(text: ScenarioText, plan: Plan, rows: Rows, command: str, seed: int) -> Answer:
    """Return the answer that the rows give, with what the page says of where it comes from."""
    from experiments.results.answer import Answer

    return Answer(
        plan,
        rows,
        text.whole.title,
        text.whole.scenario.about or "",
        text.file,
        text.text,
        command,
        seed,
    )
