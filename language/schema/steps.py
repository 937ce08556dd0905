"""The steps of a program: CPU bursts, I/O, memory, repetition."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)
from typing_extensions import TypeAliasType, override

from language.schema.context import CheckContext, context_of
from language.schema.distributions import Amount, Length, Model, key_of
from language.schema.lifecycle_base import LifecycleStep
from language.schema.lifecycle_steps import LIFECYCLE_STEPS
from language.schema.machine import MOST_TRACK
from language.schema.memory import check_address, check_has_memory
from language.schema.quantities import DISTRIBUTIONS, Name, PartitionSize, Read, Size, whole
from language.schema.step_model import StepModel
from language.source.wording import KeyPath, got, no_such_device, shown, unknown
from translation import tr

STEPS = ("cpu", "io", "repeat", "alloc", "free", "touch", *LIFECYCLE_STEPS)
INSTEAD = {
    "sleep": "io",
    "put": "send",
    "get": "receive",
    "recv": "receive",
    "semaphore": "acquire",
    "event": "wait_event",
    "condition": "wait",
}
"""The right step for each name that a user may write instead."""
MOST_TIMES = 10**12


class CpuStep(StepModel):
    """CPU time that the process needs. Time in which it waits for a core does not count."""

    cpu: Length


def _kind_of_io(value: Any) -> str:
    """Return the tag of an io step: a distribution is a wait, any other mapping names a device."""
    if not isinstance(value, dict) or key_of(value) in DISTRIBUTIONS:
        return "<wait>"
    return "<device>" if len(value) == 1 else "<bad>"


def _refuse_io(value: Any, _context: CheckContext) -> Any:
    raise ValueError(
        tr("must be one device with its time, like {{disk: 20ms}} (got {keys})", keys=_keys(value))
        if value
        else tr("must be one device with its time, like {disk: 20ms} (got nothing)")
    )


def _keys(mapping: dict[str, Any]) -> str:
    """Return the first keys, in words, of a mapping that should have only one key."""
    return ", ".join(shown(key)[1:-1] for key in list(mapping)[:4])


DeviceTime = Annotated[dict[Name, Length], Field(min_length=1, max_length=1)]


class IoStep(StepModel):
    """I/O time, in which the process needs no core: a plain wait, or time of a device.

    A plain wait needs no device, so it never queues; `{disk: 20ms}` queues at the machine's disk.
    """

    io: Annotated[
        Annotated[Length, Tag("<wait>")]
        | Annotated[DeviceTime, Tag("<device>")]
        | Annotated[Any, Read(_refuse_io), Tag("<bad>")],
        Discriminator(_kind_of_io),
    ]
    track: Annotated[int, whole(0, MOST_TRACK)] | None = None

    @field_validator("io")
    @classmethod
    def _known_device(cls, io: Amount | dict[str, Amount], info: ValidationInfo) -> Any:
        context: CheckContext = info.context  # type: ignore[assignment]  # always ours
        if isinstance(io, dict) and context.devices is not None:
            device = next(iter(io))
            if device not in context.devices:
                raise ValueError(no_such_device(device, context.devices, DISTRIBUTIONS))
        return io

    @model_validator(mode="after")
    def _on_a_track(self, info: ValidationInfo) -> IoStep:
        device = next(iter(self.io)) if isinstance(self.io, dict) else None
        seeks = device in context_of(info).seeking
        if seeks and self.track is None:
            example = f"{{io: {{{device}: 5ms}}, track: 55}}"
            raise ValueError(
                tr(
                    "needs a track, like {example}: the queue of {device} is sstf",
                    example=example,
                    device=device,
                )
            )
        if self.track is not None and not seeks:
            raise ValueError(tr("has a track, which is for a device with queue: sstf"))
        return self


class AllocStep(StepModel):
    """The program allocates so many bytes of its partition; MemoryError if they do not fit."""

    alloc: Annotated[PartitionSize, AfterValidator(check_has_memory)]


class FreeStep(StepModel):
    """The program frees so many of the bytes that it has allocated."""

    free: Annotated[PartitionSize, AfterValidator(check_has_memory)]


class TouchStep(StepModel):
    """The program writes to this address, relative to its base. Beyond its partition it dies."""

    touch: Annotated[Size, AfterValidator(check_has_memory), AfterValidator(check_address)]


class Repetition(Model):
    """Steps that are executed several times, with new draws each time."""

    times: Annotated[int, whole(1, MOST_TIMES)]
    do: Annotated[list[Step], Field(min_length=1)]


class RepeatStep(StepModel):
    """Execute some steps several times."""

    repeat: Repetition

    @override
    def count(self) -> int:
        return self.repeat.times * sum(step.count() for step in self.repeat.do)


def _kind_of_step(value: Any) -> str:
    if isinstance(value, dict) and len(value) == 2 and {"io", "track"} == set(value):
        return "<io>"
    key = key_of(value)
    return f"<{key}>" if key in STEPS else "<bad>"


def _refuse(value: Any, _context: CheckContext) -> Any:
    key = key_of(value)
    if key in INSTEAD:
        raise ValueError(
            tr("unknown step {step!r}; write {instead}", step=key, instead=INSTEAD[key])
        )
    if key is not None:
        raise ValueError(unknown(tr("step"), key, STEPS))
    if isinstance(value, dict) and len(value) > 1:
        raise ValueError(
            tr("must be one step (got {keys}); begin each with its own '-'", keys=_keys(value))
        )
    raise ValueError(
        got(tr("a step like {{cpu: 20ms}}: {steps}, ...", steps=", ".join(STEPS[:9])), value)
    )


_LifecycleSteps: Any = functools.reduce(
    operator.or_, (Annotated[step, Tag(f"<{kind}>")] for kind, step in LIFECYCLE_STEPS.items())
)
Step = TypeAliasType(
    "Step",
    Annotated[
        Annotated[CpuStep, Tag("<cpu>")]
        | Annotated[IoStep, Tag("<io>")]
        | Annotated[RepeatStep, Tag("<repeat>")]
        | Annotated[AllocStep, Tag("<alloc>")]
        | Annotated[FreeStep, Tag("<free>")]
        | Annotated[TouchStep, Tag("<touch>")]
        | _LifecycleSteps
        | Annotated[Any, Read(_refuse), Tag("<bad>")],
        Discriminator(_kind_of_step),
    ],
)
Written = CpuStep | IoStep | RepeatStep | AllocStep | FreeStep | TouchStep | LifecycleStep
Program = Annotated[list[Step], Field(min_length=1)]


def placed_steps(program: Sequence[Written], path: KeyPath) -> Iterator[tuple[KeyPath, Written]]:
    """Yield (path, step) of every step as written, including the steps of a repetition once."""
    for number, step in enumerate(program):
        if isinstance(step, RepeatStep):
            yield from placed_steps(step.repeat.do, (*path, number, "repeat", "do"))
        else:
            yield (*path, number), step


def written_steps(program: Sequence[Written]) -> Iterator[Written]:
    """Yield every step as written, including the steps of a repetition once."""
    return (step for _, step in placed_steps(program, ()))


def has_lifecycle_steps(program: Sequence[Written]) -> bool:
    """Return whether the program has a lifecycle step."""
    return any(isinstance(step, LifecycleStep) for step in written_steps(program))


def has_memory_steps(program: Sequence[Written]) -> bool:
    """Return whether a step of the program allocates, frees or touches memory."""
    return any(
        isinstance(step, AllocStep | FreeStep | TouchStep) for step in written_steps(program)
    )
