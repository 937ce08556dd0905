"""Check the values of a JSON document against the type annotations of the record's classes.

A damaged document is refused before anything is computed from it. The error names the place and
what is wrong.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from translation import mark, tr

_T = TypeVar("_T")
_HINTS: dict[type, dict[str, Any]] = {}

_NAMES: dict[type, str] = {
    int: mark("a whole number of at most 64 bits"),
    float: mark("a number"),
    str: mark("text"),
    bool: mark("true or false"),
    list: mark("a list"),
    dict: mark("an object"),
    types.NoneType: "null",
}


def value(found: Any, hint: Any, where: str) -> Any:
    """Return `found`, if it is of the type `hint`. Raises ValueError that names `where`."""
    if not _fits(found, hint):
        raise ValueError(
            tr(
                "{key} must be {wanted}, not {found}",
                key=where,
                wanted=_words(hint),
                found=_shown(found),
            )
        )
    return found


def key(document: Mapping[str, Any], name: str, hint: Any, where: str = "") -> Any:
    """Return the value at a key that must be there, of the type `hint`. Raises ValueError."""
    path = f"{where}.{name}" if where else name
    if name not in document:
        raise ValueError(tr("{key} is missing", key=path))
    return value(document[name], hint, path)


def record(kind: type[_T], found: Any, where: str, **others: Any) -> _T:
    """Return a `kind` made of the JSON object `found`, whose keys are the fields of the class.

    `others` are fields whose values the caller gives. A key that is missing has the default of its
    field: the document was saved before there was that field. Raises ValueError if a key without a
    default is missing, or one is wrong.
    """
    value(found, dict, where)
    without = defaults(kind)
    fields = {
        name: key(found, name, hint, where)
        for name, hint in hints(kind).items()
        if name not in others and not (name in without and name not in found)
    }
    return kind(**fields, **others)


def column(columns: Mapping[str, Any], name: str, hint: Any, where: str) -> list[Any]:
    """Return the list `name` of `columns`. Raises ValueError if a value is not of type `hint`."""
    found: list[Any] = key(columns, name, list, where)
    for kind in set(map(type, found)):  # one value of each type is checked, however many rows
        index = next(index for index, each in enumerate(found) if type(each) is kind)
        value(found[index], hint, f"{where}.{name}[{index}]")
    if hint is int and found:
        for extreme in (min(found), max(found)):
            value(extreme, int, f"{where}.{name}")
    return found


def same_length(columns: Mapping[str, Sequence[Any]], where: str) -> None:
    """Raise ValueError unless all columns are equally long."""
    if len({len(each) for each in columns.values()}) > 1:
        lengths = ", ".join(f"{name} {len(each)}" for name, each in columns.items())
        raise ValueError(
            tr("the columns of {key} differ in length: {lengths}", key=where, lengths=lengths)
        )


def defaults(kind: type) -> Mapping[str, Any]:
    """Return the default of each field of a class of the record that has one."""
    if dataclasses.is_dataclass(kind):
        missing = dataclasses.MISSING
        return {
            field.name: field.default
            for field in dataclasses.fields(kind)
            if field.default is not missing or field.default_factory is not missing
        }
    if typing.is_typeddict(kind):
        return dict.fromkeys(getattr(kind, "__optional_keys__", ()))
    found: Mapping[str, Any] = getattr(kind, "_field_defaults", {})
    return found


def hints(kind: type) -> dict[str, Any]:
    """Return the types of the fields of a class of the record."""
    if kind not in _HINTS:
        _HINTS[kind] = typing.get_type_hints(kind)
    return _HINTS[kind]


def _fits(found: Any, hint: Any) -> bool:
    if hint is Any:
        return True
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return any(_fits(found, each) for each in arguments)
    if origin is list:
        return isinstance(found, list) and all(_fits(each, arguments[0]) for each in found)
    if origin is dict:
        return isinstance(found, dict) and all(_fits(v, arguments[1]) for v in found.values())
    return _is_plain(found, hint)


def _is_plain(found: Any, hint: Any) -> bool:
    """Return whether `found` is of the simple type `hint`. A bool does not count as a number."""
    if hint is float:
        return type(found) in (int, float)
    return type(found) is hint and (hint is not int or abs(found) < 2**63)


def _words(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is types.UnionType:
        return tr(" or ").join(_words(each) for each in arguments)
    if origin is list:
        return tr("a list, each {kind}", kind=_words(arguments[0]))
    if origin is dict:
        return tr("an object, each {kind}", kind=_words(arguments[1]))
    return tr(_NAMES.get(hint, "an object"))


def _shown(found: Any) -> str:
    if isinstance(found, (list, dict)):
        return tr(_NAMES[type(found)])
    text = repr(found) if isinstance(found, str) else {None: "null"}.get(found, str(found))
    return text if len(text) <= 40 else f"{text[:37]}..."
