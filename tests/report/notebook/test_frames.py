"""In a notebook: a saved run is read, and handed to pandas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.errors import UsageError
from report.notebook.frames import Runs, load
from tests.timeline.gantt import gantt
from timeline.files.document import save, write_run, write_runs
from timeline.record.run import REAL, Run

TWO = """
A 00.1
B ..0--0
"""


def saved(path: Path, *runs: Run) -> Path:
    """A file as `--out` writes it."""
    if len(runs) == 1:
        save(path, lambda stream: write_run(runs[0], stream))
    else:
        save(path, lambda stream: write_runs(runs, None, stream))
    return path


def test_a_file_holds_one_run_or_several(tmp_path: Path) -> None:
    sound = "A 00--0\nB ..00"  # TWO has idle cores while somebody is ready: no model does that
    one = load(saved(tmp_path / "one.json", gantt(sound)))
    two = load(str(saved(tmp_path / "two.json", gantt(sound), gantt(sound, backend=REAL))))

    assert [run.backend for run in one] == ["simulated"]
    assert [run.backend for run in two] == ["simulated", "real"]
    assert two[1].backend == "real" and len(two[:1]) == 1


def test_what_is_no_run_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")

    with pytest.raises(UsageError, match="is not a saved run"):
        load(tmp_path / "x.json")


def test_a_run_becomes_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    frame = Runs([gantt(TWO)]).to_pandas()

    assert isinstance(frame, pandas.DataFrame)
    assert frame["end_ns"].tolist() == list(gantt(TWO).intervals.end)
    assert frame[frame["state"] == "ready"]["core"].isna().all()


def test_whole_numbers_stay_whole_where_some_are_missing() -> None:
    pytest.importorskip("pandas")
    frame = Runs([gantt(TWO), gantt(TWO, backend=REAL)]).to_pandas("intervals")

    assert str(frame["core"].dtype) == "Int64"
    assert frame.groupby("run").size().to_dict() == {"real": 7, "simulated": 7}


def test_another_table_is_asked_for_by_its_name() -> None:
    pytest.importorskip("pandas")

    assert list(Runs([gantt(TWO)]).to_pandas("processes")["process"]) == ["A", "B"]
    with pytest.raises(UsageError, match="there is no table 'people'; there are runs, processes"):
        Runs([gantt(TWO)]).to_pandas("people")


def test_without_pandas_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731
    monkeypatch.setattr("report.notebook.frames.find_spec", nothing)

    with pytest.raises(UsageError, match=r"pip install --editable '\.\[notebook\]'"):
        Runs([gantt(TWO)]).to_pandas()
