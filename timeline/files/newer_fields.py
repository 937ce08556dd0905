"""The fields of a saved run that this version does not know: a newer one has written them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from kernel.process.waits_for import WaitsFor
from timeline.record.run import (
    Averages,
    CoreRow,
    Divergence,
    Expectation,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    ProcessRow,
)
from translation import tr

Remark = Callable[[str], None]
"""What is called with a sentence for the user."""

MOST_NAMED = 5
LONGEST = 60  # characters of a field's name in the sentence
_RUN = frozenset(
    {"format", "backend", "scenario", "scheduler", "machine", "stopped", "stuck", "makespan_ns"}
    | {"cores", "averages", "memory", "processes", "intervals", "overheads", "memory_events"}
    | {"life", "observations", "deadlock", "divergences", "decisions", "expectations"}
)
_INTERVALS = ("process", "state", "start_ns", "end_ns", "core", "device", "why")
_TABLES: Mapping[str, Iterable[str]] = {
    "intervals": _INTERVALS,
    "overheads": Overhead._fields,
    "memory_events": MemoryEvent._fields,
    "life": LifecycleEvent._fields,
    "observations": Observation._fields,
    "deadlock": WaitsFor._fields,
    "divergences": Divergence._fields,
}
_ROWS: Mapping[str, type[Any]] = {
    "processes": ProcessRow,
    "cores": CoreRow,
    "expectations": Expectation,
}


def tell_newer_fields(path: Path, documents: Iterable[Mapping[str, Any]], remark: Remark) -> None:
    """Tell in one line which fields of the runs in a file are left aside, if there are any.

    `documents` are run documents that have been read.
    """
    found = list(dict.fromkeys(name for each in documents for name in newer_fields(each)))
    if not found:
        return
    named = ", ".join(_shown(name) for name in found[:MOST_NAMED])
    if len(found) > MOST_NAMED:
        named = tr("{fields} and {n} more", fields=named, n=len(found) - MOST_NAMED)
    words = tr(
        "{file}: was saved by a newer version of Multiprog; {fields} are ignored",
        file=path,
        fields=named,
    )
    remark(words)


def newer_fields(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the fields of a run document that this version does not know, as table.field."""
    yield from (name for name in document if name not in _RUN)
    for table, known in _TABLES.items():
        yield from _strange(table, document.get(table) or {}, set(known))
    yield from _strange("averages", document["averages"], _fields_of(Averages))
    for table, kind in _ROWS.items():
        known = _fields_of(kind)
        keys = dict.fromkeys(key for row in document.get(table, ()) for key in row)
        yield from _strange(table, keys, known)


def _fields_of(kind: type[Any]) -> set[str]:
    return {field.name for field in fields(kind)}


def _strange(table: str, names: Iterable[str], known: set[str]) -> Iterator[str]:
    return (f"{table}.{name}" for name in names if name not in known)


def _shown(name: str) -> str:
    text = name if name.isprintable() else repr(name)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
