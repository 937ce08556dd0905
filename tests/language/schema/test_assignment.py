"""The section `assignment`: each mistake has its line and says what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from language import Options, ScenarioError, load
from language.assignments import has_assignment, read_assignment

LAB = """\
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: A, cpu: 60ms}]
assignment:
  workloads: {ties: 3, io: 2}
  checks:
    - {same_schedule: true, points: 8}
    - {longest_wait: 400ms, on: [io]}
"""
PLAIN = LAB.partition("assignment:")[0]


def written(folder: Path, text: str) -> Path:
    path = folder / "lab.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_is_read_with_its_defaults(tmp_path: Path) -> None:
    read = read_assignment(written(tmp_path, LAB), Options())
    assignment = read.assignment
    assert assignment.submit == ("mine.py", "Mine")
    assert assignment.workloads == {"ties": 3, "io": 2}
    assert [check.rule for check in assignment.checks] == ["same_schedule", "longest_wait"]
    assert assignment.checks[1].longest_wait == 400_000_000
    assert read.workload.scheduler.name == "rr"


def test_the_scenario_runs_as_without_it(tmp_path: Path) -> None:
    with_it = load(written(tmp_path, LAB), Options()).workload
    without = load(written(tmp_path, PLAIN), Options()).workload
    assert with_it.processes == without.processes


def test_a_scenario_without_one_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    assert not has_assignment(path, Options())
    with pytest.raises(ScenarioError, match="has no assignment"):
        read_assignment(path, Options())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "ties: 3",
            "tise: 3",
            "4:15: assignment.workloads.tise: unknown kind of workload 'tise' (d",
        ),
        (
            "ties: 3",
            "ties: 0",
            "4:21: assignment.workloads.ties: must be a whole number from 1 to 50",
        ),
        ("ties: 3", "ties: 50, plain: 50", "assignment: workloads: must be at most 100"),
        ("workloads: {ties: 3, io: 2}", "workloads: {}", "must have at least 1 entry"),
        ("{ties: 3, io: 2}", "[ties]", "4:14: assignment.workloads: must be a mapping"),
        ("same_sch", "same_shc", "unknown key 'same_shcedule' (did you mean 'same_schedule'?)"),
        ("same_schedule: true", "same_schedule: false", "same_schedule: must be true"),
        ("same_schedule: true, ", "", "must have one of same_schedule, longest_wait, priorities"),
        ("400ms", "400ms, priorities: always", "(it has longest_wait, priorities)"),
        ("400ms", "none", "7:22: assignment.checks.1.longest_wait: must be a duration"),
        (
            "longest_wait: 400ms",
            "turnaround: 1.2",
            "turnaround, waiting, response need the key 'of'",
        ),
        ("longest_wait: 400ms", "turnaround: 1.2, of: srt", "unknown policy 'srt'"),
        ("longest_wait: 400ms", "turnaround: -1, of: rr", "must be a number above 0, like 1.2"),
        ("longest_wait: 400ms", "turnaround: .nan, of: rr", "must be a number above 0, like 1.2"),
        ("longest_wait: 400ms", "longest_wait: 1s, of: rr", "no other check has this key"),
        ("longest_wait: 400ms", "shares: 10%", "shares needs on: [shares]"),
        ("longest_wait: 400ms", "priorities: often", "must be always or when-picked (got 'often'"),
        (
            "[io]",
            "[cores]",
            "checks.1.on: cores is not one of the kinds under workloads (ties, io)",
        ),
        ("[io]", "[]", "must have at least 1 entry"),
        ("points: 8", "points: 0", "must be a whole number from 1 to 1000"),
        (
            "  checks",
            "  submit: mine:Mine\n  checks",
            "must be a file and a class, like mine.py:Mine",
        ),
        ("  checks", "  submit: ../a.py:Mine\n  checks", "must be a file and a class"),
        ("  checks", "  hides: [priority]\n  checks", "must be burst or left (got 'priority'"),
        ("  checks", "  leaderboard: [mean]\n  checks", "must be turnaround, waiting"),
        ("  checks", "  limits: {cpuu: 3s}\n  checks", "unknown key 'cpuu' (did you mean 'cpu'?)"),
        ("  checks", "  limits: {memory: 1MiB}\n  checks", "must be a size of at least 64MiB"),
        ("  checks", "  limits: {cpu: 0}\n  checks", "must be a duration above 0"),
        (LAB[LAB.index("  checks") :], "", "assignment.checks: is missing"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in LAB
    with pytest.raises(ScenarioError) as raised:
        read_assignment(written(tmp_path, LAB.replace(old, new)), Options())
    assert said in str(raised.value)
