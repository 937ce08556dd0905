"""A policy's parameters: which it has, and how each is read by the annotation it has in the class.

A duration must be above 0 if its name says that it is one of `ABOVE_0`, at least 1 us if it is one
of `REPEATED`, else 0 or more; where the annotation allows None, a scenario writes `none`.
"""

from __future__ import annotations

import inspect
import types
import typing
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BeforeValidator, ConfigDict, TypeAdapter
from typing_extensions import TypedDict

from kernel.scheduling import POLICIES, Estimate, Policy
from kernel.units import Duration
from scenarios.estimates import ReadEstimate
from scenarios.quantities import Read, Text, time, whole, word
from scenarios.words import got, nearest, unknown

ABOVE_0 = frozenset(("quantum", "quanta", "allotments", "latency", "granularity"))
"""Words of names (between their `_`) of durations that would stop all progress if they were 0."""
REPEATED = frozenset(("tick", "boost", "aging"))
"""The same for what happens again and again, whatever the processes do."""
LEAST_REPEATED = 1_000
"""ns: a run that looks again more often than each microsecond takes for ever."""


def adapter(policy: type[Policy]) -> TypeAdapter[Any]:
    """Checks written parameters against the annotations of the policy's attributes.

    Raises ValueError if an annotation is none that a scenario can fill.
    """
    try:
        hints = typing.get_type_hints(policy, include_extras=True)
    except Exception as error:
        raise ValueError(f"{policy.__name__}'s annotations cannot be read: {error}") from None
    fields = {name: NotRequired[_type(name, hints[name])] for name in names(policy)}
    shape = TypedDict("shape", fields)  # type: ignore[misc]  # made from the class
    shape.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[attr-defined]
    return TypeAdapter(shape)


def names(policy: type[Policy]) -> list[str]:
    """The policy's parameters, in the order of the class."""
    return [name for name in policy.parameters() if not _is_class_variable(policy, name)]


def _is_class_variable(policy: type[Policy], name: str) -> bool:
    for base in policy.__mro__:
        annotation = inspect.get_annotations(base).get(name)
        if annotation is not None:
            return "ClassVar" in str(annotation)
    return False


def defaults(policy: type[Policy]) -> dict[str, Any]:
    """Every parameter with its default."""
    return {name: policy.parameters()[name] for name in names(policy)}


def unknown_parameter(written: str, policy: type[Policy], key: str, others: list[str]) -> str:
    """Why the policy does not take this key: whose it is, or what was meant."""
    owners = [name for name, other in POLICIES.items() if key in names(other)]
    known = [*names(policy), *others]
    if owners and nearest(key, names(policy)) is None:
        return f"{written} has no {key}; policies that have one: {', '.join(owners)}"
    return unknown("key", key, known)


def _type(name: str, hint: Any) -> Any:
    """How a value for this annotation is read. Raises ValueError for one we cannot read."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    simple = [(Duration, _duration(name)), (Estimate, ReadEstimate), *_SIMPLE]
    for known, read in simple:
        if hint == known:
            return read
    if origin is Annotated:
        return _type(name, arguments[0])
    if origin is Literal and all(isinstance(word, str) for word in arguments):
        return Annotated[str, word(*arguments)]
    if origin in (list, tuple) and arguments:
        return list[_type(name, arguments[0])]  # type: ignore[misc]
    if origin in (typing.Union, types.UnionType) and len(arguments) == 2:
        some = [argument for argument in arguments if argument is not type(None)]
        if len(some) == 1:
            return _or_none(name, some[0])
    raise ValueError(
        f"the parameter {name!r} has an annotation that a scenario cannot fill ({hint}); "
        "use Duration, int, float, bool, str, Literal, list[Duration] or list[int]"
    )


def _duration(name: str, before: str = "") -> Any:
    words = set(name.split("_"))
    if REPEATED & words:
        return Annotated[int, time(LEAST_REPEATED, f"{before}a duration of at least 1us")]
    if ABOVE_0 & words:
        return Annotated[int, time(1, f"{before}a duration above 0")]
    return Annotated[int, time(0, f"{before}a duration of 0 or more")]


def _or_none(name: str, hint: Any) -> Any:
    some = _duration(name, "none or ") if hint is Duration else _type(name, hint)
    return Annotated[some | None, BeforeValidator(lambda value: None if value == "none" else value)]


def _float(value: Any, _facts: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        raise ValueError(got("a number", value))
    return float(value)


def _bool(value: Any, _facts: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got("true or false", value))
    return value


_WHOLE = Annotated[int, whole(-(2**62), 2**62)]
_FLOAT = Annotated[float, Read(_float, {"type": "number"})]
_BOOL = Annotated[bool, Read(_bool, {"type": "boolean"})]
_SIMPLE: list[tuple[Any, Any]] = [(int, _WHOLE), (float, _FLOAT), (bool, _BOOL), (str, Text)]
