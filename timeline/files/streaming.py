"""The record of a run in a file that grows while it runs: memory is for the processes alive only.

One JSON object a line. First what is known beforehand, last what everything came to, and between
them pieces of the lists of the run document, in the same columns:

    {"format": "multiprog-stream/1", "backend": …, "scenario": …, "scheduler": …, "machine": …}
    {"intervals": {"process": […], "state": […], …}}           as they ended
    {"processes": [{"index": 0, "name": …, …}]}                as they ended; index: in file order
    {"overheads": {…}} and {"memory_events": {…}}              where there are any
    {"end": {"makespan_ns": …, "cores": …, "averages": …, "processes": 9, "intervals": 99, …}}
"""

from __future__ import annotations

import gzip
import io
import json
import zlib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from kernel.errors import UsageError
from kernel.files.reading import lines, unpacked
from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from timeline.files import validation as shapes
from timeline.files.limits import UNBOUNDED, Limits, reading, rows_in, too_many_rows
from timeline.files.reading import RUN, read_intervals, read_run
from timeline.files.writing import interval_columns, row_of, rows_as_columns, to_json
from timeline.record.assembly import describe_machine, describe_scheduler
from timeline.record.metrics import ProcessFacts, Summary, Sums, Totals, ever_more, process_row
from timeline.record.recorder import Record
from timeline.record.run import SIMULATED, LifecycleEvent, MemoryEvent, Overhead, Run

STREAM = "multiprog-stream/1"
INTERVALS = b'{"intervals"'
LEVEL = 1  # of gzip: three times as fast as its usual one, for files a fifth larger


# -- writing --------------------------------------------------------------------------------------


class Streamed(Record):
    """Everything goes to `write`, line by line; only of who is alive something is kept."""

    def __init__(self, workload: Workload, write: Callable[[str], Any]) -> None:
        super().__init__()
        self.totals = Totals()
        self._workload, self._write = workload, write
        self._specs: dict[int, ProcessSpec] = {}
        self._names: dict[int, str] = {}  # as JSON
        self._ended: list[int] = []
        self._sums = Sums(ever_more, workload.cores)
        self._lost = [Overhead(core, 0, 0, "all") for core in range(workload.cores)]
        self._reservations: list[str] = []
        self._last = 0  # ns, the end of the last interval
        self.rows = 0  # intervals so far
        self._devices = [device.name for device in workload.devices]
        self._line(
            {
                "format": STREAM,
                "backend": SIMULATED,
                "scenario": dict(workload.source),
                "scheduler": describe_scheduler(workload),
                "machine": describe_machine(SIMULATED, workload),
            }
        )

    def begin(self, spec: ProcessSpec) -> ProcessFacts:
        self._specs[spec.index] = spec
        self._names[spec.index] = to_json(spec.name)
        if spec.linux.runtime is not None:
            self._reservations.append(spec.name)
        return super().begin(spec)

    def end(self, index: int) -> None:
        self._ended.append(index)

    def flush(self) -> None:
        """Write what there is, and forget it."""
        self._write_intervals()
        if self._ended:
            self._line({"processes": [self._row(index) for index in self._ended]})
            self._ended.clear()
        for overhead in self.overheads:
            total = self._lost[overhead.core]
            spent = total.end_ns + overhead.end_ns - overhead.start_ns
            self._lost[overhead.core] = total._replace(end_ns=spent)
        if self.overheads:
            self._line({"overheads": rows_as_columns(Overhead, self.overheads)})
            self.overheads.clear()
        if self.memory_events:
            self._line({"memory_events": rows_as_columns(MemoryEvent, self.memory_events)})
            self.memory_events.clear()

    def close(self) -> Summary:
        """The run is over: the last line, and what everything came to, without a row a process."""
        self._ended += self.facts.keys() - set(self._ended)  # who has not come to an end
        self.flush()
        summary = self.totals.summary(self._sums, [], self._lost, lambda: self._last)
        self._line(
            {
                "end": {
                    "makespan_ns": summary.makespan_ns,
                    "cores": [asdict(core) for core in summary.cores],
                    "averages": asdict(summary.averages),
                    "reservations": self._reservations,
                    "processes": self.totals.rows,
                    "intervals": self.rows,
                }
            }
        )
        return summary

    def _line(self, document: Mapping[str, Any]) -> None:
        self._write(to_json(document) + "\n")

    def _write_intervals(self) -> None:
        columns = self.intervals.take()
        if not columns[0]:
            return
        self._sums.add(columns)
        self.rows += len(columns[0])
        self._last = columns[3][-1]
        pieces = interval_columns(columns, self._names, self._devices, self._workload.cores)
        self._write(f"{INTERVALS.decode()}:{{{''.join(pieces)}}}}}\n")

    def _row(self, index: int) -> dict[str, Any]:
        """The row of one that is over; nothing more is kept of it."""
        row = process_row(self._specs.pop(index), self.facts.pop(index), self._sums)
        self.totals.add(row)
        self._sums.forget(index)
        del self._names[index]
        return {"index": index, **row_of(row)}


@contextmanager
def compressed(path: Path, stream: TextIO) -> Iterator[TextIO]:
    """What to write to, so that `stream` becomes the file of this name. Packed without a date."""
    if path.suffix != ".gz":
        yield stream
        return
    binary = stream.buffer
    with (
        gzip.GzipFile("", "wb", LEVEL, binary, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="ascii", write_through=True) as text,
    ):
        yield text


# -- reading --------------------------------------------------------------------------------------


def load_stream(path: Path, limits: Limits = UNBOUNDED) -> Run:
    """The whole run of such a file, as if it had been kept. Raises UsageError for anything else."""
    with reading(path, limits) as stream:
        return _loaded(path, stream, limits)


