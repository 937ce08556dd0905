"""The profile of this machine: how long it takes for what costs a model no time.

Switches, signals, timers and starts are measured, each some dozens of times. The median is what
each of them costs. The spread shows how precisely this machine can measure.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from kernel.dispatch_price import PROFILE_FORMAT, SHARED, SPARE
from kernel.errors import UsageError
from real.calibration.dispatch_price import price
from real.calibration.disturbances import load_of_others, warnings
from real.calibration.hardware import fsyncs, speeds
from real.calibration.signals import continues, stops, timer_lateness, wake_ups
from real.calibration.starts import starts
from real.calibration.switches import switch_costs
from real.host import probe, sched_classes
from translation import mark, tr

Times = Callable[[], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Measure:
    """The times of one thing that was measured: ns, in rising order."""

    name: str
    times: tuple[int, ...]

    def at(self, share: float) -> int:
        """Return the time (ns) below which this share of the times lies: a quantile."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]

    def to_json(self) -> dict[str, int]:
        """Return the figures of the times as they stand in the profile."""
        figures = {"p10_ns": self.at(0.1), "p50_ns": self.at(0.5), "p90_ns": self.at(0.9)}
        return {"count": len(self.times), **figures, "max_ns": self.times[-1]}


def calibrate(tell: Callable[[str], None], folder: Path) -> dict[str, Any]:
    """Measure everything, and return the profile as plain data. It takes some seconds.

    `tell` gets the name of each thing that is measured. The speed of the disk is measured with
    files in `folder`, which are removed. Raises UsageError if this is not Linux, or the folder
    cannot be made.
    """
    _check(folder)
    available = probe.available_cpus()
    cpu, spare = available[-1], available[:-1]
    stolen, began = probe.steal_ns(available), time.monotonic_ns()
    tell(mark("what other programs do"))
    load = load_of_others()
    found = []
    for name, times in _measures(cpu, spare, folder):
        tell(name)
        found.append(Measure(name, tuple(sorted(times()))))
    tell(mark("switches of the dispatcher, and of the kernel"))
    ours, native, seen = switch_costs()
    found += [Measure(name, tuple(sorted(times))) for name, times in seen.items() if times]
    prices = {SHARED: price(len(available), tell)}
    if spare:
        prices = {SPARE: price(1, tell), **prices}
    of_cpus = list(speeds(available))
    took = time.monotonic_ns() - began
    stolen = probe.steal_ns(available) - stolen
    return {
        "format": PROFILE_FORMAT,
        "machine": probe.describe_host(available),
        "scheduler": {**probe.describe_scheduler(), "base_slice_ns": sched_classes.base_slice()},
        "measures": {measure.name: measure.to_json() for measure in found},
        "costs": ours,
        "free_costs": native,
        "prices": {name: each.to_json() for name, each in prices.items()},
        "speeds": of_cpus,
        "warnings": list(warnings(stolen / (took * len(available)), load, of_cpus, available)),
    }


def _check(folder: Path) -> None:
    if not sys.platform.startswith("linux"):
        raise UsageError(tr("calibrate needs Linux; --costs ideal works everywhere"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            tr("{folder}: cannot be made: {reason}", folder=folder, reason=error.strerror)
        ) from None


def _measures(cpu: int, spare: Sequence[int], folder: Path) -> Iterator[tuple[str, Times]]:
    """Yield the name of each thing to measure, and the function that measures it.

    It is measured on processor `cpu`, while the caller runs on `spare`.
    """
    yield "stop", partial(stops, cpu, spare)
    yield "continue", partial(continues, cpu, spare)
    yield "timer lateness", timer_lateness
    yield "wake-up", partial(wake_ups, cpu)
    for method, count in (("fork", 10), ("forkserver", 5), ("spawn", 3)):
        yield f"start by {method}", partial(starts, method, count)
    yield "fsync of 4 KiB", partial(fsyncs, folder)
