"""The `swap` key of the memory section: which programs are swapped out, by which device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from kernel.hardware import SwapSpec
from kernel.memory import RULES
from language.schema.context import context_of
from language.schema.distributions import Model
from language.schema.quantities import Name, Rate, word
from language.source.wording import got, no_such_device
from translation import mark, tr


def _known_device(name: str, info: ValidationInfo) -> str:
    devices = context_of(info).devices
    if devices is not None and name not in devices:
        raise ValueError(no_such_device(name, devices))
    return name


class Swap(Model):
    """A blocked program is swapped out, so that a program that waits for memory has room."""

    out: Annotated[Literal["blocked", "lowest-priority", "longest-resident"], word(*RULES)] = Field(
        default="blocked", description=mark("Which of the blocked programs is swapped out first.")
    )
    device: Annotated[Name, AfterValidator(_known_device)] = Field(
        description=mark("The device that reads and writes swapped programs.")
    )
    rate: Rate = Field(description=mark("How fast programs are read and written, like 200MiB/s."))

    def spec(self, devices: Sequence[str]) -> SwapSpec:
        """Return the specification for the kernel. `devices` are all of the machine's, in order."""
        return SwapSpec(self.out, list(devices).index(self.device), self.rate)


def _none_or_section(written: Any) -> Any:
    if written == "none":
        return None
    if not isinstance(written, dict):
        raise ValueError(got(tr("none, or a section like {device: disk, rate: 200MiB/s}"), written))
    return written


SwapKey = Annotated[Swap | None, BeforeValidator(_none_or_section)]
