"""Rows as Parquet: the same numbers, continued, and nothing left beside."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.measures.names import measures_of
from experiments.results.rows import Rows
from experiments.results.rows_file import Layout
from kernel.errors import UsageError

pytest.importorskip("pyarrow")
from experiments.results.parquet_rows import ParquetRows

LAYOUT = Layout(
    "abc",
    ("a.b",),
    (("1",), ("2",)),
    measures_of(["turnaround", "utilization"]),
    None,
    lambda *_: 7,
)


def test_rows_are_continued_and_the_file_beside_is_gone(tmp_path: Path) -> None:
    file, rows = tmp_path / "r.parquet", Rows(2, 2)
    for number in (1, 2):
        with ParquetRows(file, LAYOUT, rows) as kept:
            values = [float(number), float("nan")]
            rows.put(1, number, values)
            kept.put(1, number, values)
        rows = Rows(2, 2)
    with ParquetRows(file, LAYOUT, rows) as kept:
        assert kept.continued == 2
    assert rows.column(1, 0) == {(1, 1): 1.0, (2, 1): 2.0}
    assert [each.name for each in tmp_path.iterdir()] == ["r.parquet"]


def test_what_a_killed_sweep_left_beside_is_found(tmp_path: Path) -> None:
    file, rows = tmp_path / "r.parquet", Rows(2, 2)
    killed = ParquetRows(file, LAYOUT, rows)
    killed.put(0, 3, [5.0, 0.5])
    killed.flush()
    killed._journal.close()
    again = Rows(2, 2)
    with ParquetRows(file, LAYOUT, again) as kept:
        assert kept.continued == 1
    assert again.column(0, 1) == {(3, 1): 0.5}


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_text("some text")
    with pytest.raises(UsageError, match="is no Parquet file"):
        ParquetRows(tmp_path / "r.parquet", LAYOUT, Rows(2, 2))
