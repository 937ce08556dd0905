"""From a file of `timeline.files.streaming` back to the same run that a run document gives.

The file is read twice: first everything except the intervals, then the intervals line by line. So
the JSON of all intervals is never in memory at once.
"""

from __future__ import annotations

import gzip
import json
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from kernel.errors import UsageError
from kernel.files.reading import lines, unpacked
from timeline.files import validation
from timeline.files.consistency import require_sound
from timeline.files.limits import UNBOUNDED, Limits, reading, rows_in, too_many_rows
from timeline.files.newer_fields import Remark, tell_newer_fields
from timeline.files.reading import RUN, read_intervals, read_run
from timeline.files.streaming import INTERVALS, STREAM
from timeline.record.run import LifecycleEvent, MemoryEvent, Overhead, Run
from translation import mark, tr


def load_stream(path: Path, limits: Limits = UNBOUNDED, remark: Remark = lambda _text: None) -> Run:
    """Return the whole run of a streamed file. Raises UsageError if it is not one, or damaged.

    `remark` is told of fields that a newer version has written, and which are left aside.
    """
    with reading(path, limits) as stream:
        parts = _Parts()
        for where, line in _lines(path, stream, limits):
            parts.take(where, line)
        if parts.end is None:
            raise UsageError(
                tr("{file}: is cut off: the last line, the end, is missing", file=path)
            )
        stream.seek(0)
        run = _without_intervals(path, limits, parts, parts.end)
        _read_intervals_into(run, path, stream, limits)
    tell_newer_fields(path, [_document(parts, parts.end)], remark)
    _check_counts(path, run, parts.end)
    require_sound(run, str(path))
    return run


@dataclass(slots=True)
class _Parts:
    """The content of a streamed run, except its intervals."""

    head: dict[str, Any] = field(default_factory=dict)
    rows: dict[int, Any] = field(default_factory=dict)  # of processes, by their place in the file
    columns: dict[str, dict[str, list[Any]]] = field(
        default_factory=lambda: {
            "overheads": {name: [] for name in Overhead._fields},
            "memory_events": {name: [] for name in MemoryEvent._fields},
        }
    )
    end: Mapping[str, Any] | None = None

    def take(self, where: str, line: bytes) -> None:
        """Add the content of the next line. Raises UsageError, which begins with `where`."""
        is_rows = line.startswith(INTERVALS)
        kind, content = ("intervals", {}) if is_rows else _parsed(where, line)
        if not self.head and kind != "format":
            raise UsageError(
                tr("{place}: is not a streamed run (its first line has no format)", place=where)
            )
        if self.end is not None:
            raise UsageError(tr("{place}: comes after the end of the run", place=where))
        if kind == "format":
            self._begin(where, content)
        elif kind == "processes":
            _add_rows(where, content[kind], self.rows)
        elif kind in self.columns:
            _add_columns(where, kind, content[kind], self.columns[kind])
        elif kind == "end" and isinstance(content[kind], dict):
            self.end = content[kind]
        elif not is_rows:
            raise UsageError(
                tr(
                    "{place}: has {found!r}, which no line of a streamed run has",
                    place=where,
                    found=kind,
                )
            )

    def _begin(self, where: str, content: dict[str, Any]) -> None:
        if self.head:
            raise UsageError(tr("{place}: begins a second run; a file holds one", place=where))
        if content["format"] != STREAM:
            raise UsageError(
                tr(
                    "{place}: the format is {found!r}, not {wanted!r}",
                    place=where,
                    found=content["format"],
                    wanted=STREAM,
                )
            )
        self.head = content


def _without_intervals(path: Path, limits: Limits, parts: _Parts, end: Mapping[str, Any]) -> Run:
    """Return the run with everything that the file holds, except its intervals."""
    document = _document(parts, end)
    if rows_in(document) > limits["rows"]:
        raise too_many_rows(path, limits)
    try:
        run = read_run(document)
        reservations = validation.key(end, "reservations", list[str], "end")
    except (ValueError, OverflowError) as error:
        raise UsageError(tr("{file}: is a damaged run: {why}", file=path, why=error)) from None
    more = {"reservations": reservations} if reservations else {}
    lifecycle = sorted(_lifecycle(run), key=lambda event: event.at_ns)
    return replace(run, machine={**run.machine, **more}, lifecycle=lifecycle)


