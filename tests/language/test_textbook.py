"""The textbook examples: each names its source, and comes out as the source says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli import main
from kernel.policies import POLICIES
from kernel.workload import Workload
from language import Options, load
from sim import simulate
from tests.paths import ROOT
from timeline.expect import check
from timeline.laws import check as laws
from timeline.record.run import Expectation

EXAMPLES = sorted((ROOT / "scenarios" / "textbook").glob("*.yaml"))
PAGE = (ROOT / "docs" / "textbook.md").read_text(encoding="utf-8")
LISTED = re.findall(r"^\| `([\w-]+)` \| `(\w+)` \|", PAGE, flags=re.MULTILINE)


def workload_of(path: Path, time_unit: str | None = None) -> Workload:
    loaded = load(path, Options(time_unit=time_unit))
    assert loaded.remarks == []
    return loaded.workload


def failures(workload: Workload) -> list[Expectation]:
    """What of its expectations does not come out on the simulator."""
    assert workload.expect is not None
    run = simulate(workload)
    assert laws.check(run) == []
    lines = check(workload.expect, run, time_unit=workload.time_unit)
    return [line for line in lines if not line.holds]


def test_the_examples_are_there() -> None:
    assert len(EXAMPLES) >= 100


def test_every_policy_has_an_example() -> None:
    used = {workload_of(path).scheduler.name for path in EXAMPLES}
    of_books = [name for name, kind in POLICIES.items() if not kind.left_to_the_machine]
    assert [policy for policy in of_books if policy not in used] == []


def test_the_command_finds_them_correct() -> None:
    assert main(["check", *map(str, EXAMPLES)]) == 0


def test_the_page_lists_each_of_them_with_its_policy() -> None:
    assert [(path.stem, workload_of(path).scheduler.name) for path in EXAMPLES] == LISTED


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
class TestExample:
    def test_it_says_where_it_is_from(self, path: Path) -> None:
        source = workload_of(path).source
        assert source["title"] != path.name
        assert re.match(r"Source: [^\n]{10,}", source["about"])

    def test_it_expects_more_than_when_the_last_program_ends(self, path: Path) -> None:
        expect = workload_of(path).expect
        assert expect is not None
        assert set(expect) - {"makespan", "tolerance"} != set()

    def test_it_comes_out_exactly(self, path: Path) -> None:
        assert failures(workload_of(path)) == []

    def test_it_comes_out_exactly_when_it_is_stretched_for_real_processes(self, path: Path) -> None:
        assert failures(workload_of(path, "20ms")) == []

    def test_all_of_it_is_in_time_units(self, path: Path) -> None:
        once, stretched = simulate(workload_of(path)), simulate(workload_of(path, "3ms"))
        assert [row.completion_ns for row in stretched.processes] == [
            3 * (row.completion_ns or 0) for row in once.processes
        ]