def _loaded(path: Path, stream: BinaryIO, limits: Limits) -> Run:
    document: dict[str, Any] = {}
    rows: dict[int, Any] = {}
    pieces: dict[str, dict[str, list[Any]]] = {
        "overheads": {name: [] for name in Overhead._fields},
        "memory_events": {name: [] for name in MemoryEvent._fields},
    }
    end: Mapping[str, Any] | None = None
    for where, line in _lines(path, stream, limits):
        many = line.startswith(INTERVALS)
        kind, content = ("intervals", {}) if many else _parsed(where, line)
        if not document and kind != "format":
            raise UsageError(f"{where}: is not a streamed run (its first line has no format)")
        if end is not None:
            raise UsageError(f"{where}: comes after the end of the run")
        if kind == "format":
            if document:
                raise UsageError(f"{where}: begins a second run; a file holds one")
            if content["format"] != STREAM:
                raise UsageError(f"{where}: the format is {content['format']!r}, not {STREAM!r}")
            document = content
        elif kind == "processes":
            _add_rows(where, content[kind], rows)
        elif kind in pieces:
            _add_columns(where, kind, content[kind], pieces[kind])
        elif kind == "end" and isinstance(content[kind], dict):
            end = content[kind]
        elif not many:
            raise UsageError(f"{where}: has {kind!r}, which no line of a streamed run has")
    if end is None:
        raise UsageError(f"{path}: is cut off: the last line, the end, is missing")
    stream.seek(0)
    return _assembled(path, stream, limits, {**document, **pieces}, rows, end)


def _assembled(
    path: Path,
    stream: BinaryIO,
    limits: Limits,
    head: Mapping[str, Any],
    rows: Mapping[int, Any],
    end: Mapping[str, Any],
) -> Run:
    """One document, all but its intervals, which are read line by line."""
    empty = {"process", "state", "start_ns", "end_ns", "core", "device", "why"}
    document = {
        **head,
        "format": RUN,
        "makespan_ns": end.get("makespan_ns"),
        "cores": end.get("cores"),
        "averages": end.get("averages"),
        "processes": [rows[index] for index in sorted(rows)],
        "intervals": {name: [] for name in empty},
        "life": {name: [] for name in LifecycleEvent._fields},
        "observations": {"at_ns": [], "process": [], "name": [], "value": []},
        "expectations": [],
    }
    if rows_in(document) > limits["rows"]:
        raise too_many_rows(path, limits)
    try:
        run = read_run(document)
        reservations = shapes.key(end, "reservations", list[str], "end")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{path}: is a damaged run: {error}") from None
    names, devices = run.process_names, run.device_names
    for where, line in _lines(path, stream, limits):
        if line.startswith(INTERVALS):
            content = _parsed(where, line)[1]
            try:
                more = read_intervals(content, names, devices, len(run.cores))
            except (ValueError, OverflowError) as error:
                raise UsageError(f"{where}: is damaged: {error}") from None
            run.intervals.extend(more.columns())
            if len(run.intervals) + len(run.processes) > limits["rows"]:
                raise too_many_rows(path, limits)
    if reservations:
        run.machine = {**run.machine, "reservations": reservations}
    for what, there in (("processes", len(run.processes)), ("intervals", len(run.intervals))):
        if end.get(what) != there:
            raise UsageError(f"{path}: has {there:,} {what}; its end says {end.get(what)}")
    run.life = sorted(_lives(run), key=lambda event: event.at_ns)
    from timeline.files.consistency import require_sound

    require_sound(run, str(path))
    return run


def _lives(run: Run) -> Iterator[LifecycleEvent]:
    """Born at arrival, reaped at once: only such runs are streamed."""
    for row in run.processes:
        yield LifecycleEvent(row.arrival_ns, "born", row.name, "scenario")
        if row.completion_ns is not None:
            yield LifecycleEvent(row.completion_ns, "exited", row.name, row.name)
            yield LifecycleEvent(row.completion_ns, "reaped", row.name, "supervisor")


def _lines(path: Path, stream: BinaryIO, limits: Limits) -> Iterator[tuple[str, bytes]]:
    """(file:line, text) of every line."""
    number = 0
    content = unpacked(stream) if path.suffix == ".gz" else stream
    try:
        for number, line in enumerate(lines(content, limits["run_size"]), 1):
            yield f"{path}:{number}", line.removeprefix(BOM_UTF8) if number == 1 else line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}:{number + 1}: is damaged, or cut off: {error}") from None


def _parsed(where: str, line: bytes) -> tuple[str, dict[str, Any]]:
    """What a line is, by its first key, and what it holds."""
    try:
        found = json.loads(line.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise UsageError(f"{where}: is not UTF-8 text, so not a saved run") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{where}: is not JSON, so not a line of a saved run") from None
    if not isinstance(found, dict) or not found:
        raise UsageError(f"{where}: must be an object with one key, or the format first")
    return next(iter(found)), found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _add_rows(where: str, found: Any, rows: dict[int, Any]) -> None:
    for row in found if isinstance(found, list) else [None]:
        index = row.pop("index", None) if isinstance(row, dict) else None
        if type(index) is not int or index in rows:
            raise UsageError(f"{where}: each process must have an index, and each another one")
        rows[index] = row


def _add_columns(where: str, kind: str, found: Any, columns: dict[str, list[Any]]) -> None:
    whole = isinstance(found, dict) and all(isinstance(found.get(name), list) for name in columns)
    if not whole:
        raise UsageError(f"{where}: {kind} must have the columns {', '.join(columns)}")
    for name, column in columns.items():
        column.extend(found[name])
