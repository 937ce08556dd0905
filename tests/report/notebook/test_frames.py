"""In a notebook: a saved run is read, shows itself, and is handed to pandas."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kernel.errors import UsageError
from report.notebook.frames import Runs, load
from tests.report.runs import alternating
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


def pictures(html: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


def test_a_run_shows_its_slices_where_they_ran() -> None:
    (svg,) = pictures(Runs([gantt(TWO)])._repr_html_())
    drawn = [rect.findtext("title") for rect in svg.iter("rect")]

    assert "A, 0 ms to 2 ms, expired" in drawn
    assert "B blocked, 3 ms to 5 ms" in drawn
    assert len(drawn) == len(gantt(TWO).intervals) + 4  # four slices are on the cores as well


def test_several_runs_lie_on_one_axis() -> None:
    html = Runs([gantt(TWO), gantt(TWO + "C ......000000", backend=REAL)])._repr_html_()
    short, long = pictures(html)
    widths = [
        max(float(r.get("x", 0)) + float(r.get("width", 0)) for r in svg.iter("rect"))
        for svg in (short, long)
    ]

    assert widths[0] < widths[1]


def test_titles_and_names_are_text_and_never_markup() -> None:
    run = gantt(TWO)
    run.processes[0].name = "<script>alert(1)</script>"
    run = replace(run, scenario={**run.scenario, "title": "<img src=x>"})
    html = Runs([run])._repr_html_()

    assert "<script>" not in html and "<img" not in html
    assert "&lt;img src=x&gt;" in html


def test_very_long_runs_show_their_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("report.notebook.show.MOST_SPANS", 100)
    html = Runs([alternating(200)])._repr_html_()

    assert "<svg" not in html and "job-1" in html and "the first 10" in html
