"""The machine of a scenario: cores, devices, main memory."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from language.schema.context import CheckContext, context_of
from language.schema.distributions import Model
from language.schema.quantities import (
    DeviceName,
    DurationOrZero,
    PartitionSize,
    Positive,
    Read,
    Units,
    whole,
    word,
)
from language.source.wording import NOTHING
from translation import mark, tr

MOST_CORES = 1024
MOST_TRACK = 10**9


class ServersFrom(Model):
    """The number of a device's servers from a time on."""

    at: Positive = Field(
        description=mark("The time from which on the device has this number of servers.")
    )
    units: Annotated[int, whole(0, 1_000_000)] = Field(
        description=mark("The number of servers from then on; 0: none.")
    )


def _in_order(changes: list[ServersFrom]) -> list[ServersFrom]:
    if any(after.at <= before.at for before, after in pairwise(changes)):
        raise ValueError(
            tr("must be in the order of time: each change comes after the one before it")
        )
    if not changes[-1].units:
        raise ValueError(tr("must end with at least one server, or requests wait for ever"))
    return changes


class DeviceSection(Model):
    """A device with one queue in front of its servers."""

    units: Units = Field(
        default=1,
        description=mark("The number of servers; with `unlimited` no request ever waits."),
    )
    queue: Annotated[Literal["fifo", "priority", "sstf"], word("fifo", "priority", "sstf")] = Field(
        default="fifo",
        description=mark(
            "Which request is served next: the first, the most important, the nearest."
        ),
    )
    head: Annotated[int, whole(0, MOST_TRACK)] = Field(
        default=0, description=mark("With sstf: the track at which the head is at the start.")
    )

    changes: (
        Annotated[
            list[ServersFrom], Field(min_length=1, max_length=1000), AfterValidator(_in_order)
        ]
        | None
    ) = Field(
        default=None,
        description=mark("Later changes of the number of servers: [{at: 50ms, units: 2}]."),
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.changes is not None and (self.units == "unlimited" or self.queue == "sstf"):
            raise ValueError(tr("has changes, which are for a number of servers, and not for sstf"))
        if self.queue == "sstf" and self.units != 1:
            raise ValueError(tr("must have one server with queue: sstf, as it has one head"))
        if self.queue == "priority" and self.units == "unlimited":
            raise ValueError(tr("has no queue with units: unlimited; leave queue out"))
        return self


def _learn_devices(devices: Any, info: ValidationInfo) -> Any:
    """Note the names of all devices before one is checked.

    So a device with a mistake is still known when a program names it. A device with an empty value
    (`disk:`) has the defaults.
    """
    if not isinstance(devices, dict):
        context_of(info).devices = None
        return devices
    context_of(info).devices = tuple(devices)
    context_of(info).seeking = frozenset(
        name
        for name, device in devices.items()
        if isinstance(device, dict) and device.get("queue") == "sstf"
    )
    return {name: {} if device is NOTHING else device for name, device in devices.items()}


def _learn_memory(memory: int, info: ValidationInfo) -> int:
    context = context_of(info)
    context.memory = context.extent = context.largest_program = (
        memory  # one hole, unless the memory section divides it
    )
    return memory


def _count_cores(value: Any, context: CheckContext) -> int:
    context.cores = None  # not known until the number is checked
    context.cores = _CORES.convert(value, context)
    return context.cores


_CORES = whole(1, MOST_CORES)


class CostsSection(Model):
    """The costs that the simulated machine charges to a core. A real machine has its own costs."""

    dispatch: DurationOrZero = Field(
        default=0, description=mark("Charged whenever a core is given to a process.")
    )
    switch: DurationOrZero = Field(
        default=0, description=mark("Charged in addition if another process ran on the core last.")
    )
    switch_at: Annotated[
        Literal["coming", "leaving", "half"], word("coming", "leaving", "half")
    ] = Field(
        default="coming",
        description=mark(
            "When a switch is charged: to the leaving or coming process, or half each."
        ),
    )
    migration: DurationOrZero = Field(
        default=0, description=mark("Charged in addition if the process last ran on another core.")
    )
    fork: DurationOrZero = Field(
        default=0, description=mark("CPU time to start another process, by fork.")
    )
    spawn: DurationOrZero = Field(
        default=0, description=mark("CPU time to start another process, by spawn.")
    )
    forkserver: DurationOrZero = Field(
        default=0, description=mark("CPU time to start another process, by forkserver.")
    )
    copy_per_mib: DurationOrZero = Field(
        default=0,
        description=mark("Time to move one MiB of a program, which is suspended meanwhile."),
    )


class MachineSection(Model):
    """The machine on which the programs run."""

    cores: Annotated[int, Read(_count_cores, _CORES.schema)] = Field(
        default=1,
        description=mark("The number of simulated cores, and of real cores that a run uses."),
    )
    memory: Annotated[PartitionSize, AfterValidator(_learn_memory)] | None = Field(
        default=None,
        description=mark(
            "The size of main memory. Default: that of partitions or holes, or no memory."
        ),
    )
    devices: Annotated[
        dict[DeviceName, DeviceSection], BeforeValidator(_learn_devices), Field(max_length=1000)
    ] = Field(default={}, description=mark("The devices, by their names."))
    costs: CostsSection = Field(
        default_factory=CostsSection.model_construct,
        description=mark("The costs that the model charges. Default: none."),
    )
