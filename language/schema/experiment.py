"""The `experiment` section: which keys are varied, how often each point is run, what is measured.

`simulate`, `compare` and the other commands ignore it; `sweep` reads it. `docs/experiments.md` is
the user's reference.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

from pydantic import Field

from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.quantities import Positive, Read, Text, whole
from language.source.value_lists import Interval, values_of
from language.source.wording import NOTHING, got
from translation import mark, tr

MOST_VALUES = 1_000_000
"""How many values one key may have; the limit `points` bounds the points that they make."""
PERCENT = mark("a share above 0% and below 100%, like 5%")


def percent(text: object) -> float:
    """Return a share above 0 and below 1 that is written like `5%`. Raises ValueError."""
    match = re.fullmatch(r"\s*(\d{1,2}(?:\.\d{1,6})?)\s*%\s*", str(text))
    if match is None or not float(match[1]):
        raise ValueError(got(tr(PERCENT), text))
    return float(match[1]) / 100


def flow(value: Any) -> str:
    """Return a value of a scenario as text that `--set` reads as the same value."""
    if isinstance(value, str) and re.fullmatch(r"[\w./µ][\w./:µ -]*", value) and value.strip():
        return value.strip()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return json.dumps(None if value is NOTHING else value, ensure_ascii=False)


def _values(value: Any, _context: CheckContext) -> list[str] | Interval:
    """Return the values of one key: of a list, or of a text like `range(5ms,50ms,5ms)`."""
    if isinstance(value, list):
        if not value:
            raise ValueError(tr("must be a list of at least one value"))
        written = list(map(flow, value))
        if len(set(written)) < len(written):
            raise ValueError(tr("must have each value once"))
        return written
    if isinstance(value, dict):
        raise ValueError(got(tr("a list of values, or a text like range(5ms,50ms,5ms)"), value))
    return values_of(flow(value) if not isinstance(value, str) else value, MOST_VALUES)


def _names(value: Any, _context: CheckContext) -> list[str]:
    """Return the names in a list, or in a text with commas between them."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(got(tr("a list of names, like [turnaround, switches]"), value))
    stripped = [name.strip() for name in names]
    if not stripped or not all(stripped):
        raise ValueError(got(tr("a list of names, like [turnaround, switches]"), value))
    return stripped


def _pairs(value: Any, context: CheckContext) -> list[list[str]]:
    """Return the groups of keys whose values are paired: one group, or a list of groups."""
    groups = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    return [_names(group, context) for group in groups]


def _warmup(value: Any, context: CheckContext) -> int | str:
    """Return the length of the warm-up in ns, or `auto`."""
    if value == "auto":
        return "auto"
    from language.schema.quantities import time

    ns: int = time(0, mark("a duration of 0 or more, or auto")).convert(value, context)
    return ns


def _percent(value: Any, _context: CheckContext) -> float:
    return percent(value)


SHARE = {"type": "string", "pattern": r"^\s*\d{1,2}(\.\d+)?\s*%\s*$", "examples": ["5%"]}
_LIST = {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]}
_VALUES = {"anyOf": [{"type": "array", "minItems": 1}, {"type": ["string", "number", "boolean"]}]}
_PAIRS = {"anyOf": [{"type": "array"}, {"type": "string"}]}
_WARMUP = {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string"}], "examples": ["5s"]}


class Experiment(Model):
    """What `sweep` does with the scenario. An option of the command replaces its key here."""

    vary: dict[str, Annotated[Any, Read(_values, _VALUES)]] = Field(
        default={},
        description=mark(
            "The values of each key, like scheduler.quantum. Points: all combinations."
        ),
    )
    zip: Annotated[list[list[str]], Read(_pairs, _PAIRS)] = Field(
        default=[],
        description=mark("Keys whose values are paired: the first with the first, and so on."),
    )
    where: Text | None = Field(
        default=None, description=mark("A condition that points must meet, like quantum < 40ms.")
    )
    sample: Text | None = Field(
        default=None,
        description=mark("lhs:200 takes 200 points of a Latin hypercube, not all combinations."),
    )
    repeat: Annotated[int, whole(1, 1_000_000)] | None = Field(
        default=None,
        description=mark("How many replications each point has, each with its own seed."),
    )
    precision: Annotated[float, Read(_percent, SHARE)] | None = Field(
        default=None,
        description=mark(
            "Repeat until each interval's half-width is at most this share of its mean."
        ),
    )
    confidence: Annotated[float, Read(_percent, SHARE)] = Field(
        default=0.95, description=mark("The confidence of all intervals.")
    )
    max: Annotated[int, whole(2, 1_000_000)] | None = Field(
        default=None,
        description=mark("With precision: the most replications of a point. Default: 500."),
    )
    measure: Annotated[list[str], Read(_names, _LIST)] = Field(
        default=[],
        description=mark("What is measured, like turnaround, turnaround.p95 or switches."),
    )
    warmup: Annotated[int | str, Read(_warmup, _WARMUP)] | None = Field(
        default=None,
        description=mark("The time at the start that is not measured, or auto (MSER-5)."),
    )
    until: Positive | None = Field(
        default=None,
        description=mark("The time at which the measures end, if not at the run's end."),
    )
    batches: Annotated[int, whole(2, 10_000)] | None = Field(
        default=None,
        description=mark("Cut one long run into this many batches, in place of replications."),
    )
    percentiles: Annotated[list[str], Read(_names, _LIST)] = Field(
        default=[],
        description=mark("Percentiles over the replications to be printed, too: [50%, 95%]."),
    )
