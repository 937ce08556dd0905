"""Saved runs of other versions: older ones are read, and what newer ones added is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from timeline.files import validation
from timeline.files.document import load
from timeline.record.run import CoreRow, Overhead, ProcessRow

OLD = sorted((Path(__file__).parent / "old").glob("*.json"))
VERSION = OLD[-1]


def saved(folder: Path, change: Callable[[Any], object]) -> Path:
    document = json.loads(VERSION.read_text())
    change(document)
    file = folder / "run.json"
    file.write_text(json.dumps(document))
    return file


def remarks(file: Path) -> list[str]:
    said: list[str] = []
    load(file, remark=said.append)
    return said


@pytest.mark.parametrize("file", OLD, ids=lambda file: file.stem)
def test_runs_that_older_versions_saved_are_read(file: Path) -> None:
    assert len(OLD) == 2
    said: list[str] = []
    (run,) = load(file, remark=said.append)
    assert said == []
    assert run.makespan_ns == 70_000_000
    assert [row.completion_ns for row in run.processes] == [60_000_000, 50_000_000, 70_000_000]
    assert [row.suspended_ns for row in run.processes] == [0, 0, 0]


@pytest.mark.parametrize("name", sorted(validation.defaults(ProcessRow)))
def test_a_field_with_a_default_may_be_missing_from_an_older_run(name: str, tmp_path: Path) -> None:
    def forget(document: Any) -> None:
        for row in document["processes"]:
            del row[name]
        if name == "memory":  # the law of placements wants the rows of what was placed
            document["memory_events"] = {key: [] for key in document["memory_events"]}

    (run,) = load(saved(tmp_path, forget))
    assert getattr(run.processes[0], name) == validation.defaults(ProcessRow)[name]


def test_fields_with_defaults_are_those_of_classes_and_of_named_tuples() -> None:
    assert set(validation.defaults(CoreRow)) == {"busy_ns", "idle_ns", "overhead_ns"}
    assert validation.defaults(Overhead) == {}


def add(document: Any) -> None:
    document["weather"] = "fine"
    document["intervals"]["speed"] = [1] * len(document["intervals"]["process"])
    document["processes"][1]["group"] = "web"
    document["averages"]["slowdown"] = 1.5


def test_what_a_newer_version_added_is_told_in_one_line(tmp_path: Path) -> None:
    file = saved(tmp_path, add)
    names = "weather, intervals.speed, averages.slowdown, processes.group"
    assert remarks(file) == [
        f"{file}: was saved by a newer version of Multiprog; {names} are ignored"
    ]


def test_of_many_new_fields_a_few_are_named_and_long_names_are_cut(tmp_path: Path) -> None:
    def many(document: Any) -> None:
        document.update({f"{'x' * 100}{number}": 0 for number in range(9)})
        document["a\nb"] = 0

    (said,) = remarks(saved(tmp_path, many))
    assert said.count("\n") == 0
    assert said.endswith("... and 5 more are ignored")
    assert len(said) < 500


def test_a_run_of_this_version_has_no_newer_field(tmp_path: Path) -> None:
    assert remarks(saved(tmp_path, lambda _: None)) == []
