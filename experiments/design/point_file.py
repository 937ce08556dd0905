"""A list of points in a CSV file: a heading of keys, and a line for each point."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from experiments.design.axes import Points
from kernel.errors import UsageError
from kernel.files.reading import TooLargeError, read_bounded

_MOST_BYTES = 16_000_000


def points_in(path: Path, most: int) -> Points:
    """Return the points in the file, at most `most`. Raises UsageError with the line."""
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None
    except TooLargeError:
        raise UsageError(f"{path}: is larger than {_MOST_BYTES:,} bytes") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    keys: tuple[str, ...] = ()
    rows: dict[tuple[str, ...], int] = {}
    try:
        for line in reader:
            values = tuple(value.strip() for value in line)
            if not any(values):
                continue
            if not keys:
                keys = _keys(path, values)
            else:
                _add(path, reader.line_num, keys, values, rows, most)
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: is not CSV: {error}") from None
    if not rows:
        raise UsageError(f"{path}: has no points; a heading of keys, then a line for each point")
    return Points(keys, tuple(rows))


def _keys(path: Path, keys: tuple[str, ...]) -> tuple[str, ...]:
    for at, key in enumerate(keys):
        if not all(key.split(".")):
            raise UsageError(f"{path}:1: {key!r} is no key, like scheduler.quantum")
        if key in keys[:at]:
            raise UsageError(f"{path}:1: the key {key} stands there twice")
    return keys


def _add(
    path: Path,
    line: int,
    keys: tuple[str, ...],
    values: tuple[str, ...],
    rows: dict[tuple[str, ...], int],
    most: int,
) -> None:
    where = f"{path}:{line}"
    if len(values) != len(keys) or not all(values):
        raise UsageError(f"{where}: must have a value for each of the {len(keys)} keys")
    if values in rows:
        raise UsageError(f"{where}: is the same point as in line {rows[values]}")
    if len(rows) >= most:
        raise UsageError(f"{where}: more than {most:,} points (the limit points)")
    rows[values] = line
