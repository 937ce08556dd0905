"""The parameters of a policy. Each is read by its annotation in the policy's class.

A duration must be at least 1 us if its name contains a word of `REPEATED`, above 0 if it contains a
word of `ABOVE_0`, else 0 or more. If the annotation allows None, a scenario writes `none`.
"""

from __future__ import annotations

import inspect
import types
import typing
from typing import Annotated, Any, Literal, NotRequired
from weakref import WeakKeyDictionary

from pydantic import BeforeValidator, ConfigDict, TypeAdapter
from typing_extensions import TypedDict

from kernel.errors import PolicyError
from kernel.policies import POLICIES
from kernel.scheduling import Estimate, Policy
from kernel.scheduling.policy_errors import place, said_of
from kernel.units import Duration
from language.schema.estimates import ReadEstimate
from language.schema.known_keys import unknown_key
from language.schema.quantities import Read, Text, time, whole, word
from language.schema.scenario import Scheduler
from language.source.wording import either, got, nearest
from translation import mark, tr

ABOVE_0 = frozenset(("quantum", "quanta", "allotments", "latency", "granularity"))
"""Words (separated by `_`) in names of durations with which, at 0, a run would not progress."""
REPEATED = frozenset(("tick", "boost", "aging"))
"""Words in names of the periods of events that happen again and again without any process."""
_adapters: WeakKeyDictionary[type[Policy], TypeAdapter[Any]] = WeakKeyDictionary()
"""Type adapters that were made: making one takes a fifth of the check of a small scenario."""
LEAST_REPEATED = 1_000
"""The least such period, ns. With a shorter one a run would take too long."""


def adapter(policy: type[Policy]) -> TypeAdapter[Any]:
    """Return the type adapter that checks written parameters by the annotations of the policy.

    Raises ValueError if a scenario cannot write a value for an annotation.
    """
    found = _adapters.get(policy)
    if found is None:
        found = _adapters[policy] = _made(policy)
    return found


def _made(policy: type[Policy]) -> TypeAdapter[Any]:
    try:
        hints = typing.get_type_hints(policy, include_extras=True)
    except Exception as error:
        raise ValueError(
            tr(
                "{policy}'s annotations cannot be read: {error}",
                policy=policy.__name__,
                error=error,
            )
        ) from None
    fields = {name: NotRequired[_type(name, hints[name])] for name in names(policy)}
    shape = TypedDict("shape", fields)  # type: ignore[misc]  # made from the class
    shape.__pydantic_config__ = ConfigDict(extra="forbid", strict=True)  # type: ignore[attr-defined]
    return TypeAdapter(shape)


def check(policy: type[Policy]) -> None:
    """Check that a scenario can write each parameter of an own policy, and its default.

    The default None is always allowed. Raises PolicyError with the place of the class.
    """
    try:
        adapter(policy)
    except ValueError as error:
        raise PolicyError(f"{place(policy)}: {error}") from None
    hints = typing.get_type_hints(policy, include_extras=True)
    for name, default in defaults(policy).items():
        where = {"place": place(policy), "name": name}
        if name in Scheduler.model_fields:
            raise PolicyError(
                tr(
                    "{place}: the parameter {name!r} is called like a key of scheduler that every "
                    "policy has; choose another name",
                    **where,
                )
            )
        wanted = None if default is None else _unfit(name, hints[name], default)
        if wanted is not None:
            raise PolicyError(
                tr(
                    "{place}: the parameter {name!r} must have a default that is {wanted} "
                    "(got {default})",
                    **where,
                    wanted=wanted,
                    default=said_of(default),
                )
            )


def _unfit(name: str, hint: Any, value: Any) -> str | None:
    """Return None if `value` fits the annotation, else what it must be. Durations are in ns."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    values: dict[str, int] = {}
    if hint == Estimate:  # the policy checks it when it uses it
        fits, wanted = True, ""
    elif hint == Duration:
        least = 1 if (ABOVE_0 | REPEATED) & set(name.split("_")) else 0
        fits = type(value) is int and value >= least
        wanted, values = _NS, {"least": least}
    elif origin is Annotated:
        return _unfit(name, arguments[0], value)
    elif origin in (typing.Union, types.UnionType):
        (some,) = (argument for argument in arguments if argument is not type(None))
        return None if value is None else _unfit(name, some, value)
    elif origin in (list, tuple):
        return _unfit_list(name, arguments[0], value)
    elif origin is Literal:
        fits, wanted = value in arguments, either(map(repr, arguments))
    else:
        kinds, wanted = _PLAIN[hint]
        fits = type(value) in kinds
    return None if fits else tr(wanted, **values)


def _unfit_list(name: str, hint: Any, value: Any) -> str | None:
    """Return None if `value` is a list whose items fit the annotation, else what it must be."""
    if not isinstance(value, (list, tuple)):
        return tr("a list")
    wrong = [wanted for item in value if (wanted := _unfit(name, hint, item))]
    return tr("a list, each {wanted}", wanted=wrong[0]) if wrong else None


_NS = mark("a whole number of ns, at least {least}, like ms(20)")
_PLAIN: dict[Any, tuple[tuple[type, ...], str]] = {
    int: ((int,), mark("a whole number")),
    float: ((float, int), mark("a number")),
    bool: ((bool,), mark("True or False")),
    str: ((str,), mark("text")),
}
"""For each plain annotation: the types that a default may have, and their name in a message."""


def names(policy: type[Policy]) -> list[str]:
    """Return the names of the policy's parameters, in the order of the class."""
    return [name for name in policy.parameters() if not _is_class_variable(policy, name)]


