"""Laws of births and deaths, and observations side by side."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from language import load as load_file
from sim import simulate
from tests.paths import LESSONS
from timeline.comparison.compare import compare
from timeline.comparison.observations import side_by_side
from timeline.files.document import load, save, write_run
from timeline.laws.check import check
from timeline.record.run import LifecycleEvent, Observation, Run

FOLDER = LESSONS / "life"


def lesson(name: str) -> Run:
    return simulate(load_file(FOLDER / f"{name}.yaml").workload)


def changed(run: Run, event: str, process: str, **changes: object) -> Run:
    """The run with that life event changed, or left out."""
    rows: list[LifecycleEvent] = []
    for row in run.lifecycle:
        if (row.event, row.process) != (event, process):
            rows.append(row)
        elif changes:
            rows.append(row._replace(**changes))  # type: ignore[arg-type]
    return replace(run, lifecycle=rows)


def laws_broken(run: Run) -> set[str]:
    return {violation.law for violation in check(run)}


@pytest.mark.parametrize(
    ("event", "process", "changes"),
    [
        ("born", "child", {}),
        ("exited", "child", {}),
        ("reaped", "child", {"by": "watcher"}),
        ("adopted", "child", {"at_ns": 1}),
    ],
)
def test_a_record_of_a_family_that_cannot_be_is_told(
    event: str, process: str, changes: dict[str, object]
) -> None:
    run = lesson("orphan")
    assert laws_broken(run) == set()
    assert laws_broken(changed(run, event, process, **changes)) == {"process tree in order"}


def test_a_saved_run_has_its_family_and_its_observations(tmp_path: Path) -> None:
    run = lesson("many-zombies")
    save(tmp_path / "run.json", lambda stream: write_run(run, stream))
    [read] = load(tmp_path / "run.json")
    assert (read.lifecycle, read.observations) == (run.lifecycle, run.observations)
    assert [row.parent for row in read.processes] == [None, None, "parent", "parent", "parent"]


def test_a_saved_deadlock_names_the_stuck_processes(tmp_path: Path) -> None:
    run = lesson("lock-left-held")
    save(tmp_path / "run.json", lambda stream: write_run(run, stream))
    [read] = load(tmp_path / "run.json")
    assert (read.stuck, read.stopped) == (run.stuck, run.stopped)
    assert read.deadlock == run.deadlock != []


def test_other_runs_do_not_know_of_deadlocks() -> None:
    stream = io.StringIO()
    write_run(lesson("join"), stream)
    assert "deadlock" not in json.loads(stream.getvalue())


def test_observations_are_paired_one_by_one() -> None:
    run = lesson("is-alive")
    first = [*run.observations]
    other = replace(run, observations=[first[0], first[1]._replace(value={"is_alive": False})])
    pairs = side_by_side(run, other)
    assert [pair.equal for pair in pairs] == [True, False, *[False] * (len(first) - 2)]
    assert pairs[2].second is None


def test_what_psutil_says_is_not_compared() -> None:
    run = lesson("is-alive")
    raw = Observation(0, "parent", "psutil c1", "sleeping")
    assert side_by_side(replace(run, observations=[raw, *run.observations]), run) == side_by_side(
        run, run
    )


def test_a_comparison_disagrees_where_an_observation_differs() -> None:
    run = lesson("is-alive")
    said = [row._replace(value="another") for row in run.observations]
    comparison = compare(run, replace(run, observations=said))
    assert comparison.verdict == "disagree"
    assert [c.what for c in comparison.criteria if c.holds is False] == ["observations"]


def test_two_runs_into_the_same_deadlock_agree() -> None:
    run = lesson("lock-left-held")
    assert compare(run, run).verdict == "agree"
    assert compare(run, replace(run, stuck=["parent"])).verdict == "disagree"
