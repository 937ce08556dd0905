"""Runs in a notebook: read from a file, shown as HTML, turned into data frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, overload

from kernel.errors import UsageError
from report.notebook.display import display
from report.result import Result
from timeline.files import document
from timeline.files.tables import tables
from timeline.record.run import Run
from translation import tr


class Runs(Sequence[Run]):
    """The runs of one scenario: one, the two of a comparison, or one for each policy."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self._runs = tuple(runs)

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> Runs: ...
    def __getitem__(self, index: int | slice) -> Run | Runs:
        return Runs(self._runs[index]) if isinstance(index, slice) else self._runs[index]

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self._runs)

    def to_pandas(self, table: str = "intervals") -> Any:
        """Return a table of the runs (docs/tables.md), `processes` for example.

        The table is a pandas data frame; its column `run` tells the runs apart. Raises UsageError
        if there is no such table or no pandas, and then says how to install pandas.
        """
        return data_frame(self._runs, table)

    def _repr_html_(self) -> str:
        return display(Result(self._runs))


def load(path: str | Path) -> Runs:
    """Return the runs that `--out` saved in this file. Raises UsageError if it holds none."""
    return Runs(document.load(Path(path)))


def data_frame(runs: Sequence[Run], table: str) -> Any:
    """Return a table of these runs as a pandas data frame. Raises UsageError, see `to_pandas`."""
    found = {each.name: each for each in tables(runs)}
    if table not in found:
        raise UsageError(
            tr(
                "there is no table {table!r}; there are {tables}",
                table=table,
                tables=", ".join(found),
            )
        )
    if find_spec("pandas") is None:
        raise UsageError(
            tr(
                "to_pandas needs pandas, which is not installed: "
                "pip install --editable '.[notebook]'"
            )
        )
    import pandas

    columns = found[table].columns
    frame = pandas.DataFrame(columns, columns=list(columns))
    for name in columns:  # pandas would turn a column of integers with gaps into floats
        if frame[name].dtype.kind == "f" and name.endswith(WHOLE):
            frame[name] = frame[name].astype("Int64")
    return frame


WHOLE = ("_ns", "_bytes", "core", "pid", "seed", "exitcode")
