"""The machine of a scenario: cores, devices, main memory and its partitions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from kernel.units import LARGEST, format_size
from scenarios.amounts import Model
from scenarios.facts import Facts, facts_of
from scenarios.quantities import (
    DeviceName,
    Moment,
    PartitionSize,
    Read,
    Units,
    later,
    whole,
    word,
)
from scenarios.words import NOTHING

MOST_CORES = 1024


class Device(Model):
    """A device with one FIFO queue in front of its servers."""

    units: Units = Field(default=1, description="Servers; `unlimited` never queues.")


def _learn_devices(devices: Any, info: ValidationInfo) -> Any:
    """Before they are checked: a program may name a device that is wrong in itself.

    A device without a word about it (`disk:`) has the defaults.
    """
    if not isinstance(devices, dict):
        facts_of(info).devices = None
        return devices
    facts_of(info).devices = tuple(devices)
    return {name: {} if device is NOTHING else device for name, device in devices.items()}


def _learn_memory(memory: int, info: ValidationInfo) -> int:
    facts_of(info).memory = memory
    return memory


def _count_cores(value: Any, facts: Facts) -> int:
    facts.cores = None  # while it is not known to be right
    facts.cores = _CORES.convert(value, facts)
    return facts.cores


_CORES = whole(1, MOST_CORES)


class Costs(Model):
    """What the simulated machine charges a core for; real machines take what they take."""

    dispatch: Moment = Field(default=0, description="Giving a core to a process.")
    switch: Moment = Field(default=0, description="If another process ran there last.")
    migration: Moment = Field(default=0, description="If the process last ran on another core.")
    fork: Annotated[Any, later("leave it out")] = None
    spawn: Annotated[Any, later("leave it out")] = None
    copy_per_mib: Annotated[Any, later("leave it out")] = None


class Machine(Model):
    """What the programs run on."""

    cores: Annotated[int, Read(_count_cores, _CORES.schema)] = Field(
        default=1, description="Simulated cores, and real cores used."
    )
    memory: Annotated[PartitionSize, AfterValidator(_learn_memory)] | None = Field(
        default=None,
        description="Main memory. Left out: as large as its partitions, or not modelled.",
    )
    devices: Annotated[
        dict[DeviceName, Device], BeforeValidator(_learn_devices), Field(max_length=1000)
    ] = Field(default={}, description="Devices by name.")
    costs: Costs = Field(
        default_factory=Costs.model_construct, description="What the model charges; else nothing."
    )


def _fitting(partitions: list[int], info: ValidationInfo) -> list[int]:
    facts, total = facts_of(info), sum(partitions)
    if facts.memory is not None and total > facts.memory:
        both = f"{format_size(total)}, more than machine.memory ({format_size(facts.memory)})"
        raise ValueError(f"add up to {both}")
    if total > LARGEST:
        raise ValueError(f"add up to {total} bytes, more than any machine has")
    facts.largest_partition = max(partitions)
    return partitions


NO_VARIABLE = (
    "variable memory, the default scheme, is not built yet; "
    "write memory: {scheme: fixed, partitions: [16MiB, 48MiB]}, with the sizes you want"
)


class Memory(Model):
    """How main memory is shared out: fixed partitions, one program in each."""

    scheme: Annotated[Literal["fixed"], word("fixed", later=("variable", "buddy"))] | None = Field(
        default=None, description="fixed; with `partitions` it need not be said."
    )
    partitions: (
        Annotated[
            list[PartitionSize], Field(min_length=1, max_length=10_000), AfterValidator(_fitting)
        ]
        | None
    ) = Field(default=None, description="Sizes of the partitions, from address 0 up.")
    fit: Annotated[Literal["first", "best"], word("first", "best", later=("worst", "next"))] = (
        Field(default="first", description="first: the first free partition; best: the smallest.")
    )
    admission: Annotated[Literal["fifo", "skip"], word("fifo", "skip")] = Field(
        default="fifo",
        description="fifo: the head of the line blocks; skip: the first program that fits.",
    )
    queues: Annotated[Literal["single"], word("single", later=("per-partition",))] = "single"
    compaction: Annotated[Literal["never"], word("never")] = "never"
    swap: Annotated[Literal["none"], word("none")] = "none"
    holes: Annotated[Any, later("write partitions: [...]")] = None
    min_block: Annotated[Any, later("write partitions: [...]")] = None
    max_resident: Annotated[Any, later("the number of partitions limits it")] = None

    @model_validator(mode="after")
    def _fixed(self) -> Memory:
        if self.partitions is None:
            if self.scheme is None:
                raise ValueError(NO_VARIABLE)
            raise ValueError("must have partitions, like partitions: [16MiB, 48MiB]")
        return self


def check_program_size(memory: int, facts: Facts) -> int:
    """`memory` if some partition can hold it. Raises ValueError."""
    if facts.largest_partition is not None and memory > facts.largest_partition:
        largest = format_size(facts.largest_partition)
        raise ValueError(f"must fit the largest partition, {largest} (got {format_size(memory)})")
    return memory
