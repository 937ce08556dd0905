"""Running a workload on either machine, with progress on stderr and its expectations checked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from commands.options import gathered
from kernel.errors import UsageError

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
    """How a real run is to be held."""

    timeout: str | None = None
    trace: str | None = None
    no_wait: bool = False

    @property
    def nothing(self) -> bool:
        """As always."""
        return self == Handling()

    def ends_after(self, workload: Workload) -> int | None:
        """--timeout in ns. Raises UsageError."""
        from kernel.units import parse_duration

        if self.timeout is None:
            return None
        try:
            limit = parse_duration(self.timeout, workload.time_unit)
            if limit <= 0:
                raise ValueError(f"must be a duration above 0, like 30s (got {self.timeout!r})")
        except ValueError as error:
            raise UsageError(f"--timeout: {error}") from None
        return limit


no_wait = click.option(
    "--no-wait", is_flag=True, help="Do not wait for another real run on this machine to end."
)

handles = gathered(
    Handling,
    "handling",
    [
        click.option(
            "--timeout", metavar="D", help="End the real run after this (default: generous)."
        ),
        click.option(
            "--trace",
            type=click.Choice(["kernel"]),
            help="Add the kernel's own record of its switches (root).",
        ),
        no_wait,
    ],
)
"""A decorator: the command gets a `Handling` as `handling`."""

charges = click.option(
    "--costs",
    metavar="WHICH",
    help="What the model charges: measured (see calibrate), ideal, or a profile.",
)
"""A decorator: the command gets `costs`."""


def each(workloads: Iterable[Workload], run: Callable[[Workload], Run]) -> list[Run]:
    """One run after the other, until somebody interrupts one."""
    runs: list[Run] = []
    for workload in workloads:
        runs.append(run(workload))
        if is_interrupted(runs[-1]):
            break
    return runs


def is_interrupted(run: Run) -> bool:
    """Somebody stopped it."""
    return run.stopped is not None and run.stopped.startswith("interrupted")


@contextmanager
def _under_way(what: str, workload: Workload) -> Iterator[Callable[[int], None]]:
    """Progress on stderr; what a policy prints goes there too, as stdout is for the result."""
    from language.policies.confinement import confined
    from report.terminal.progress import Progress

    many = workload.drawn.many if workload.drawn is not None else len(workload.processes)
    scheduler = workload.scheduler
    with Progress(what, many) as progress, confined(scheduler.name, own=scheduler.own):
        yield progress.update


# -- the simulated machine -----------------------------------------------------------------------


def simulated(workload: Workload, limits: Limits, explain: bool) -> Run:
    """The run of the model."""
    from sim import simulate
    from sim.time_limits import answering, within

    with _under_way("simulating", workload) as update, answering(workload.scheduler):
        run = simulate(workload, within(limits["wall"], update), explain=explain)
    return _with_expectations(workload, run)


def streamed(workload: Workload, limits: Limits, out: Path) -> tuple[Streamed, Summary]:
    """Run the model with its record going to the file `out`; what it came to."""
    from kernel.files.writing import save
    from sim import stream
    from sim.time_limits import answering, within
    from timeline.files.streaming import Streamed, compressed

    if workload.expect is not None:
        click.echo("expect needs the whole record: it is not checked in a streamed run", err=True)

    def write(file: TextIO) -> None:
        with compressed(out, file) as lines, _under_way("simulating", workload) as update:
            record = Streamed(workload, lines.write)
            with answering(workload.scheduler):
                summary = stream(workload, record, within(limits["wall"], update))
        results.append((record, summary))

    results: list[tuple[Streamed, Summary]] = []
    save(out, write)
    return results[0]


def charged(workload: Workload, costs: str | None) -> Workload:
    """With the costs that --costs asks for, and what this machine's scheduler is with them."""
    from language.cost_profiles import with_costs

    found = with_costs(workload, costs)
    return with_kernel_defaults(found) if costs == "measured" else _as_usual(found)


