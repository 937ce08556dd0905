"""The command `sweep`: read, plan, check all points, run, show."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from commands.asked import Asked
from commands.shown import DONE, FAILED, INTERRUPTED
from commands.sweep_options import Swept, Where
from kernel.errors import UsageError

if TYPE_CHECKING:
    from experiments.design.plan import Plan
    from experiments.results.answer import Answer
    from experiments.results.rows import Rows
    from experiments.results.rows_file import Layout, RowsFile
    from experiments.running.executor import Executor
    from experiments.running.setup import Setup
    from experiments.running.sweep import Sweep
    from language.variants import ScenarioText
    from report.outputs import Outputs
    from report.terminal.progress import Progress

START = 0.5  # seconds in this process, after which it is known whether workers are worth it
WORTH = 1.0  # seconds that are left for one worker, above which workers are started


def sweep(
    file: Path,
    keys: tuple[str, ...],
    asked: Asked,
    costs: str | None,
    swept: Swept,
    where: Where,
    outputs: Outputs,
    full: bool,
) -> int:
    """Run the experiment, and show its answer. Return the exit status."""
    from experiments.results.rows import Rows
    from report.base.screen import console
    from report.terminal.progress import Progress

    text, plan, seed = _planned(file, keys, asked, costs, swept)
    reads = [*asked.reads(file, costs=costs), *([swept.points] if swept.points else [])]
    outputs.check(where.out, reads=reads)
    setup, layout = _checked(text, plan, asked, costs)
    outputs.spare(where.out, reads=map(Path, setup.files))
    rows = Rows(len(plan.points.rows), len(plan.measures), plan.rows_each)
    command = _command(file, keys, asked, costs, swept)
    answer = _answer(text, plan, rows, command, seed)
    with ExitStack() as stack:
        kept = _opened(where.out, layout, rows, stack)
        progress = stack.enter_context(Progress("sweeping", 0))
        made = _Made(plan, rows, kept, progress)
        with made.interruptible():
            made.run(setup, where)
    if rows_are_there(answer):
        from experiments.shown.terminal import show_answer

        outputs.write(answer)
        show_answer(answer, console(), full=full)
    return made.status(setup, where.out)


def rows_are_there(answer: Answer) -> bool:
    """Return whether any replication was made."""
    return any(map(answer.rows.many, range(len(answer.points))))


def _planned(
    file: Path, keys: tuple[str, ...], asked: Asked, costs: str | None, swept: Swept
) -> tuple[ScenarioText, Plan, int]:
    """Return the scenario's text, the plan, and the seed. Raises UsageError."""
    from experiments.design.axes import axis_of
    from experiments.design.plan import plan_of
    from experiments.design.point_file import points_in
    from language.variants import ScenarioText

    limits = asked.limit
    text = ScenarioText.read(file, asked.options(costs=costs))
    scenario = text.whole.scenario
    experiment = swept.laid_over(text.experiment(), scenario.time_unit)
    axes = dict(axis_of(key, limits["points"]) for key in keys)
    if len(axes) < len(keys):
        raise UsageError("a key is given twice: write all of its values behind one =")
    given = points_in(swept.points, limits["points"]) if swept.points is not None else None
    plan = plan_of(experiment, axes, given, scenario.seed, limits)
    return text, plan, scenario.seed


def _checked(
    text: ScenarioText, plan: Plan, asked: Asked, costs: str | None
) -> tuple[Setup, Layout]:
    """Check all points. Return what workers need, and the columns of the rows."""
    from experiments.design.seeds import seed_of
    from experiments.results.rows_file import Layout
    from experiments.running.check import checked_points
    from experiments.running.setup import Setup
    from language.cost_profiles import file_of, read
    from report.terminal.progress import Progress

    profile = file_of(costs)
    with Progress("checking the points", len(plan.points.rows)) as progress:
        checked = checked_points(text, plan.points, plan.measures, progress.update)
    setup = Setup(
        text.file,
        text.text,
        asked.options(costs=costs),
        *plan.points,
        plan.measures,
        plan.windows,
        read(profile) if profile is not None else None,
        tuple(checked.own),
        checked.files,
    )
    layout = Layout(
        setup.identity,
        *plan.points,
        plan.measures,
        plan.windows.batches,
        lambda point, replication: seed_of(checked.seeds[point], replication),
    )
    return setup, layout


