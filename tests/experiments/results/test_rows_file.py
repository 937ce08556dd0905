"""The file of rows: whole rows, the same numbers read again, and no other experiment's."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.measures.names import measures_of
from experiments.results.rows import Rows
from experiments.results.rows_file import Layout, RowsFile
from kernel.errors import UsageError

LAYOUT = Layout(
    "abc",
    ("scheduler.policy", "machine.cores"),
    (("rr", "1"), ("=1+1", "2")),
    measures_of(["turnaround", "utilization"]),
    None,
    lambda point, replication: 10 * point + replication,
)
VALUE = st.one_of(st.floats(0, 1e12), st.integers(0, 2**50).map(float), st.just(float("nan")))


def test_a_row_for_each_replication(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    with RowsFile(file, LAYOUT, Rows(2, 2)) as kept:
        kept.put(0, 1, [5e6, 0.25])
        kept.put(1, 3, [float("nan"), 1.0])
    assert file.read_text() == (
        "experiment,scheduler.policy,machine.cores,replication,replication_seed,turnaround_ns,"
        "utilization\nabc,rr,1,1,1,5000000,0.25\nabc,'=1+1,2,3,13,,1.0\n"
    )


@given(
    rows=st.dictionaries(st.tuples(st.integers(0, 1), st.integers(1, 99)), st.tuples(VALUE, VALUE))
)
def test_what_was_written_is_read(
    rows: dict[tuple[int, int], tuple[float, float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("rows") / "r.csv"
    with RowsFile(file, LAYOUT, Rows(2, 2)) as kept:
        for (point, replication), values in rows.items():
            kept.put(point, replication, values)
    found = Rows(2, 2)
    with RowsFile(file, LAYOUT, found) as again:
        assert again.continued == len(rows)
    read = {(row.point, row.replication): row.values for row in found}
    assert str(sorted(read.items())) == str(sorted(rows.items()))  # NaN is as NaN


@given(cut=st.integers(0, 200))
def test_a_line_that_was_cut_off_is_removed(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("rows") / "r.csv"
    with RowsFile(file, LAYOUT, Rows(2, 2)) as kept:
        for replication in range(1, 5):
            kept.put(0, replication, [1e6 * replication, 0.5])
    whole = file.read_bytes()
    file.write_bytes(whole[: max(0, len(whole) - cut)])
    rows = Rows(2, 2)
    with RowsFile(file, LAYOUT, rows) as kept:
        for replication in set(range(1, 5)) - set(rows.replications(0)):
            kept.put(0, replication, [1e6 * replication, 0.5])
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("some text\n", "has other columns than this experiment"),
        (b"\xff\xfe\n", "is no file of rows"),
        ("{heading}xyz,rr,1,1,1,5,0.5\n", "row 2: is of another experiment"),
        (
            "{heading}abc,srtf,1,1,1,5,0.5\n",
            "row 2: scheduler.policy=srtf, machine.cores=1 is no point",
        ),
        ("{heading}abc,rr,1,1,1,5\n", "row 2: has 6 cells, not 7"),
        ("{heading}abc,rr,1,one,1,5,0.5\n", "row 2: has a cell that is no number"),
    ],
)
def test_a_file_of_another_experiment_is_refused(
    text: str | bytes, wrong: str, tmp_path: Path
) -> None:
    file = tmp_path / "r.csv"
    if isinstance(text, str):
        text = text.format(heading=f"{','.join(LAYOUT.heading)}\n").encode()
    file.write_bytes(text)
    with pytest.raises(UsageError, match=f"^{file}.*name another file") as caught:
        RowsFile(file, LAYOUT, Rows(2, 2))
    assert wrong in str(caught.value)
    assert file.read_bytes() == text


def test_two_sweeps_do_not_write_one_file(tmp_path: Path) -> None:
    file = tmp_path / "r.csv"
    with (
        RowsFile(file, LAYOUT, Rows(2, 2)),
        pytest.raises(UsageError, match="another sweep is writing it"),
    ):
        RowsFile(file, LAYOUT, Rows(2, 2))


@pytest.mark.parametrize("name", ["/dev/null", "none/r.csv", "."])
def test_an_output_that_cannot_be_continued_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        RowsFile(tmp_path / name, LAYOUT, Rows(2, 2))


def test_batches_are_rows_of_one_replication(tmp_path: Path) -> None:
    layout = Layout("abc", ("a",), (("1",),), measures_of(["turnaround"]), 3, lambda *_: 7)
    rows = Rows(1, 1, 3)
    with RowsFile(tmp_path / "r.csv", layout, rows) as kept:
        kept.put(0, 1, [1.0, 2.0, 3.0])
    with RowsFile(tmp_path / "r.csv", layout, rows):
        pass
    assert rows.column(0, 0) == {(1, 1): 1.0, (1, 2): 2.0, (1, 3): 3.0}