def _as_usual(workload: Workload) -> Workload:
    """What its scheduler leaves open is as on most machines."""
    from dataclasses import replace

    from kernel.linux.policy import USUAL, USUAL_HZ, USUAL_SLICE
    from kernel.units import format_duration

    given = workload.scheduler.parameters
    if not workload.scheduler.policy.left_to_the_machine:
        return workload
    assumed = {
        "hz": f"a tick of {format_duration(1_000_000_000 // USUAL_HZ)} (hz {USUAL_HZ})",
        "base_slice": f"slices of {format_duration(USUAL_SLICE)} (base_slice)",
    }
    left_open = [words for name, words in assumed.items() if given.get(name) is None]
    if left_open:
        click.echo(
            f"{workload.scheduler.name}: the model assumes {' and '.join(left_open)}, as on "
            "machines with 8 or more processors; compare and run-real ask this machine",
            err=True,
        )
    usual = {name: USUAL.get(name) if value is None else value for name, value in given.items()}
    return replace(workload, scheduler=replace(workload.scheduler, parameters=usual))


def with_present_price(workload: Workload, limits: Limits, model: Run, real: Run) -> Run | None:
    """The run of the model charged with the price that held for the real run.

    None if that has none, or if other processes were started than in the `model` that is free.
    """
    from dataclasses import replace

    from language.cost_profiles import with_price
    from timeline.comparison.dispatched import price_of

    price = price_of(real)
    if price is None:
        return None
    run = simulated(with_price(replace(workload, expect=None), price), limits, explain=False)
    return run if run.process_names == model.process_names else None


def other_phases(workload: Workload) -> list[Run]:
    """The model again, with the tick at other times, if there is one."""
    import sim

    return sim.other_phases(workload)


# -- the real machine ----------------------------------------------------------------------------


def alone(no_wait: bool) -> AbstractContextManager[HostLock]:
    """Return a context in which no other real run begins here. It waits for one under way."""
    from real.host.run_lock import alone_on_host

    return alone_on_host(not no_wait, _remark)


def with_kernel_defaults(workload: Workload) -> Workload:
    """What its scheduler leaves open is as on this machine."""
    from real.host import kernel_defaults

    found = kernel_defaults.with_kernel_defaults(workload)
    if workload.expect is not None and found.expect is None:
        click.echo(
            "expect is dropped: it was written for the usual tick and slices, and this machine "
            "has others",
            err=True,
        )
    return found


def require_machine(workload: Workload) -> None:
    """Before anything long: raises UsageError if this machine cannot run it."""
    from real.host.cpus import choose_cpus

    choose_cpus(workload)


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
    """Run the workload on real processes. If `live`, draw it under way, below the `model`'s run.

    The record has the `price` of a dispatch that held, and the runs beside it that `host` knows.
    """
    from real import run_real
    from real.limits import check_bounds

    check_bounds(workload, limits)
    limit = handling.ends_after(workload)
    if workload.scheduler.dispatch == "none":
        if live:
            raise UsageError("--live shows our own dispatcher at work: leave it out here")
        if explain:
            told = "--explain: this machine's own scheduler decides, and tells no reasons"
            click.echo(told, err=True)
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
        for remark in remarks:
            _remark(remark)
    else:
        with _under_way("running", workload) as update:
            run = run_real(workload, limit, update, remark=_remark, **how)
    return _with_expectations(workload, run)


def _remark(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _drawn(
    workload: Workload, model: Run | None
) -> Iterator[Callable[[Callable[[], LiveUpdate]], None]]:
    """A picture of the run while it is under way; what a policy prints comes after it."""
    from io import StringIO

    from language.policies.confinement import confined
    from real.host.cpus import choose_cpus
    from real.host.guardian import Guardian
    from report.replay.live_painter import Painter
    from report.terminal.alternate_screen import AlternateScreen
    from timeline.record.assembly import blank_run
    from timeline.record.run import REAL

    scheduler = workload.scheduler
    cpus, said = choose_cpus(workload), StringIO()
    try:
        skeleton = blank_run(REAL, workload)
        with (
            AlternateScreen(sys.stdout.fileno()) as alternate,
            Guardian((alternate.leave,), keep=(alternate.fd,)) as keeper,
            Painter(
                skeleton,
                model,
                cpus.aside,
                spare=bool(cpus.spare),
                alternate=alternate,
                keeper=keeper,
            ) as painter,
            confined(scheduler.name, own=scheduler.own, stream=said),
        ):
            yield painter.watch
    finally:
        sys.stderr.write(said.getvalue())


def _with_expectations(workload: Workload, run: Run) -> Run:
    if workload.expect is None:
        return run
    from dataclasses import replace

    from timeline.expect import check

    try:
        return replace(run, expectations=check(workload.expect, run, time_unit=workload.time_unit))
    except UsageError as error:
        raise UsageError(f"{workload.source['file']}: {error}") from None
