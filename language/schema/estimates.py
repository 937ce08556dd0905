"""The parameter `estimate`: how a policy learns the length of a burst."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag

from kernel.units import ms
from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.quantities import DurationOrZero, Read
from language.source.wording import got
from translation import mark, tr


def _alpha(value: Any, _context: CheckContext) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value <= 1:
        raise ValueError(got(tr("a number above 0 and at most 1, like 0.5"), value))
    return float(value)


class Average(Model):
    """A burst's estimate is alpha times the last burst plus (1 - alpha) times the last estimate."""

    alpha: Annotated[float, Read(_alpha, {"type": "number"})] = 0.5
    initial: DurationOrZero = Field(
        default=ms(10), description=mark("The estimate of the first burst.")
    )


class Estimated(Model):
    """The exponential average of the bursts so far."""

    exponential: Average


def _oracle(value: Any, _context: CheckContext) -> str:
    if value != "oracle":
        raise ValueError(got(tr("oracle, or {exponential: {alpha: 0.5, initial: 10ms}}"), value))
    return "oracle"


def _plain(estimated: Estimated) -> dict[str, dict[str, Any]]:
    return estimated.model_dump()


ReadEstimate = Annotated[
    Annotated[str, Read(_oracle), Tag("<oracle>")]
    | Annotated[Estimated, AfterValidator(_plain), Tag("<estimated>")],
    Discriminator(lambda value: "<estimated>" if isinstance(value, dict) else "<oracle>"),
]
"""The checked value: `oracle`, or {"exponential": {"alpha": float, "initial": ns}}."""
