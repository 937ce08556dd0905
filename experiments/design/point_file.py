"""A list of points in a CSV file: a heading of keys, and a line for each point."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from experiments.design.axes import Points
from kernel.errors import UsageError
from kernel.files.reading import TooLargeError, read_bounded
from translation import tr

_MOST_BYTES = 16_000_000


def points_in(path: Path, most: int) -> Points:
    """Return the points in the file, at most `most`. Raises UsageError with the line."""
    try:
        text = read_bounded(path, _MOST_BYTES).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            tr("{path}: cannot be read: {reason}", path=path, reason=error.strerror)
        ) from None
    except TooLargeError:
        raise UsageError(
            tr("{path}: is larger than {bytes:,} bytes", path=path, bytes=_MOST_BYTES)
        ) from None
    except UnicodeDecodeError:
        raise UsageError(tr("{path}: is not UTF-8 text", path=path)) from None
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
        raise UsageError(
            tr("{path}:{line}: is not CSV: {error}", path=path, line=reader.line_num, error=error)
        ) from None
    if not rows:
        raise UsageError(
            tr("{path}: has no points; a heading of keys, then a line for each point", path=path)
        )
    return Points(keys, tuple(rows))


def _keys(path: Path, keys: tuple[str, ...]) -> tuple[str, ...]:
    for at, key in enumerate(keys):
        if not all(key.split(".")):
            raise UsageError(
                tr("{path}:1: {key!r} is no key, like scheduler.quantum", path=path, key=key)
            )
        if key in keys[:at]:
            raise UsageError(tr("{path}:1: the key {key} stands there twice", path=path, key=key))
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
        raise UsageError(
            tr(
                "{where}: must have a value for each of the {keys} keys",
                where=where,
                keys=len(keys),
            )
        )
    if values in rows:
        raise UsageError(
            tr("{where}: is the same point as in line {line}", where=where, line=rows[values])
        )
    if len(rows) >= most:
        raise UsageError(
            tr(
                "{where}: the file has more than {most:,} points (the limit points)",
                where=where,
                most=most,
            )
        )
    rows[values] = line
