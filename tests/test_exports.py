"""The options that write files, typed as a newcomer types them."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import report.outputs
from cli import main
from report.outputs import OUTPUTS
from tests.paths import ROOT

LESSON = "scenarios/lessons/partitions.yaml"
PICTURES = ROOT / "docs" / "pictures.md"
MINE = ("png", "svg", "perfetto", "csv")
EXTRAS = [output for output in OUTPUTS if output.extra]

pytest.importorskip("matplotlib")


@pytest.fixture(autouse=True)
def _at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def simulate(*arguments: str) -> int:
    return main(["simulate", LESSON, *arguments])


def test_all_of_them_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {option: tmp_path / option for option in MINE}
    options = [part for option, path in names.items() for part in (f"--{option}", str(path))]

    assert simulate(*options) == 0
    assert names["png"].read_bytes().startswith(b"\x89PNG")
    assert names["svg"].read_text(encoding="utf-8").startswith("<?xml")
    assert json.loads(names["perfetto"].read_text())["traceEvents"]
    assert (names["csv"] / "intervals.csv").exists()
    assert "Makespan 300 ms" in capsys.readouterr().out


def test_several_policies_are_in_one_file(tmp_path: Path) -> None:
    options = ("--csv", str(tmp_path / "t"), "--perfetto", str(tmp_path / "p.json"))
    png = ("--png", str(tmp_path / "p.png"))
    assert simulate("--policy", "fcfs,rr,srtf", *options, *png) == 0

    with (tmp_path / "t" / "runs.csv").open(newline="") as file:
        assert [row["run"] for row in csv.DictReader(file)] == ["fcfs", "rr", "srtf"]
    events = json.loads((tmp_path / "p.json").read_text())["traceEvents"]
    names = [event["args"]["name"] for event in events if event["name"] == "process_name"]
    assert names == ["FCFS (fcfs)", "RR (rr)", "SRTF (srtf)"]


def test_saved_runs_are_drawn_too(tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for file in files:
        assert simulate("--out", file) == 0

    assert main(["compare", *files, "--svg", str(tmp_path / "x.svg")]) == 0
    assert (tmp_path / "x.svg").exists()


def test_decisions_are_in_the_tables_and_not_in_what_is_printed_or_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, tables = tmp_path / "run.json", tmp_path / "tables"
    assert simulate("--csv", str(tables), "--out", str(saved)) == 0

    assert len((tables / "decisions.csv").read_text().splitlines()) > 1
    assert "decisions" not in json.loads(saved.read_text())
    assert "Decisions" not in capsys.readouterr().out


@pytest.mark.parametrize("output", EXTRAS, ids=lambda output: output.option)
def test_a_missing_library_is_one_line_with_the_command_that_installs_it(
    output: report.outputs.Output,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    assert simulate(f"--{output.option}", str(tmp_path / "x")) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        f"--{output.option} needs {output.module}, which is not installed: "
        f"pip install --editable '.[{output.extra}]'\n"
    )


@pytest.mark.parametrize("option", MINE)
@pytest.mark.parametrize("command", ["simulate", "run-real", "compare"])
def test_what_cannot_be_written_is_said_before_the_run(
    command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = tmp_path / "nowhere" / "x"

    assert main([command, LESSON, f"--{option}", str(nowhere)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"{nowhere}: cannot be written: there is no folder {nowhere.parent}\n"


def test_a_file_is_no_folder_and_a_folder_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")

    assert simulate("--csv", str(tmp_path / "file")) == 2
    assert simulate("--png", str(tmp_path)) == 2
    assert [line.split(": ", 1)[1] for line in capsys.readouterr().err.splitlines()] == [
        "is a file; must be a folder, or a name for a new one",
        "is a folder; must be the name of a file",
    ]
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)

    assert simulate("--csv", str(tmp_path)) == 2


@pytest.mark.parametrize("option", ["png", "perfetto"])
def test_a_disk_that_is_full_is_said_and_nothing_else(option: str) -> None:
    """It is told only then, as it cannot be known before."""
    done = subprocess.run(
        [sys.executable, "cli.py", "simulate", LESSON, f"--{option}", "/dev/full"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr == "/dev/full: cannot be written: No space left on device\n"


@pytest.mark.parametrize("option", MINE)
def test_each_option_is_on_the_page_about_pictures(option: str) -> None:
    assert f"`--{option} " in PICTURES.read_text(encoding="utf-8")