def _opened(out: Path | None, layout: Layout, rows: Rows, stack: ExitStack) -> RowsFile | None:
    """Open the file of rows, and put into `rows` what it already has."""
    if out is None:
        return None
    from experiments.results.rows_file import RowsFile

    kept = stack.enter_context(RowsFile(out, layout, rows))
    if kept.continued:
        click.echo(f"{out}: goes on after {kept.continued:,} replications", err=True)
    return kept


def _command(
    file: Path, keys: tuple[str, ...], asked: Asked, costs: str | None, swept: Swept
) -> str:
    """Return the command that makes the same rows."""
    from language.source.overrides import typed

    words = ["python", "cli.py", "sweep", str(file), *keys]
    for option in typed(asked.options(costs=costs)):
        words += option.split(" ", 1)
    if costs is not None:
        words += ["--costs", costs]
    return f"{shlex.join(words)} {swept.typed()}".rstrip()


def _answer(text: ScenarioText, plan: Plan, rows: Rows, command: str, seed: int) -> Answer:
    from experiments.results.answer import Answer

    scenario = text.whole.scenario
    return Answer(
        plan,
        rows,
        scenario.title if scenario.title is not None else Path(text.file).name,
        scenario.about or "",
        text.file,
        text.text,
        command,
        seed,
    )


class _Made:
    """The sweep as a command makes it: with progress, a file of rows, and Ctrl-C."""

    def __init__(self, plan: Plan, rows: Rows, kept: RowsFile | None, progress: Progress) -> None:
        from experiments.running.sweep import Sweep

        self._kept, self._progress = kept, progress
        self.interrupted = False
        self._slots = 1  # chunks that are executed at a time
        sink = kept.put if kept is not None else lambda *_: None
        self.sweep: Sweep = Sweep(plan, rows, sink, self._tell)

    def _tell(self, done: int, wanted: int) -> None:
        if self._kept is not None:
            self._kept.flush()
        left = self.sweep.seconds_left
        self._progress.renew(done, wanted, None if left is None else left / self._slots)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let Ctrl-C end the sweep, not the command: what there is is kept and shown."""
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True

    def run(self, setup: Setup, where: Where) -> None:
        """Make what is missing. Raises MultiprogError."""
        from experiments.running.bench import Bench
        from experiments.running.executor import Cores, Local

        jobs = where.jobs or len(os.sched_getaffinity(0))
        if jobs == 1 or (where.jobs is None and not setup.files):
            until = monotonic() + START
            few = jobs > 1
            self.sweep.run(
                Local(Bench(setup)), lambda: few and monotonic() > until and self._is_long()
            )
        if not self.sweep.is_done:
            self._run_on(Cores(setup, jobs))

    def _is_long(self) -> bool:
        left = self.sweep.seconds_left
        return left is not None and left > WORTH

    def _run_on(self, executor: Executor) -> None:
        self._slots = executor.slots
        try:
            self.sweep.run(executor)
        finally:
            executor.close()

    def status(self, setup: Setup, out: Path | None) -> int:
        """Say on stderr what is missing. Return the exit status."""
        outcome, status = self.sweep.outcome, DONE
        for chunk in outcome.left_out:
            status = FAILED
            for point, first, many in chunk.spans:
                which = (
                    f"replication {first}"
                    if many == 1
                    else f"replications {first} to {first + many - 1}"
                )
                click.echo(
                    f"{setup.words(point)}: {which} left out: three workers died of it", err=True
                )
        if outcome.deaths:
            click.echo(f"workers that died: {outcome.deaths}", err=True)
        if self.interrupted:
            again = f"; the same command goes on with {out}" if out is not None else ""
            click.echo(f"interrupted{again}", err=True)
            return INTERRUPTED
        imprecise = self.sweep.not_precise
        if imprecise:
            named = "; ".join(setup.words(point) for point in imprecise[:5])
            more = f" and {len(imprecise) - 5} more" if len(imprecise) > 5 else ""
            click.echo(f"not as precise as asked after --max replications: {named}{more}", err=True)
        return status
