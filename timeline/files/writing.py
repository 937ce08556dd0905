"""Write rows as columns of a JSON document, fast, for a whole run or for a piece of a stream."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any, NamedTuple

from kernel.process.states import WHYS
from timeline.files.reading import STATES
from timeline.record.run import ProcessRow

_FIELDS = [field.name for field in fields(ProcessRow)]


def to_json(value: object) -> str:
    """Return JSON in ASCII, so that it is correct in every encoding that a stream may have."""
    return json.dumps(value, separators=(",", ":"))


def interval_columns(
    columns: Sequence[array[int]],
    processes: Mapping[int, str] | Sequence[str],
    devices: Sequence[str],
    cores: int,
    gap: str = "",
) -> Iterator[str]:
    """Yield the text between the braces of an `intervals` object. `gap` is put between its columns.

    `processes` has the names of the processes, as JSON, by index.
    """
    process, state, start, end, core, device, why = columns
    device_words = [*map(to_json, devices), "null"]  # the index -1 (no device) is the last entry
    core_words = [*map(str, range(cores)), "null"]
    yield f'"process":{_words(process, processes.__getitem__)}'
    yield f',{gap}"state":{_words(state, [to_json(name) for name in STATES].__getitem__)}'
    yield f',{gap}"start_ns":{to_json(start.tolist())}'
    yield f',{gap}"end_ns":{to_json(end.tolist())}'
    yield f',{gap}"core":{_words(core, core_words.__getitem__)}'
    yield f',{gap}"device":{_words(device, device_words.__getitem__)}'
    yield f',{gap}"why":{_words(why, [to_json(why) for why in WHYS].__getitem__)}'


def _words(column: array[int], word: Callable[[int], str]) -> str:
    return f"[{','.join(map(word, column))}]"


def rows_as_columns(kind: type[NamedTuple], rows: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Return the fields of named tuples as columns: for each field the values of all rows."""
    columns = zip(*rows, strict=True) if rows else [()] * len(kind._fields)
    return dict(zip(kind._fields, columns, strict=True))


def row_of(process: ProcessRow) -> dict[str, Any]:
    """Return a process as a JSON object. Unlike `dataclasses.asdict` it copies no values."""
    row = {name: getattr(process, name) for name in _FIELDS}
    if process.memory is not None:
        row["memory"] = asdict(process.memory)
    return row