def _document(parts: _Parts, end: Mapping[str, Any]) -> dict[str, Any]:
    """Return the run document of the same run, without rows of intervals."""
    names = ("process", "state", "start_ns", "end_ns", "core", "device", "why")
    return {
        **parts.head,
        **parts.columns,
        "format": RUN,
        "makespan_ns": end.get("makespan_ns"),
        "cores": end.get("cores"),
        "averages": end.get("averages"),
        "processes": [parts.rows[index] for index in sorted(parts.rows)],
        "intervals": {name: [] for name in names},
        "life": {name: [] for name in LifecycleEvent._fields},
        "observations": {"at_ns": [], "process": [], "name": [], "value": []},
        "expectations": [],
    }


def _lifecycle(run: Run) -> Iterator[LifecycleEvent]:
    """Yield the starts and ends of the processes: born at arrival, and reaped when they exit.

    Only runs in which every process is so are streamed.
    """
    for row in run.processes:
        yield LifecycleEvent(row.arrival_ns, "born", row.name, "scenario")
        if row.completion_ns is not None:
            yield LifecycleEvent(row.completion_ns, "exited", row.name, row.name)
            yield LifecycleEvent(row.completion_ns, "reaped", row.name, "supervisor")


def _read_intervals_into(run: Run, path: Path, stream: BinaryIO, limits: Limits) -> None:
    """Append the intervals of all lines to those of `run`."""
    names, devices = run.process_names, run.device_names
    for where, line in _lines(path, stream, limits):
        if not line.startswith(INTERVALS):
            continue
        content = _parsed(where, line)[1]
        try:
            more = read_intervals(content, names, devices, len(run.cores))
        except (ValueError, OverflowError) as error:
            raise UsageError(tr("{place}: is damaged: {why}", place=where, why=error)) from None
        run.intervals.extend(more.columns())
        if len(run.intervals) + len(run.processes) > limits["rows"]:
            raise too_many_rows(path, limits)


def _check_counts(path: Path, run: Run, end: Mapping[str, Any]) -> None:
    for what, text, there in (
        ("processes", mark("{file}: has {n:,} processes; its end says {said}"), len(run.processes)),
        ("intervals", mark("{file}: has {n:,} intervals; its end says {said}"), len(run.intervals)),
    ):
        if end.get(what) != there:
            raise UsageError(tr(text, file=path, n=there, said=end.get(what)))


def _lines(path: Path, stream: BinaryIO, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """Yield (`file:line`, the bytes) of every line."""
    number = 0
    content = unpacked(stream) if path.suffix == ".gz" else stream
    try:
        for number, line in enumerate(lines(content, limits["run_size"]), 1):
            yield f"{path}:{number}", line.removeprefix(BOM_UTF8) if number == 1 else line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        place = f"{path}:{number + 1}"
        raise UsageError(
            tr("{place}: is damaged, or cut off: {why}", place=place, why=error)
        ) from None


def _parsed(where: str, line: bytes) -> tuple[str, dict[str, Any]]:
    """Return the first key of a line, which says what it is, and its JSON object."""
    try:
        found = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise UsageError(
            tr("{place}: is not UTF-8 text, so not a saved run", place=where)
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(
            tr("{place}: is not JSON, so not a line of a saved run", place=where)
        ) from None
    if not isinstance(found, dict) or not found:
        raise UsageError(
            tr("{place}: must be an object with one key, or the format first", place=where)
        )
    return next(iter(found)), found


def _no_number(word: str) -> None:
    raise ValueError(tr("{word} is not JSON", word=word))


def _add_rows(where: str, found: Any, rows: dict[int, Any]) -> None:
    for row in found if isinstance(found, list) else [None]:
        index = row.pop("index", None) if isinstance(row, dict) else None
        if type(index) is not int or index in rows:
            raise UsageError(
                tr("{place}: each process must have an index, and each another one", place=where)
            )
        rows[index] = row


def _add_columns(where: str, kind: str, found: Any, columns: dict[str, list[Any]]) -> None:
    whole = isinstance(found, dict) and all(isinstance(found.get(name), list) for name in columns)
    if not whole:
        raise UsageError(
            tr(
                "{place}: {table} must have the columns {columns}",
                place=where,
                table=kind,
                columns=", ".join(columns),
            )
        )
    for name, column in columns.items():
        column.extend(found[name])
