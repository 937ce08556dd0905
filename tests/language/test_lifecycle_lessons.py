"""The lessons on the life of processes, and how children are expanded."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import load as load_file
from sim import simulate
from tests.language.conftest import Load
from tests.paths import DOCS, LESSONS
from timeline.expect import check
from timeline.laws.check import check as check_laws

FILES = sorted((LESSONS / "life").glob("*.yaml"))
PAGE = (DOCS / "process-life.md").read_text(encoding="utf-8")


def test_the_lessons_are_there() -> None:
    assert len(FILES) >= 23


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestLesson:
    def test_it_says_what_to_look_at_and_asks_to_predict(self, path: Path) -> None:
        source = load_file(path).workload.source
        assert source["title"] != path.name
        assert 3 <= len(source["about"].splitlines()) <= 8
        assert "Before you look" in source["about"]

    def test_what_it_expects_comes_out_and_no_law_is_broken(self, path: Path) -> None:
        workload = load_file(path).workload
        run = simulate(workload)
        assert workload.expect is not None
        found = check(workload.expect, run, time_unit=workload.time_unit)
        assert [line for line in found if not line.holds] == [] and found
        assert check_laws(run) == []

    def test_the_page_on_process_life_names_it(self, path: Path) -> None:
        assert f"`{path.stem}`" in PAGE


def test_names_stay_apart(load: Load) -> None:
    workload = load(
        "programs: {a: {program: [{start: {program: b, name: c}}]}, b: {cpu: 1}}\n"
        "processes: [{name: c, program: [{start: {program: a}}, {repeat: {times: 2, do: "
        "[{start: {program: b, name: x}}]}}, {start: {program: b, name: a}}]}]\n"
    ).workload
    assert [spec.name for spec in workload.processes] == ["c", "a", "x", "c/x", "c/a", "a/c"]
    assert [spec.kinship.parent for spec in workload.processes] == [-1, 0, 0, 0, 0, 1]


def test_a_child_draws_from_a_stream_of_its_own(load: Load) -> None:
    text = "programs: {a: {cpu: {exponential: 20ms}}}\nprocesses:\n- {name: P, program: [%s]}\n"
    one = load(text % "{start: {program: a}}").workload
    two = load(text % "{start: {program: a, name: z}}, {start: {program: a}}").workload
    assert one.processes[1].program == two.processes[2].program
    assert two.processes[1].program != two.processes[2].program


def test_a_scenario_without_life_has_no_rules_of_it(load: Load) -> None:
    assert load("processes: [{name: A, cpu: 1}]").workload.lifecycle is None
