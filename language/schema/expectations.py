"""The `expect` section: the expected results of a run. `timeline.expect` compares them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from kernel.units import NS_PER
from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.gantt import Gantt
from language.schema.quantities import (
    DurationOrZero,
    Place,
    ProcessName,
    Read,
    Text,
    Tolerance,
    Use,
    whole,
)
from language.source.wording import NOTHING, got, unknown
from translation import mark, tr

LATENCIES = ("wakeup", "dispatch", "burst", "slack")
PER_PROCESS = ("completion", "turnaround", "waiting", "response", "first_run")
Times = dict[ProcessName, DurationOrZero]
Counts = dict[ProcessName, Annotated[int, whole(0, 10**12)]]


def part_name(value: Any, context: CheckContext) -> str:
    """Return the checked name of all cores together (`cpu`), of one core, or of a device."""
    if not isinstance(value, str):
        raise ValueError(got(tr("cpu, a core like core 0, or a device"), value))
    if context.cores is None or context.devices is None:
        return value  # the check of the machine reports its mistakes
    known = ["cpu", *(f"core {core}" for core in range(context.cores)), *context.devices]
    if value not in known:
        raise ValueError(unknown(tr("core or device"), value, known))
    return value


Uses = dict[Annotated[str, Read(part_name, {"type": "string"})], Use]


def _throughput(value: Any, context: CheckContext) -> tuple[str, int]:
    """Return the number as it is written, as its decimals tell its precision, and the time, ns."""
    wanted = tr("programs per time like 13.04/s, or a number for the time unit")
    number, slash, unit = str(value).partition("/")
    plain = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    digits = re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", number.strip())
    if not plain or digits is None or (slash and unit.strip() not in NS_PER):
        raise ValueError(got(wanted, value))
    return number.strip(), NS_PER[unit.strip()] if slash else context.time_unit


Throughput = Annotated[
    tuple[str, int],
    Read(_throughput, {"type": ["string", "number"], "examples": ["13.04/s", 0.25]}),
]


class Bounds(Model):
    """Bounds of a process's latencies: at most so long; of the slack at least so long."""

    min: DurationOrZero | None = None
    mean: DurationOrZero | None = None
    median: DurationOrZero | None = None
    p95: DurationOrZero | None = None
    p99: DurationOrZero | None = None
    max: DurationOrZero | None = None


Latency = dict[ProcessName, Bounds]


class Means(Model):
    """Means over all processes."""

    turnaround: DurationOrZero | None = None
    waiting: DurationOrZero | None = None
    response: DurationOrZero | None = None


def _once_each(order: list[str]) -> list[str]:
    for name in order:
        if order.count(name) > 1:
            raise ValueError(
                tr("must name each process once ({name!r} stands here twice)", name=name)
            )
    return order


def _value(value: Any, context: CheckContext) -> Any:
    """Return the value of an observation. Any value is allowed, also none."""
    if value is NOTHING:
        return None
    if isinstance(value, dict):
        return {str(key): _value(each, context) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(each, context) for each in value]
    return value


class Observed(Model):
    """An observation of a process. Only the written keys of a mapping are compared."""

    process: ProcessName
    name: Text
    value: Annotated[Any, Read(_value, {})]


class Expect(Model):
    """The expected results of a run. A mapping has the names of processes as keys."""

    completion: Times = Field(default={}, description=mark("The time at which each process ends."))
    turnaround: Times = Field(
        default={}, description=mark("The time from the arrival of each process to its end.")
    )
    waiting: Times = Field(
        default={}, description=mark("The time in which each process is ready, but not running.")
    )
    response: Times = Field(
        default={}, description=mark("The time from the arrival of each process to its first run.")
    )
    first_run: Times = Field(
        default={}, description=mark("The time at which each process first runs.")
    )
    mean: Means | None = Field(default=None, description=mark("Means over all processes."))
    makespan: DurationOrZero | None = Field(
        default=None, description=mark("The time at which the last program ends.")
    )
    order: Annotated[list[ProcessName], AfterValidator(_once_each)] | None = Field(
        default=None, description=mark("The names of the processes in the order in which they end.")
    )
    gantt: Gantt | None = Field(
        default=None, description=mark("What runs on each core: {0: [A 0-20, B 20-50]}.")
    )
    dispatched: list[ProcessName] | None = Field(
        default=None,
        description=mark("The processes that get a core, slice by slice from the start."),
    )
    preemptions: Counts = Field(
        default={}, description=mark("How often each process loses its core to another one.")
    )
    missed: Counts = Field(default={}, description=mark("How many deadlines each process misses."))
    exitcode: dict[ProcessName, Annotated[int, whole(-64, 255)]] = Field(
        default={},
        description=mark("The exit code of each process: 0, or -11 after a protection fault."),
    )
    swaps: Counts = Field(default={}, description=mark("How often each process is swapped out."))
    utilization: Uses = Field(
        default={},
        description=mark("How long cpu (all cores), core 0 or a device is busy: 89.4% or 5ms."),
    )
    idle: Uses = Field(
        default={},
        description=mark("How long cpu, a core or a device is idle; written as utilization."),
    )
    throughput: Throughput | None = Field(
        default=None,
        description=mark("Completed programs per second (13.04/s), or per time unit (a number)."),
    )
    wakeup: Latency = Field(
        default={},
        description=mark("The longest time from the end of a wait until the process runs."),
    )
    dispatch: Latency = Field(
        default={},
        description=mark("The longest time from ready, while a core is free, until running."),
    )
    burst: Latency = Field(
        default={}, description=mark("The longest time from ready to the end of a burst.")
    )
    slack: Latency = Field(
        default={}, description=mark("The least time from the completion of a job to its deadline.")
    )
    placed: dict[ProcessName, Place] = Field(
        default={},
        description=mark("Where each program is placed: the hole and its address, 500KiB@64KiB."),
    )
    waits: Annotated[list[ProcessName], AfterValidator(_once_each)] | None = Field(
        default=None, description=mark("The names of all processes that have to wait for memory.")
    )
    prints: list[Text] | None = Field(
        default=None, description=mark("All lines that the processes print, in order.")
    )
    observed: list[Observed] = Field(
        default=[], description=mark("What observations show: in turn, for each process and name.")
    )
    deadlock: Annotated[list[ProcessName], AfterValidator(_once_each)] | None = Field(
        default=None,
        description=mark("The processes that wait for ever: the run must end in this deadlock."),
    )
    tolerance: Tolerance = Field(default=0.02, description=mark("How far a real run may be off."))

    def plain(self) -> dict[str, Any]:
        """Return only what is written, with times in ns and the tolerance as a share of 1."""
        written = self.model_dump(exclude_defaults=True)
        if self.observed:
            written["observed"] = [(each.process, each.name, each.value) for each in self.observed]
        if "mean" in written:
            written["mean"] = self.mean.model_dump(exclude_none=True) if self.mean else {}
        for kind in LATENCIES:
            if kind in written:
                found: dict[str, Bounds] = getattr(self, kind)
                written[kind] = {
                    name: bounds.model_dump(exclude_none=True) for name, bounds in found.items()
                }
        return {**written, "tolerance": self.tolerance}
