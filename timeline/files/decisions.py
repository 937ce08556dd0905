"""The decisions of a run as columns of the JSON run document, and back.

{"at_ns": [0, …], "core": [0, …], "event": ["picked", …], "process": ["A", …],
 "rule": ["the least remaining burst", …],
 "ready": [[{"process": "A", "remaining_ns": 5000000}, …], …]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Any

from kernel.scheduling.explain import Decision
from timeline.files import validation
from translation import tr

EVENTS = ("picked", "preempted")
PLAIN = str | int | float | bool | None
"""Types of a key that are recorded unchanged. Another (a fraction, a list) is recorded as text."""

_COLUMNS: dict[str, Any] = {"at_ns": int, "core": int, "event": str, "process": str, "rule": str}


def plain(value: object) -> PLAIN:
    """Return a policy's key as a value that JSON keeps exactly: read back, it is the same value."""
    if value is None or type(value) in (str, bool):
        return value  # type: ignore[return-value]
    if type(value) is int and abs(value) < 2**63:
        return value
    if type(value) is float and isfinite(value):
        return value
    return " ".join(str(value).split())


def columns(decisions: Sequence[Decision]) -> dict[str, list[Any]]:
    """Return the object `decisions` of the document."""
    found: dict[str, list[Any]] = {
        name: [getattr(decision, name) for decision in decisions] for name in _COLUMNS
    }
    found["ready"] = [[_entry(*entry) for entry in decision.ready] for decision in decisions]
    return found


def _entry(name: str, keys: Mapping[str, Any]) -> dict[str, PLAIN]:
    """Return a process and its keys, without a key named `process`, which would hide its name."""
    return {"process": name, **{key: plain(keys[key]) for key in keys if key != "process"}}


def read(given: Any, names: Sequence[str], cores: int) -> list[Decision] | None:
    """Return the decisions from their columns; None if none were recorded.

    Raises ValueError if the columns are damaged.
    """
    if validation.value(given, dict | None, "decisions") is None:
        return None
    found = {
        name: validation.column(given, name, hint, "decisions") for name, hint in _COLUMNS.items()
    }
    ready = validation.column(given, "ready", list, "decisions")
    validation.same_length({**found, "ready": ready}, "decisions")
    _known(found["event"], EVENTS, "decisions.event")
    _known(found["process"], names, "decisions.process")
    _known(found["core"], range(cores), "decisions.core")
    if min(found["at_ns"], default=0) < 0:
        raise ValueError(
            tr("decisions.at_ns has a time before the start: {time}", time=min(found["at_ns"]))
        )
    known = frozenset(names)
    entries = [
        tuple(_read_entry(each, known, f"decisions.ready[{row}]") for each in rows)
        for row, rows in enumerate(ready)
    ]
    return [Decision(*row) for row in zip(*found.values(), entries, strict=True)]


def _read_entry(given: Any, names: frozenset[str], where: str) -> tuple[str, dict[str, Any]]:
    name = validation.key(validation.value(given, dict, where), "process", str, where)
    if name not in names:
        place = f"{where}.process"
        raise ValueError(tr("{key} has an unknown value {found!r}", key=place, found=name))
    keys = {key: validation.value(given[key], PLAIN, f"{where}.{key}") for key in given}
    del keys["process"]
    return name, keys


def _known(column: Iterable[Any], words: Iterable[Any], where: str) -> None:
    unknown = set(column).difference(words)
    if unknown:
        raise ValueError(tr("{key} has an unknown value {found!r}", key=where, found=min(unknown)))
