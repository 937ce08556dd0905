"""The limits on what a real run may ask of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kernel.errors import UsageError
from kernel.process.program import CPU
from kernel.units import format_duration, format_size
from kernel.workload import Workload
from real.memory.physical import scaled
from translation import tr


def check_bounds(workload: Workload, limits: Mapping[str, int]) -> None:
    """Raise UsageError if the workload asks for more than one of `limits` allows.

    The limits are `workers` (how many), `memory` (bytes) and `cpu` (ns). The message names the
    limit.
    """
    for problem in _problems(workload, limits):
        raise UsageError(problem)


def _problems(workload: Workload, limits: Mapping[str, int]) -> Iterator[str]:
    workers, most = len(workload.processes), limits["workers"]
    if workers > most:
        yield tr(
            "the scenario has {workers:,} processes, and a real run may start at most {most:,} "
            "(the limit workers): simulate it, or raise it, like --limit workers={workers}",
            workers=workers,
            most=most,
        )
    if workload.memory is not None:
        scale, size = scaled(workload.memory, [spec.memory for spec in workload.processes])
        if size > limits["memory"]:
            named = {"size": format_size(size), "limit": format_size(limits["memory"])}
            if scale > 1:
                yield tr(
                    "the machine's memory takes {size} here (scaled by {scale} to whole pages), "
                    "more than {limit} (the limit memory): use less, or simulate",
                    scale=scale,
                    **named,
                )
            else:
                yield tr(
                    "the machine's memory takes {size} here, more than {limit} (the limit memory): "
                    "use less, or simulate",
                    **named,
                )
    asked = sum(
        duration
        for spec in workload.processes
        for place, duration in zip(spec.program.places, spec.program.durations, strict=True)
        if place == CPU
    )
    if asked > limits["cpu"]:
        yield tr(
            "the programs ask for {asked} of CPU time, more than {limit} (the limit cpu): use a "
            "smaller --time-unit, or simulate",
            asked=format_duration(asked),
            limit=format_duration(limits["cpu"]),
        )
