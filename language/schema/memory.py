"""The `memory` section: a scheme and its keys. `memory_rules` checks which keys fit together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from kernel.hardware import MemorySpec
from kernel.memory import FITS, is_power_of_two, layout, make_allocator
from kernel.units import LARGEST, format_size
from language.schema.context import CheckContext, context_of
from language.schema.distributions import Model
from language.schema.quantities import PartitionSize, Read, whole, word
from language.schema.swapping import SwapKey
from language.source.wording import got
from translation import mark, tr

SCHEME_OF = {"partitions": "fixed", "holes": "variable", "min_block": "buddy"}
"""The scheme of each key that only one scheme has. Such a key implies the scheme."""
MOST_PIECES = 10_000


def _check_extent(extent: int, info: ValidationInfo, *, reserved: bool = False) -> None:
    """Raise ValueError for partitions or holes that a machine's memory cannot hold.

    `reserved`: what lies between the holes is counted, too.
    """
    memory = context_of(info).memory
    if memory is not None and extent > memory:
        sizes = {"size": format_size(extent), "memory": format_size(memory)}
        raise ValueError(
            tr(
                "add up to {size} with what is reserved between them, more than machine.memory "
                "({memory})",
                **sizes,
            )
            if reserved
            else tr("add up to {size}, more than machine.memory ({memory})", **sizes)
        )
    if extent > LARGEST:
        raise ValueError(
            tr(
                "add up to {size} bytes with what is reserved between them, more than any machine "
                "has",
                size=extent,
            )
            if reserved
            else tr("add up to {size} bytes, more than any machine has", size=extent)
        )


def _fitting_partitions(partitions: list[int], info: ValidationInfo) -> list[int]:
    _check_extent(sum(partitions), info)
    return partitions


def _fitting_holes(holes: list[int], info: ValidationInfo) -> list[int]:
    _check_extent(layout(holes)[-1].end, info, reserved=len(holes) > 1)
    return holes


def _fitting_block(block: int, info: ValidationInfo) -> int:
    memory = context_of(info).memory
    if not is_power_of_two(block):
        raise ValueError(
            tr("must be a power of two, like 64KiB (got {block})", block=format_size(block))
        )
    if memory is not None and block > memory:
        raise ValueError(
            tr(
                "must be at most machine.memory, {memory} (got {block})",
                memory=format_size(memory),
                block=format_size(block),
            )
        )
    return block


def _degree(value: Any, context: CheckContext) -> int | None:
    """Return how many programs are admitted at most; None for `none`: any number."""
    if isinstance(value, str):
        if value == "none":
            return None
        raise ValueError(got(tr("none or a whole number of 1 or more"), value))
    least: int = whole(1, MOST_PIECES).convert(value, context)
    return least


_DEGREE = {"anyOf": [{"const": "none"}, {"type": "integer", "minimum": 1}]}
_Pieces = Field(min_length=1, max_length=MOST_PIECES)


class MemorySection(Model):
    """How main memory is divided among programs."""

    scheme: Annotated[Literal["fixed", "variable", "buddy"], word("fixed", "variable", "buddy")] | (
        None
    ) = Field(
        default=None,
        description=mark(
            "How memory is divided. Default: as partitions, holes or min_block need it, "
            "else variable."
        ),
    )
    partitions: (
        Annotated[list[PartitionSize], _Pieces, AfterValidator(_fitting_partitions)] | None
    ) = Field(default=None, description=mark("fixed: their sizes, from address 0 up."))
    holes: Annotated[list[PartitionSize], _Pieces, AfterValidator(_fitting_holes)] | None = Field(
        default=None, description=mark("variable: the free holes at the start, from address 0 up.")
    )
    min_block: Annotated[PartitionSize, AfterValidator(_fitting_block)] | None = Field(
        default=None, description=mark("buddy: the smallest block, a power of two.")
    )
    fit: Annotated[Literal["first", "next", "best", "worst"], word(*FITS)] = Field(
        default="first", description=mark("Which of the holes that are large enough is taken.")
    )
    next_from: Annotated[Literal["placement", "hole"], word("placement", "hole")] = Field(
        default="placement",
        description=mark("fit: next searches from behind the program placed last, or its hole."),
    )
    admission: Annotated[Literal["fifo", "skip"], word("fifo", "skip")] = Field(
        default="fifo",
        description=mark(
            "fifo: the first program in the queue blocks the others; skip: the first "
            "that fits is admitted."
        ),
    )
    on_full: Annotated[Literal["queue", "refuse"], word("queue", "refuse")] = Field(
        default="queue", description=mark("A program that finds no place waits, or never runs.")
    )
    queues: Annotated[Literal["single", "per-partition"], word("single", "per-partition")] = Field(
        default="single",
        description=mark("fixed: one queue of waiting programs, or one queue per partition."),
    )
    compaction: Annotated[Literal["never", "when-needed"], word("never", "when-needed")] = Field(
        default="never",
        description=mark("variable: when-needed moves programs together if one finds no place."),
    )
    swap: SwapKey = Field(
        default=None,
        description=mark("Swap a blocked program out for one that waits for memory; or none."),
    )
    max_resident: Annotated[int | None, Read(_degree, _DEGREE)] = Field(
        default=None,
        description=mark("The largest number of programs in memory (degree of multiprogramming)."),
    )

    @model_validator(mode="before")
    @classmethod
    def _unknown_yet(cls, written: Any, info: ValidationInfo) -> Any:
        context_of(info).largest_program = context_of(info).extent = None
        return written

    @model_validator(mode="after")
    def _learn(self, info: ValidationInfo) -> MemorySection:
        """Note how large a program may be. `memory_problems` reports keys that do not fit."""
        context = context_of(info)
        with suppress(ValueError):
            spec = self.spec(context.memory)
            context.extent = spec.size
            context.largest_program = make_allocator(spec).largest_program
            context.largest_place = (
                mark("the largest partition")
                if self.kind == "fixed"
                else mark("the largest hole")
                if self.holes
                else mark("machine.memory")
            )
        return self

    @property
    def kind(self) -> str:
        """The scheme as it is written, or as other keys imply it."""
        return self.scheme or implied(key for key in SCHEME_OF if getattr(self, key) is not None)

    def spec(self, size: int | None, devices: Sequence[str] = ()) -> MemorySpec:
        """Return the specification of memory for the kernel.

        `size` is machine.memory in bytes; None: the size of all partitions or holes. `devices` are
        the machine's devices; without them nothing is swapped. Raises ValueError if the size is
        not known.
        """
        partitions, holes = tuple(self.partitions or ()), tuple(self.holes or ())
        if size is None and holes:
            size = layout(holes)[-1].end
        elif size is None and partitions:
            size = sum(partitions)
        if size is None:
            raise ValueError("memory without a size")
        return MemorySpec(
            size,
            partitions,
            self.fit,
            self.admission,
            self.kind,
            holes,
            self.min_block or 0,
            self.queues,
            self.compaction,
            self.swap.spec(devices) if self.swap and devices else None,
            self.max_resident,
            self.next_from,
            self.on_full,
        )


def implied(keys: Iterable[str]) -> str:
    """Return the scheme of a section that has these keys and no key `scheme`."""
    return next((SCHEME_OF[key] for key in keys if key in SCHEME_OF), "variable")


def check_program_size(memory: int, context: CheckContext) -> int:
    """Return `memory` (bytes) if a part of the machine's memory can hold it. Raises ValueError."""
    largest = context.largest_program
    if largest is not None and memory > largest:
        raise ValueError(
            tr(
                "must fit {place}, {largest} (got {size})",
                place=tr(context.largest_place),
                largest=format_size(largest),
                size=format_size(memory),
            )
        )
    return memory


def check_has_memory(amount: int, info: ValidationInfo) -> int:
    """Return the amount of a memory step if its process has memory. Raises ValueError."""
    context = context_of(info)
    if context.asks is False:
        raise ValueError(tr("needs a process with memory, like memory: 4MiB; this one has none"))
    if not context.modelled:
        raise ValueError(tr("needs a machine with memory; write machine: {memory: 64MiB}"))
    return amount


def check_address(address: int, info: ValidationInfo) -> int:
    """Return the address if it is below the size of memory. Raises ValueError.

    So a real access to it stays inside the memory that is reserved for the run.
    """
    extent = context_of(info).extent
    if extent is not None and address >= extent:
        raise ValueError(
            tr(
                "must be an address inside the machine's memory of {size} (got {address})",
                size=format_size(extent),
                address=format_size(address),
            )
        )
    return address
