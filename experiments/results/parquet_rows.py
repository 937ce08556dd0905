"""The rows as a Parquet file (pyarrow, the extra `parquet`), which cannot be appended to.

While the sweep goes on, the rows are kept in a CSV file beside it; when it ends, however it ends,
the Parquet file is written, whole or not at all, and the other one removed. After a kill the next
run of the same command finds both.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from experiments.results.rows import Rows
from experiments.results.rows_file import Layout, RowsFile, read_rows, require_appendable
from kernel.errors import UsageError
from kernel.files.writing import save
from translation import tr


class ParquetRows:
    """A Parquet file of rows that can be continued."""

    def __init__(self, path: Path, layout: Layout, rows: Rows) -> None:
        """Put the rows that are there into `rows`. Raises UsageError."""
        self._path, self._layout, self._rows = path, layout, rows
        require_appendable(path)
        beside = path.with_name(f".{path.name}.csv")
        self.continued = self._read() if path.exists() else 0
        points = range(len(layout.points))
        unsaved = Rows(len(points), len(layout.measures), layout.batches or 1)
        self._journal = RowsFile(beside, layout, unsaved)
        for point in points:
            there = rows.replications(point)
            for replication, values in unsaved.replications(point).items():
                if replication not in there:
                    rows.put(point, replication, values)
                    self.continued += 1
        self._beside = beside

    def put(self, point: int, replication: int, values: Sequence[float]) -> None:
        """Append the rows of one replication; `flush` writes them."""
        self._journal.put(point, replication, values)

    def flush(self) -> None:
        """Write whole rows. Raises UsageError if they cannot be written."""
        self._journal.flush()

    def __enter__(self) -> ParquetRows:
        return self

    def __exit__(self, *exception: object) -> None:
        self._journal.close()
        table = _table(self._layout, self._rows)
        save(self._path, lambda stream: parquet.write_table(table, stream.buffer))
        self._beside.unlink(missing_ok=True)

    def _read(self) -> int:
        try:
            table = parquet.read_table(self._path)
        except (OSError, pa.ArrowException):
            raise UsageError(
                tr("{path}: is no Parquet file: name another one", path=self._path)
            ) from None
        columns = [map(_text, column.to_pylist()) for column in table.columns]
        lines: list[list[str]] = [table.column_names, *map(list, zip(*columns, strict=True))]
        return read_rows(self._path, lines, self._layout, self._rows)


def _text(value: Any) -> str:
    """Return a cell as a file of rows in CSV has it."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def _table(layout: Layout, rows: Rows) -> Any:
    """Return all rows as a table: keys as text, numbers as they are, nothing measured as null."""
    numbers = {"replication", "replication_seed", "batch"}
    measured = {measure.column for measure in layout.measures}
    lines = [
        line
        for point in range(len(layout.points))
        for replication, values in rows.replications(point).items()
        for line in layout.lines(point, replication, values)
    ]
    columns: list[Sequence[Any]] = list(zip(*lines, strict=True)) or [()] * len(layout.heading)
    arrays = {}
    for name, cells in zip(layout.heading, columns, strict=True):
        if name in measured:
            found = [float(cell) if cell else None for cell in cells]
            arrays[name] = pa.array(found, pa.float64())
        elif name in numbers:
            arrays[name] = pa.array([int(cell) for cell in cells], pa.int64())
        else:
            arrays[name] = pa.array(list(map(str, cells)), pa.string())
    return pa.table(arrays)
