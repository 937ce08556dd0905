"""The scheduling policy of a scenario: its class, and its parameters as the class has them."""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Mapping
from contextlib import redirect_stdout
from hashlib import sha256
from pathlib import Path
from traceback import walk_tb
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, TypeAdapter
from typing_extensions import TypedDict

from kernel.scheduling import POLICIES, Policy
from kernel.units import Duration
from scenarios.quantities import Moment, Positive, Read, Text, whole, word
from scenarios.words import got, nearest, shown, unknown

_WHOLE = Annotated[int, whole(-(2**62), 2**62)]


def find(written: str, folder: Path) -> type[Policy]:
    """The class of a registered name or of `file.py:Class`, the file relative to `folder`.

    Raises ValueError with what would be right, or with where the file's own code failed.
    """
    if written in POLICIES:
        return POLICIES[written]
    file, colon, name = written.rpartition(":")
    if not colon or not file.endswith(".py"):
        if written.endswith(".py"):
            raise ValueError(f"must name a class in the file too, like {written}:MyPolicy")
        return _no_policy(written)
    found = _module(folder / file).__dict__.get(name)
    if isinstance(found, type) and issubclass(found, Policy) and found is not Policy:
        return found
    if found is not None:
        raise ValueError(f"{name} in {file} must be a class that extends Policy")
    raise ValueError(_no_class(file, name, _module(folder / file)))


def _no_policy(written: str) -> type[Policy]:
    known = f"known: {', '.join(POLICIES)}, or file.py:ClassName"
    meant = nearest(written, POLICIES)
    hint = f"did you mean {meant!r}? {known}" if meant else known
    raise ValueError(f"unknown policy {shown(written)} ({hint})")


def _no_class(file: str, name: str, module: types.ModuleType) -> str:
    there = [
        key
        for key, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    ]
    return f"{file} has no class {shown(name)} ({', '.join(there) or 'it has none'})"


def _module(path: Path) -> types.ModuleType:
    """The file's module, run once. Raises ValueError.

    Compiled from its text, so that no byte code is left beside the scenario; registered under a
    name of its own, so that annotations, tracebacks and pickling find it.
    """
    name = f"multiprog_policy_{sha256(str(path.resolve()).encode()).hexdigest()[:16]}"
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"no such file: {path}") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ValueError(f"{path} cannot be read: {reason}") from None
    known = sys.modules.get(name)
    if known is not None and known.__dict__.get("__source__") == source:
        return known
    module = types.ModuleType(name)
    module.__dict__.update(__file__=str(path), __source__=source)
    sys.modules[name] = module
    try:
        with redirect_stdout(sys.stderr):  # stdout is for the run
            exec(compile(source, str(path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ValueError(_blamed(path, error)) from None
    return module


def _blamed(path: Path, error: BaseException) -> str:
    """file:line: what went wrong, from the last line of the file that was running."""
    lines = [
        n for frame, n in walk_tb(error.__traceback__) if frame.f_code.co_filename == str(path)
    ]
    if isinstance(error, SyntaxError) and error.filename == str(path):
        lines = [error.lineno or 1]
        said = error.msg
    else:
        said = " ".join(str(error).split())
    place = f"{path}:{lines[-1]}" if lines else str(path)
    return (
        f"{place}: {type(error).__name__}: {said}" if said else f"{place}: {type(error).__name__}"
    )


def adapter(policy: type[Policy]) -> TypeAdapter[Any]:
    """Checks written parameters against the annotations of the policy's attributes.

    Raises ValueError if an annotation is none that a scenario can fill.
    """
    try:
        hints = typing.get_type_hints(policy)
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


def _type(name: str, hint: Any) -> Any:
    """How a value for this annotation is read. Raises ValueError for one we cannot read."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Duration:
        return Positive if "quant" in name else Moment
    simple: Mapping[Any, Any] = {int: _WHOLE, float: _FLOAT, bool: _BOOL, str: Text}
    if hint in simple:
        return simple[hint]
    if origin is Literal and all(isinstance(word, str) for word in arguments):
        return Annotated[str, word(*arguments)]
    if origin in (list, tuple) and arguments:
        return list[_type(name, arguments[0])]  # type: ignore[misc]
    if (
        origin in (typing.Union, types.UnionType)
        and type(None) in arguments
        and len(arguments) == 2
    ):
        return _type(name, next(a for a in arguments if a is not type(None))) | None
    raise ValueError(
        f"the parameter {name!r} has an annotation that a scenario cannot fill ({hint}); "
        "use Duration, int, float, bool, str, Literal, list[Duration] or list[int]"
    )


def _float(value: Any, _facts: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e300:
        raise ValueError(got("a number", value))
    return float(value)


def _bool(value: Any, _facts: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(got("true or false", value))
    return value


_FLOAT = Annotated[float, Read(_float, {"type": "number"})]
_BOOL = Annotated[bool, Read(_bool, {"type": "boolean"})]


def unknown_parameter(written: str, policy: type[Policy], key: str, others: list[str]) -> str:
    """Why the policy does not take this key: whose it is, or what was meant."""
    owners = [name for name, other in POLICIES.items() if key in names(other)]
    known = [*names(policy), *others]
    if owners and nearest(key, names(policy)) is None:
        return f"{written} has no {key}; policies that have one: {', '.join(owners)}"
    return unknown("key", key, known)
