"""The file of rows: a line for each replication, appended as it comes, and continued later.

    experiment,scheduler.quantum,replication,replication_seed,turnaround_ns,utilization
    5d3c…,5ms,1,7,317000000,0.981

`experiment` is the fingerprint of all that decides a row but for its point and replication, so that
a file of another experiment is refused. A line that was cut off by a kill is removed.
"""

from __future__ import annotations

import csv
import io
import math
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.measures.names import Kind, Measure
from experiments.results.rows import Rows
from kernel.errors import UsageError
from kernel.files.writing import can_be_replaced, require_writable
from timeline.files.tables import cell
from translation import mark, tr

NAN = float("nan")


@dataclass(frozen=True)
class Layout:
    """The columns of the rows of one experiment."""

    identity: str
    keys: tuple[str, ...]
    points: tuple[tuple[str, ...], ...]
    measures: tuple[Measure, ...]
    batches: int | None
    seed: Callable[[int, int], int]  # of a point and a replication

    @property
    def heading(self) -> list[str]:
        """The names of the columns."""
        batch = ["batch"] if self.batches is not None else []
        columns = [measure.column for measure in self.measures]
        return ["experiment", *self.keys, "replication", "replication_seed", *batch, *columns]

    def lines(self, point: int, replication: int, values: Sequence[float]) -> list[list[object]]:
        """Return the rows of one replication."""
        begin: list[object] = [self.identity, *map(cell, self.points[point])]
        begin += [replication, self.seed(point, replication)]
        width = len(self.measures)
        found = []
        for at in range(0, len(values), width):
            batch = [at // width + 1] if self.batches is not None else []
            written = map(_written, self.measures, values[at : at + width])
            found.append([*begin, *batch, *written])
        return found


def _written(measure: Measure, value: float) -> str:
    """Return a value so that `float` reads the same number; NaN is an empty cell."""
    if math.isnan(value):
        return ""
    if measure.kind in (Kind.TIME, Kind.COUNT) and value.is_integer():
        return str(int(value))
    return repr(value)


class RowsFile:
    """A file of rows that is open for appending, locked against another sweep."""

    def __init__(self, path: Path, layout: Layout, rows: Rows) -> None:
        """Open the file, and put the rows that it has into `rows`. Raises UsageError."""
        self._path, self._layout = path, layout
        require_appendable(path)
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise UsageError(
                tr("{path}: cannot be written: {reason}", path=path, reason=error.strerror)
            ) from None
        self._text = io.StringIO(newline="")
        self._write = csv.writer(self._text, lineterminator="\n")
        try:
            self._lock()
            self.continued = self._read(rows)
        except BaseException:
            os.close(self._fd)
            raise

    def put(self, point: int, replication: int, values: Sequence[float]) -> None:
        """Append the rows of one replication; `flush` writes them."""
        self._write.writerows(self._layout.lines(point, replication, values))

    def flush(self) -> None:
        """Write whole rows. Raises UsageError if they cannot be written, as on a full disk."""
        data = self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            raise UsageError(
                tr("{path}: cannot be written: {reason}", path=self._path, reason=error.strerror)
            ) from None

    def close(self) -> None:
        """Write what is left, and close the file."""
        try:
            self.flush()
        finally:
            os.close(self._fd)

    def __enter__(self) -> RowsFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _lock(self) -> None:
        if sys.platform == "win32":  # which has no such locks
            return
        import fcntl

        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(tr("{path}: another sweep is writing it", path=self._path)) from None

    def _read(self, rows: Rows) -> int:
        """Put the rows of the file into `rows`. Return how many replications they are."""
        with os.fdopen(os.dup(self._fd), "rb") as file:
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            os.ftruncate(self._fd, len(whole))
        if not whole:
            self._write.writerow(self._layout.heading)
            self.flush()
            return 0
        try:
            reader = csv.reader(io.StringIO(whole.decode("utf-8"), newline=""), strict=True)
            return read_rows(self._path, reader_lines(reader), self._layout, rows)
        except (csv.Error, UnicodeDecodeError):
            raise UsageError(
                tr("{path}: is no file of rows: {advice}", path=self._path, advice=tr(_OTHER))
            ) from None


_OTHER = mark("name another file for this experiment, or remove it")


_ANOTHER = mark("is of another experiment (another scenario, policy, measure, option or version)")


def _refused(path: Path, number: int, wrong: str) -> UsageError:
    where = tr("{path}: row {number}", path=path, number=number)
    return UsageError(f"{where}: {wrong}: {tr(_OTHER)}")


def require_appendable(path: Path) -> None:
    """Raise UsageError unless rows can be appended to a file at `path`."""
    require_writable(path)
    if not can_be_replaced(path):
        raise UsageError(tr("{path}: must be a file: a later run reads it and goes on", path=path))


def reader_lines(reader: object) -> list[list[str]]:
    """Return the lines of a CSV reader that are not empty."""
    return [line for line in reader if line]  # type: ignore[attr-defined]


def read_rows(path: Path, lines: Sequence[Sequence[str]], layout: Layout, rows: Rows) -> int:
    """Put rows into `rows`, and return how many replications they are. Raises UsageError.

    The first line is the heading. A replication without all of its batches is left out.
    """
    heading = list(lines[0])
    if set(heading) != set(layout.heading) or len(heading) != len(layout.heading):
        raise UsageError(
            tr(
                "{path}: has other columns than this experiment: {advice}",
                path=path,
                advice=tr(_OTHER),
            )
        )
    place = {name: at for at, name in enumerate(heading)}
    order = [place[key] for key in layout.keys]
    columns = [place[measure.column] for measure in layout.measures]
    points = {tuple(map(str, map(cell, point))): at for at, point in enumerate(layout.points)}
    batches = layout.batches or 1
    found: dict[tuple[int, int], list[float]] = {}
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(heading):
            wrong = tr("has {cells} cells, not {columns}", cells=len(line), columns=len(heading))
            raise _refused(path, number, wrong)
        if line[place["experiment"]] != layout.identity:
            raise _refused(path, number, tr(_ANOTHER))
        point = points.get(tuple(line[at] for at in order))
        if point is None:
            values = ", ".join(f"{k}={line[place[k]]}" for k in layout.keys)
            wrong = tr("{values} is no point of this experiment", values=values)
            raise _refused(path, number, wrong)
        try:
            replication = int(line[place["replication"]])
            values_here = [float(line[at]) if line[at] else NAN for at in columns]
        except ValueError:
            raise _refused(path, number, tr("has a cell that is no number")) from None
        found.setdefault((point, replication), []).extend(values_here)
    kept = 0
    for (point, replication), row in found.items():
        if len(row) == batches * len(columns) and replication >= 1:
            rows.put(point, replication, row)
            kept += 1
    return kept
