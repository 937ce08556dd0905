"""The limits on what a real run may ask of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kernel.errors import UsageError
from kernel.process.program import CPU
from kernel.units import format_duration, format_size
from kernel.workload import Workload
from real.memory.physical import scaled


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
        yield (
            f"the scenario has {workers:,} processes, and a real run may start at most {most:,} "
            f"(the limit workers): simulate it, or raise it, like --limit workers={workers}"
        )
    if workload.memory is not None:
        scale, size = scaled(workload.memory, [spec.memory for spec in workload.processes])
        if size > limits["memory"]:
            by = f" (scaled by {scale} to whole pages)" if scale > 1 else ""
            yield (
                f"the machine's memory takes {format_size(size)} here{by}, more than "
                f"{format_size(limits['memory'])} (the limit memory): use less, or simulate"
            )
    asked = sum(
        duration
        for spec in workload.processes
        for place, duration in zip(spec.program.places, spec.program.durations, strict=True)
        if place == CPU
    )
    if asked > limits["cpu"]:
        yield (
            f"the programs ask for {format_duration(asked)} of CPU time, more than "
            f"{format_duration(limits['cpu'])} (the limit cpu): use a smaller --time-unit, "
            "or simulate"
        )
