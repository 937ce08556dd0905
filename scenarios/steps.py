"""The steps of a program: CPU bursts, I/O, repetition."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypeAliasType

from scenarios.amounts import Amount, Length, Model, key_of
from scenarios.facts import Facts
from scenarios.quantities import DISTRIBUTIONS, Name, Read, whole
from scenarios.words import got, shown, unknown

STEPS = ("cpu", "io", "repeat")
LATER = (
    *("print", "start", "join", "exit", "kill", "yield", "sleep", "lock", "unlock", "acquire"),
    *("release", "send", "receive", "put", "get", "barrier", "raise", "call", "set", "if", "wait"),
)
MOST_TIMES = 10**12


class CpuStep(Model):
    """CPU time: the process needs that much of a core, however long it waits for it."""

    cpu: Length

    def count(self) -> int:
        return 1


def _kind_of_io(value: Any) -> str:
    """A distribution is a wait; any other mapping names a device."""
    if isinstance(value, dict) and key_of(value) not in DISTRIBUTIONS:
        return "<device>"
    return "<wait>"


DeviceTime = Annotated[dict[Name, Length], Field(min_length=1, max_length=1)]


class IoStep(Model):
    """Device time during which the process needs no core: a plain wait, or a device of the machine.

    A wait never queues; `{disk: 20ms}` queues at the machine's disk.
    """

    io: Annotated[
        Annotated[Length, Tag("<wait>")] | Annotated[DeviceTime, Tag("<device>")],
        Discriminator(_kind_of_io),
    ]

    @field_validator("io")
    @classmethod
    def _known_device(cls, io: Amount | dict[str, Amount], info: ValidationInfo) -> Any:
        facts: Facts = info.context  # type: ignore[assignment]  # always ours
        if isinstance(io, dict) and facts.devices is not None:
            device = next(iter(io))
            if device not in facts.devices:
                raise ValueError(_no_such_device(device, facts.devices))
        return io

    def count(self) -> int:
        return 1


def _no_such_device(name: str, devices: tuple[str, ...]) -> str:
    if devices:
        return unknown("device", name, [*devices, *DISTRIBUTIONS])
    return f"unknown device {shown(name)}; declare it: machine: {{devices: {{{name}: {{}}}}}}"


class Repetition(Model):
    """Steps that are done several times, with new draws each time."""

    times: Annotated[int, whole(1, MOST_TIMES)]
    do: Annotated[list[Step], Field(min_length=1)]


class RepeatStep(Model):
    """Do some steps several times."""

    repeat: Repetition

    def count(self) -> int:
        return self.repeat.times * sum(step.count() for step in self.repeat.do)


def _kind_of_step(value: Any) -> str:
    key = key_of(value)
    return f"<{key}>" if key in STEPS else "<bad>"


def _refuse(value: Any, _facts: Facts) -> Any:
    key = key_of(value)
    if key in LATER:
        raise ValueError(f"the step {key!r} is not built yet; write cpu, io or repeat")
    if key is not None:
        raise ValueError(unknown("step", key, STEPS))
    if isinstance(value, dict) and len(value) > 1:
        keys = ", ".join(shown(k)[1:-1] for k in list(value)[:4])
        raise ValueError(
            f"must be one step, with one key (got {keys}); begin each with its own '-'"
        )
    raise ValueError(got(f"a step like {{cpu: 20ms}}: {', '.join(STEPS)}", value))


Step = TypeAliasType(
    "Step",
    Annotated[
        Annotated[CpuStep, Tag("<cpu>")]
        | Annotated[IoStep, Tag("<io>")]
        | Annotated[RepeatStep, Tag("<repeat>")]
        | Annotated[SkipJsonSchema[Annotated[Any, Read(_refuse)]], Tag("<bad>")],
        Discriminator(_kind_of_step),
    ],
)
Program = Annotated[list[Step], Field(min_length=1)]
