"""The record as a folder of CSV files: a file for each table, a row for each fact.

Columns are named with their units. RFC 4180 with a line of names first, UTF-8, no index column; a
cell that does not apply is empty.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TextIO

from kernel.errors import UsageError
from kernel.files.writing import save
from timeline.files.tables import Table, cell, tables
from timeline.record.run import Run


def save_tables(folder: Path, runs: Sequence[Run]) -> None:
    """Write every table of these runs to `folder`, each file whole or not at all.

    The folder is made if it is not there; files of other names in it are left alone.
    Raises UsageError if it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror or error}") from None
    for table in tables(runs):
        save(folder / f"{table.name}.csv", partial(write_table, table))


def write_table(table: Table, stream: TextIO) -> None:
    """Write one table: its columns' names, then its rows."""
    writer = csv.writer(_LineEnds(stream))
    writer.writerow(table.names)
    writer.writerows(map(cell, row) for row in table.rows)


class _LineEnds:
    """A stream for `csv` whose rows end in a line feed alone.

    If `csv` were told to end its rows so, it would leave a carriage return in a cell unquoted.
    """

    def __init__(self, stream: TextIO) -> None:
        self._write = stream.write

    def write(self, row: str) -> None:
        """Write one row, which `csv` ends in CR LF."""
        self._write(row[:-2] + "\n")
