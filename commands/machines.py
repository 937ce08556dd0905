"""Run a workload on one of the two machines, show progress on stderr, check its expectations."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from commands.options import gathered
from commands.remarks import remark
from commands.resolve import Host, resolve
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from kernel.dispatch_price import Price
    from kernel.workload import Workload
    from real.host.run_lock import HostLock
    from timeline.files.streaming import Streamed
    from timeline.record.live import LiveUpdate
    from timeline.record.metrics import Summary
    from timeline.record.run import Run

Limits = Mapping[str, int]


@dataclass(frozen=True)
class Handling:
    """The options of a real run."""

    timeout: str | None = None
    trace: str | None = None
    no_wait: bool = False

    @property
    def nothing(self) -> bool:
        """Whether no option is given."""
        return self == Handling()

    def ends_after(self, workload: Workload) -> int | None:
        """Return --timeout in ns, or None if it is not given. Raises UsageError."""
        from kernel.units import parse_duration

        if self.timeout is None:
            return None
        try:
            limit = parse_duration(self.timeout, workload.time_unit)
            if limit <= 0:
                raise ValueError(
                    tr(
                        "must be a duration above 0, like 30s (got {timeout!r})",
                        timeout=self.timeout,
                    )
                )
        except ValueError as error:
            raise UsageError(tr("--timeout: {error}", error=error)) from None
        return limit


no_wait = click.option(
    "--no-wait", is_flag=True, help="Do not wait for another real run on this machine to end."
)

handles = gathered(
    Handling,
    "handling",
    [
        click.option("--timeout", metavar="D", help="End the real run after this time, like 30s."),
        click.option(
            "--trace",
            type=click.Choice(["kernel"]),
            help="Record the kernel's own switches, too (needs root).",
        ),
        no_wait,
    ],
)
"""A decorator for a command, which gets the options of a real run as `handling`."""

charges = click.option(
    "--costs",
    metavar="WHICH",
    help="Costs that the model charges: measured (see calibrate), ideal, or a profile.",
)
"""A decorator for a command, which gets --costs as `costs`."""

as_on = click.option(
    "--as-on",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take Linux's tick and slice from a profile of another machine (calibrate).",
)
"""A decorator for a command, which gets --as-on as `as_on`."""


def _refuse_as_on(_context: click.Context, _option: click.Parameter, given: str | None) -> None:
    if given is not None:
        raise UsageError(
            tr(
                "--as-on: real runs are made on this machine, so its tick and slice are taken: "
                "leave it out; simulate and sweep know --as-on"
            )
        )


only_here = click.option(
    "--as-on", metavar="FILE", hidden=True, expose_value=False, callback=_refuse_as_on
)
"""A decorator for a command that makes real runs: it refuses --as-on, and says why."""


def each(workloads: Iterable[Workload], run: Callable[[Workload], Run]) -> list[Run]:
    """Run the workloads one after the other, until the user interrupts one. Return the runs."""
    runs: list[Run] = []
    for workload in workloads:
        runs.append(run(workload))
        if is_interrupted(runs[-1]):
            break
    return runs


def is_interrupted(run: Run) -> bool:
    """Return whether the user interrupted the run."""
    return run.stopped is not None and run.stopped.startswith("interrupted")


@contextmanager
def _under_way(what: str, workload: Workload) -> Iterator[Callable[[int], None]]:
    """Show progress on stderr. The output of a policy goes there, too: stdout is for the result."""
    from language.policies.confinement import confined
    from report.terminal.progress import Progress

    many = workload.drawn.many if workload.drawn is not None else len(workload.processes)
    scheduler = workload.scheduler
    with Progress(what, many) as progress, confined(scheduler.name, own=scheduler.own):
        yield progress.update


# -- the simulated machine -----------------------------------------------------------------------


def simulated(workload: Workload, limits: Limits, explain: bool) -> Run:
    """Return the run of the model, with its expectations checked."""
    from sim import simulate
    from sim.time_limits import answering, within

    with _under_way("simulating", workload) as update, answering(workload.scheduler):
        run = simulate(workload, within(limits["wall"], update), explain=explain)
    return _with_expectations(workload, run)


def streamed(workload: Workload, limits: Limits, out: Path) -> tuple[Streamed, Summary]:
    """Run the model, and write its record to `out` during the run. Return record and summary."""
    from kernel.files.writing import save
    from sim import stream
    from sim.time_limits import answering, within
    from timeline.files.streaming import Streamed, compressed

    if workload.expect is not None:
        remark(tr("expect needs the whole record: it is not checked in a streamed run"))

    def write(file: TextIO) -> None:
        with compressed(out, file) as lines, _under_way("simulating", workload) as update:
            record = Streamed(workload, lines.write)
            with answering(workload.scheduler):
                summary = stream(workload, record, within(limits["wall"], update))
        results.append((record, summary))

    results: list[tuple[Streamed, Summary]] = []
    save(out, write)
    return results[0]


def charged_like(workload: Workload, limits: Limits, model: Run, real: Run) -> Run | None:
    """Return the run of the charged model, with the price of dispatches in the real run.

    Return None if the real run has no price, or if the charged model has other processes than
    `model`, the run without costs.
    """
    from timeline.comparison.causes.dispatched import price_of

    price = price_of(real)
    if price is None:
        return None
    charged = resolve(replace(workload, expect=None), price, Host.THIS)
    run = simulated(charged, limits, explain=False)
    return run if run.process_names == model.process_names else None


def other_phases(workload: Workload) -> list[Run]:
    """Return runs of the model with other phases of the tick, if it has a tick."""
    import sim

    return sim.other_phases(workload)


# -- the real machine ----------------------------------------------------------------------------


def alone(no_wait: bool) -> AbstractContextManager[HostLock]:
    """Return a context in which no other real run begins on this host.

    Entering it waits for the end of a real run that is under way, unless `no_wait`.
    """
    from real.host.run_lock import alone_on_host

    return alone_on_host(not no_wait, remark)


def check_real_run(workload: Workload, limits: Limits, handling: Handling, *, live: bool) -> None:
    """Raise UsageError if the workload cannot run here as asked, or if a limit forbids it.

    Commands ask this before they wait for another real run to end.
    """
    from real.host.cpus import choose_cpus
    from real.limits import check_bounds

    choose_cpus(workload)
    check_bounds(workload, limits)
    handling.ends_after(workload)
    if live and workload.scheduler.dispatch == "none":
        raise UsageError(
            tr(
                "--live: shows Multiprog's own dispatcher, and the kernel schedules this "
                "run: leave it out"
            )
        )


def really_run(
    workload: Workload,
    limits: Limits,
    handling: Handling,
    explain: bool,
    *,
    live: bool = False,
    model: Run | None = None,
    price: Price | None = None,
    host: HostLock | None = None,
) -> Run:
    """Run the workload on real processes. With `live` draw the run, below the run `model`.

    `price` is the price of a dispatch during the run. The record keeps it, and the process ids of
    other real runs, which `host` knows. The workload must have passed
    `check_real_run`. Raises UsageError.
    """
    from real import run_real

    limit = handling.ends_after(workload)
    if explain and workload.scheduler.dispatch == "none":
        remark(
            tr(
                "--explain: the kernel schedules this run and gives no reasons for its "
                "decisions: leave it out"
            )
        )
    traced = handling.trace is not None
    how: dict[str, Any] = {
        "explain": explain,
        "trace": traced,
        "wall": limits["wall"],
        "price": price,
    }
    if host is not None:
        how["beside"] = host.pids_beside
    if live:
        remarks: list[str] = []
        with _drawn(workload, model) as watcher:
            run = run_real(workload, limit, watcher=watcher, remark=remarks.append, **how)
        for each in remarks:
            remark(each)
    else:
        with _under_way("running", workload) as update:
            run = run_real(workload, limit, update, remark=remark, **how)
    return _with_expectations(workload, run)


@contextmanager
def _drawn(
    workload: Workload, model: Run | None
) -> Iterator[Callable[[Callable[[], LiveUpdate]], None]]:
    """Draw the run while it goes on. The output of a policy is written to stderr after it."""
    from io import StringIO

    from language.policies.confinement import confined
    from real.host.cpus import choose_cpus
    from real.host.guardian import Guardian
    from report.replay.alternate_screen import AlternateScreen
    from report.replay.live_painter import LivePainter
    from timeline.record.assembly import blank_run
    from timeline.record.run import REAL

    scheduler = workload.scheduler
    cpus, said = choose_cpus(workload), StringIO()
    try:
        skeleton = blank_run(REAL, workload)
        with (
            AlternateScreen(sys.stdout.fileno()) as alternate,
            Guardian((alternate.leave,), keep=(alternate.fd,)) as guardian,
            LivePainter(
                skeleton,
                model,
                cpus.aside,
                spare=bool(cpus.spare),
                alternate=alternate,
                guardian=guardian,
            ) as painter,
            confined(scheduler.name, own=scheduler.own, stream=said),
        ):
            yield painter.watch
    finally:
        sys.stderr.write(said.getvalue())


def _with_expectations(workload: Workload, run: Run) -> Run:
    if workload.expect is None:
        return run

    from timeline.expect import check

    try:
        return replace(run, expectations=check(workload.expect, run, time_unit=workload.time_unit))
    except UsageError as error:
        raise UsageError(f"{workload.source['file']}: {error}") from None
