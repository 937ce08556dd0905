"""The folder of CSV files, and the lines of docs/tables.md that ask it questions."""

from __future__ import annotations

import codecs
import csv
import importlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

from cli import main
from kernel.errors import UsageError
from report.files.csv_tables import save_tables, write_table
from tests.paths import DOCS
from tests.timeline.gantt import gantt
from timeline.files.tables import Table, TableRows, tables
from timeline.record.run import REAL, Run

PAGE = DOCS / "tables.md"
MODEL = """
A 000..00
B ...00
C  ....--000
"""
MEASURED = """
A 000...000
B ....00
C  .....--.000
"""


@pytest.fixture
def runs() -> list[Run]:
    """A simulated run and a real one."""
    return [gantt(MODEL), gantt(MEASURED, backend=REAL)]


@pytest.fixture
def folder(tmp_path: Path, runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the lines of the page look for their tables."""
    save_tables(tmp_path / "tables", runs)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tables"


def test_each_table_is_a_file_with_its_columns(folder: Path, runs: list[Run]) -> None:
    for table in tables(runs):
        with (folder / f"{table.name}.csv").open(newline="") as file:
            found = list(csv.reader(file))
        assert found[0] == list(table.columns)
        assert len(found) - 1 == len(table.columns["run"])


def test_numbers_are_exact_and_what_does_not_apply_is_empty(folder: Path, runs: list[Run]) -> None:
    with (folder / "intervals.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["run"] == "real"]

    assert [int(row["end_ns"]) for row in rows] == runs[1].intervals.end.tolist()
    assert {row["core"] for row in rows if row["state"] == "ready"} == {""}


def test_the_same_runs_give_the_same_bytes(tmp_path: Path, runs: list[Run]) -> None:
    for name in ("one", "two"):
        save_tables(tmp_path / name, runs)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, runs: list[Run]) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="cannot be made"):
        save_tables(tmp_path / "file" / "tables", runs)


# -- the page -----------------------------------------------------------------------------------


def test_the_page_names_every_table() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert named and sorted(named) == sorted(table.name for table in tables([gantt(MODEL)]))


def blocks(language: str, title: str) -> list[str]:
    """The page's code in a language, in the part with this title."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {title}")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", part, re.DOTALL)


@pytest.fixture
def pandas_answers(folder: Path) -> dict[str, Any]:
    """What the lines of pandas, which read the folder, leave in their variables."""
    assert folder.is_dir()
    pytest.importorskip("pandas")
    names: dict[str, Any] = {}
    for code in blocks("python", "Three lines of pandas"):
        assert len([line for line in code.splitlines() if line]) == 3
        exec(code, names)
    return names


def test_pandas_answers_the_questions(pandas_answers: dict[str, Any], runs: list[Run]) -> None:
    took, states = pandas_answers["took"], pandas_answers["states"]

    assert took.loc["A", "simulated"] == 7 and took.loc["A", "real"] == 9
    assert took["difference"].to_dict() == {"A": 2, "B": 1, "C": 2}
    assert states.loc[("simulated", "C"), "ready"] == 4
    assert states.loc[("real", "C"), "blocked"] == 2
    assert pandas_answers["busy"].loc[("simulated", 0)] == runs[0].cores[0].busy_ns / 10e6
    assert pandas_answers["slices"].loc[("simulated", "ended"), "count"] == 3
    assert pandas_answers["queue"]["simulated"] == (2 + 3 + 4) / 10


def test_duckdb_gives_the_same_answers(pandas_answers: dict[str, Any]) -> None:
    pytest.importorskip("duckdb")
    duckdb = importlib.import_module("duckdb")
    answers = {}
    for query in blocks("sql", "Three lines of DuckDB"):
        name, _, rest = query.partition("\n")
        assert len(rest.splitlines()) == 3
        answers[name.removeprefix("-- ")] = duckdb.sql(rest).fetchall()

    took = pandas_answers["took"]
    assert {row[0]: row[3] for row in answers["turnaround"]} == took["difference"].to_dict()
    states = {row[:3]: row[3] for row in answers["states"]}
    assert states[("real", "C", "blocked")] == 2 and states[("simulated", "C", "ready")] == 4
    assert dict(answers["queue"]) == pandas_answers["queue"].to_dict()
    assert {row[:2]: row[2] for row in answers["busy"]} == pandas_answers["busy"].to_dict()
    counted = pandas_answers["slices"]["count"].to_dict()
    assert {row[:2]: row[2] for row in answers["slices"]} == counted


# -- what a spreadsheet makes of it ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+A1", "'+A1"),
        ("-A1", "'-A1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("plain", "plain"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        ("a\rb", '"a\rb"'),
        ('a"b,\nc', '"a""b,\nc"'),
    ],
)
def test_no_text_is_a_formula_and_numbers_stay_numbers(value: object, written: str) -> None:
    stream = io.StringIO(newline="")
    table = Table("x", ["a", "b"], [("run", TableRows(["b"], lambda: [(value,)]))])

    write_table(table, stream)

    assert stream.getvalue() == f"a,b\nrun,{written}\n"


def test_rows_are_made_when_they_are_written() -> None:
    def never() -> list[tuple[object, ...]]:
        raise AssertionError("made too early")

    assert Table("x", ["a", "b"], [("run", TableRows(["b"], never))]).names == ["a", "b"]


def test_a_byte_order_mark_is_before_the_same_content(tmp_path: Path, runs: list[Run]) -> None:
    save_tables(tmp_path / "plain", runs)
    save_tables(tmp_path / "marked", runs, bom=True)

    for file in (tmp_path / "plain").iterdir():
        marked = (tmp_path / "marked" / file.name).read_bytes()
        assert marked == codecs.BOM_UTF8 + file.read_bytes()


def test_a_byte_order_mark_without_tables_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "overlap", "--bom"]) == 2
    assert "--bom is for the tables: give --csv DIR, too" in capsys.readouterr().err
