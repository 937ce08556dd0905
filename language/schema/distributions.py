"""A duration, or a distribution of durations: the values of `cpu:`, `io:` and `arrival:`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from language.schema import random_draws
from language.schema.context import CheckContext
from language.schema.quantities import DISTRIBUTIONS, DurationOrZero, Positive, Read
from language.schema.random_draws import Draw
from language.source.wording import got, unknown
from translation import mark, tr

OR_DISTRIBUTION = mark(
    "a duration above 0, like 20ms, or one distribution, like {exponential: 20ms}"
)


class Model(BaseModel):
    """A mapping of a scenario. Its values are not converted, and an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


def _rising(pair: list[int]) -> list[int]:
    if pair[1] < pair[0] or pair[1] == 0:
        raise ValueError(
            tr("must be [least, most], with most at least as long as least and above 0")
        )
    return pair


def _mean_above_0(pair: list[int]) -> list[int]:
    if pair[0] == 0:
        raise ValueError(tr("must be [mean, standard deviation], with a mean above 0"))
    return pair


Pair = Annotated[list[DurationOrZero], Field(min_length=2, max_length=2)]


class Exponential(Model):
    """A duration is exponentially distributed with this mean."""

    exponential: Positive

    def draw(self) -> Draw:
        """Return how a duration is drawn."""
        return random_draws.exponential(self.exponential)


class Uniform(Model):
    """Every duration from the first to the second is equally likely."""

    uniform: Annotated[Pair, AfterValidator(_rising)]

    def draw(self) -> Draw:
        """Return how a duration is drawn."""
        return random_draws.uniform(*self.uniform)


class Normal(Model):
    """A duration is normally distributed with this mean and standard deviation; at least 1 ns."""

    normal: Annotated[Pair, AfterValidator(_mean_above_0)]

    def draw(self) -> Draw:
        """Return how a duration is drawn."""
        return random_draws.normal(*self.normal)


class Choice(Model):
    """Each of these durations is equally likely."""

    choice: Annotated[list[Positive], Field(min_length=1)]

    def draw(self) -> Draw:
        """Return how a duration is drawn."""
        return random_draws.choice(self.choice)


Distribution = Exponential | Uniform | Normal | Choice
Amount = int | Distribution
"""The value of a checked `Length`: ns, or the distribution from which they are drawn."""


def key_of(value: Any) -> str | None:
    """Return the key of a mapping with exactly one key; None for any other value."""
    return str(next(iter(value))) if isinstance(value, dict) and len(value) == 1 else None


def kind_of_length(value: Any) -> str:
    """Return the tag of the branch that checks the value, so that one mistake gives one message."""
    key = key_of(value)
    if key in DISTRIBUTIONS:
        return f"<{key}>"
    return "<bad>" if isinstance(value, (dict, list)) else "<fixed>"


def _refuse(value: Any, _context: CheckContext) -> Any:
    if key := key_of(value):
        raise ValueError(unknown(tr("distribution"), key, DISTRIBUTIONS))
    raise ValueError(got(tr(OR_DISTRIBUTION), value))


Bad = Annotated[Any, Read(_refuse)]
Length = TypeAliasType(
    "Length",
    Annotated[
        Annotated[Positive, Tag("<fixed>")]
        | Annotated[Exponential, Tag("<exponential>")]
        | Annotated[Uniform, Tag("<uniform>")]
        | Annotated[Normal, Tag("<normal>")]
        | Annotated[Choice, Tag("<choice>")]
        | Annotated[Bad, Tag("<bad>")],
        Discriminator(kind_of_length),
    ],
)