def _is_class_variable(policy: type[Policy], name: str) -> bool:
    for base in policy.__mro__:
        annotation = inspect.get_annotations(base).get(name)
        if annotation is not None:
            return "ClassVar" in str(annotation)
    return False


def defaults(policy: type[Policy]) -> dict[str, Any]:
    """Return every parameter with its default."""
    return {name: policy.parameters()[name] for name in names(policy)}


def unknown_parameter(written: str, policy: type[Policy], key: str, others: list[str]) -> str:
    """Return the message for a key that is no parameter of the policy.

    It names the policies that have this parameter, or the key that was probably meant.
    """
    owners = [name for name, other in POLICIES.items() if key in names(other)]
    if policy not in POLICIES.values() and (missing := _no_parameter(policy, key)):
        return missing
    known = [*names(policy), *others]
    if owners and nearest(key, names(policy)) is None:
        return tr(
            "{policy} has no {key}; policies that have one: {others}",
            policy=written,
            key=key,
            others=", ".join(owners),
        )
    return unknown_key(key, known)


def _no_parameter(policy: type[Policy], key: str) -> str:
    """Return what an attribute of an own policy lacks to be a parameter; "" for any other key."""
    own = [base for base in policy.__mro__ if not base.__module__.startswith("kernel.")]
    if key.startswith("_") or _is_class_variable(policy, key):
        return ""
    if any(key in inspect.get_annotations(base) for base in own if issubclass(base, Policy)):
        return tr(
            "{policy} has {key} without a default; give it one to make it a parameter",
            policy=policy.__name__,
            key=key,
        )
    value = next((vars(base)[key] for base in own if key in vars(base)), None)
    if value is None or callable(value) or hasattr(value, "__get__"):
        return ""
    return tr(
        "{policy} has {key} without an annotation; write one to make it a parameter, like "
        "{key}: Duration = ms(20)",
        policy=policy.__name__,
        key=key,
    )


def _type(name: str, hint: Any) -> Any:
    """Return the type that reads a value for this annotation, or raise ValueError."""
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
        tr(
            "the parameter {name!r} has an annotation that a scenario cannot fill ({hint}); "
            "use Duration, int, float, bool, str, Literal, list[Duration] or list[int]",
            name=name,
            hint=hint,
        )
    )


_WANTED = (
    (
        LEAST_REPEATED,
        mark("a duration of at least 1us"),
        mark("none or a duration of at least 1us"),
    ),
    (1, mark("a duration above 0"), mark("none or a duration above 0")),
    (0, mark("a duration of 0 or more"), mark("none or a duration of 0 or more")),
)
"""The least duration of each kind of parameter, ns, and what it must be, without and with none."""


def _duration(name: str, *, or_none: bool = False) -> Any:
    words = set(name.split("_"))
    kind = 0 if REPEATED & words else 1 if ABOVE_0 & words else 2
    least, wanted, or_none_wanted = _WANTED[kind]
    return Annotated[int, time(least, or_none_wanted if or_none else wanted)]


def _or_none(name: str, hint: Any) -> Any:
    some = _duration(name, or_none=True) if hint is Duration else _type(name, hint)
    return Annotated[some | None, BeforeValidator(lambda value: None if value == "none" else value)]


def _float(value: Any, _facts: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        raise ValueError(got(tr("a number"), value))
    return float(value)


def _bool(value: Any, _facts: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got(tr("true or false"), value))
    return value


_WHOLE = Annotated[int, whole(-(2**62), 2**62)]
_FLOAT = Annotated[float, Read(_float, {"type": "number"})]
_BOOL = Annotated[bool, Read(_bool, {"type": "boolean"})]
_SIMPLE: list[tuple[Any, Any]] = [(int, _WHOLE), (float, _FLOAT), (bool, _BOOL), (str, Text)]
