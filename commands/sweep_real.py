"""The real runs of a sweep: one after the other, in random order, never two on one host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from commands import machines
from commands.resolve import Host, resolve
from kernel.errors import UsageError
from translation import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from commands.asked import Asked
    from commands.machines import Handling
    from experiments.running.bench import Bench

    Keep = Callable[[int, int, Sequence[float]], None]


def run_for_real(
    bench: Bench,
    wanted: Sequence[tuple[int, int]],
    asked: Asked,
    handling: Handling,
    keep: Keep,
) -> None:
    """Run each (point, replication) of `wanted` on real processes, in this order.

    `keep` takes point, replication and values. A run that was stopped is reported, and not kept.
    Raises UsageError before the first run if a point cannot run here, and KeyboardInterrupt.
    """
    from commands.prices import known_price

    for point in sorted({point for point, _ in wanted}):
        workload = resolve(bench.workload(point), None, Host.THIS)
        try:
            machines.check_real_run(workload, asked.limit, handling, live=False)
        except UsageError as error:
            raise UsageError(f"{bench.words(point)}: {error}") from None
    with machines.alone(handling.no_wait) as host:
        for done, (point, replication) in enumerate(wanted, start=1):
            click.echo(
                tr(
                    "real run {done} of {runs}: {point}",
                    done=done,
                    runs=len(wanted),
                    point=bench.words(point),
                ),
                err=True,
            )
            workload = resolve(bench.workload(point, replication), None, Host.THIS)
            run = machines.really_run(
                workload,
                asked.limit,
                handling,
                explain=False,
                price=known_price(workload),
                host=host,
            )
            if machines.is_interrupted(run):
                raise KeyboardInterrupt
            if run.stopped is not None:
                told = tr(
                    "the run was stopped, and is not counted: {reason}", reason=tr(run.stopped)
                )
                click.echo(told, err=True)
                continue
            keep(point, replication, bench.values(run))


def in_random_order(pairs: Sequence[tuple[int, int]], seed: int) -> list[tuple[int, int]]:
    """Return the pairs in an order drawn from `seed`.

    What else happens on the machine in the meantime then does not fall on neighbouring points.
    """
    from language.schema.random_draws import stream

    random = stream(seed, "order of real runs")
    return [pair for _, pair in sorted((random(), pair) for pair in pairs)]
