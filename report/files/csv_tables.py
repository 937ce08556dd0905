"""The record as a folder of CSV files: a file for each table, a row for each fact.

The names of columns contain the units. The format is RFC 4180 in UTF-8; the first line has the
names, and there is no index column. A cell that does not apply is empty. With a byte order mark,
spreadsheets open a file as UTF-8, too.
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
from translation import tr


def save_tables(folder: Path, runs: Sequence[Run], *, bom: bool = False) -> None:
    """Write every table of these runs to `folder`, each file whole or not at all.

    The folder is made if it does not exist; other files in it are not changed. With `bom` each
    file begins with a byte order mark.
    Raises UsageError if a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise UsageError(tr("{folder}: cannot be made: {why}", folder=folder, why=why)) from None
    for table in tables(runs):
        save(folder / f"{table.name}.csv", partial(write_table, table, bom=bom))


def write_table(table: Table, stream: TextIO, *, bom: bool = False) -> None:
    """Write one table: its columns' names, then its rows. `bom`: a byte order mark before them."""
    if bom:
        stream.write(BOM)
    writer = csv.writer(_LineEnds(stream))
    writer.writerow(table.names)
    writer.writerows(map(cell, row) for row in table.rows)


BOM = "\ufeff"


class _LineEnds:
    """A stream for `csv` whose rows end in a line feed alone.

    The writer of `csv` keeps its line end CR LF: with another one it would not quote a cell that
    contains a carriage return.
    """

    def __init__(self, stream: TextIO) -> None:
        self._write = stream.write

    def write(self, row: str) -> None:
        """Write one row, which `csv` ends in CR LF."""
        self._write(row[:-2] + "\n")
