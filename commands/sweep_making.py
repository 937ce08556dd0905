"""The sweep under way, as a command makes it: with progress, a file of rows, and Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import click

from commands.clusters import require_cluster
from commands.elsewhere import require_linux
from commands.processors import available
from commands.statuses import DONE, FAILED, INTERRUPTED
from commands.sweep_options import Where
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from experiments.design.plan import Plan
    from experiments.results.parquet_rows import ParquetRows
    from experiments.results.rows import Rows
    from experiments.results.rows_file import RowsFile
    from experiments.running.executor import Executor
    from experiments.running.setup import Setup
    from experiments.running.sweep import Sweep
    from report.terminal.progress import Progress

START = 0.1  # seconds in this process, after which it is known whether workers are worth it
WORTH = 0.5  # seconds that are left for one worker, above which workers are started


class Making:
    """The sweep as a command makes it: with progress, a file of rows, and Ctrl-C."""

    def __init__(
        self, plan: Plan, rows: Rows, kept: RowsFile | ParquetRows | None, progress: Progress
    ) -> None:
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
        from experiments.running.cores import Cores
        from experiments.running.executor import Local

        jobs = where.jobs or available()
        if jobs > 1:
            require_linux("sweep --jobs")
        if where.dask is not None:
            if not self.sweep.is_done:
                self._run_on(_cluster(setup, where.dask, jobs))
            return
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
                click.echo(_left_out(setup.words(point), first, first + many - 1), err=True)
        if outcome.deaths:
            click.echo(tr("workers that died: {workers}", workers=outcome.deaths), err=True)
        if self.interrupted:
            again = tr("interrupted; run the same command again to go on with {file}", file=out)
            click.echo(tr("interrupted") if out is None else again, err=True)
            return INTERRUPTED
        imprecise = self.sweep.not_precise
        if imprecise:
            named = "; ".join(setup.words(point) for point in imprecise[:5])
            if len(imprecise) > 5:
                named = tr("{points} and {n} more", points=named, n=len(imprecise) - 5)
            click.echo(
                tr(
                    "these points are less precise than asked, even after --max replications: "
                    "{points}",
                    points=named,
                ),
                err=True,
            )
        return status


def _left_out(point: str, first: int, last: int) -> str:
    if first == last:
        return tr(
            "{point}: replication {number} is left out: three workers died while they made it",
            point=point,
            number=first,
        )
    return tr(
        "{point}: replications {first} to {last} are left out: three workers died "
        "while they made them",
        point=point,
        first=first,
        last=last,
    )


def _cluster(setup: Setup, address: str, jobs: int) -> Executor:
    """Return the executor on a Dask cluster. Raises UsageError if none answers."""
    from experiments.running.dask_cluster import Workers
    from experiments.running.workplace import SweepWorkplace

    return Workers(SweepWorkplace, setup, address, jobs)


def require_libraries(where: Where) -> None:
    """Raise UsageError unless the libraries are there, and a scheduler if one is named."""
    from importlib.util import find_spec

    if where.out is not None and where.out.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise UsageError(
            tr("{file}: needs pyarrow: pip install 'multiprog[parquet]'", file=where.out)
        )
    if where.dask is not None:
        require_cluster(where.dask)
