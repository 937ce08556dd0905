"""A run step by step: the instants of its decisions, and what happened at each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.process.states import RUNNING
from kernel.scheduling.explain import Decision
from language import Options, load
from report.replay.decision_times import shown_times
from report.replay.happened import happenings
from report.replay.steps import steps
from sim import simulate
from tests.paths import LESSONS
from tests.report.page.made import LAG, lagging, simulated
from tests.report.runs import MS, make_run
from timeline.record.run import Run
from timeline.record.tracks import Slice, by_process

FILES = sorted(LESSONS.glob("*.yaml"))


def running(run: Run, at: int) -> dict[int, str]:
    """Who runs on each core at a moment (ns), from the record."""
    return {
        row.core: run.process_names[row.process]
        for row in run.intervals
        if row.state == RUNNING and row.start <= at < row.end
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_who_was_picked_runs_when_the_step_is_shown(file: Path) -> None:
    run = simulate(load(file, Options()).workload, explain=True)
    assert run.decisions

    for step in steps(run):
        picked = {
            decision.core: decision.process
            for decision in run.decisions[step.first : step.last]
            if decision.event == "picked"
        }
        assert picked.items() <= running(run, step.shown_ns).items()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_decision_is_in_one_step(file: Path) -> None:
    run = simulate(load(file, Options()).workload, explain=True)
    walked = steps(run)

    assert [step.first for step in walked[1:]] == [step.last for step in walked[:-1]]
    assert walked[0].first == 0
    assert walked[-1].last == len(run.decisions or [])
    assert sorted({step.at_ns for step in walked}) == [step.at_ns for step in walked]


def test_a_place_in_memory_is_told_after_the_end_that_left_it_free() -> None:
    """Though whoever gets it stands before the other in the table of processes."""
    run = simulate(load(LESSONS / "life" / "zombie.yaml", Options()).workload)

    at_60 = [event.words for event in happenings(run, by_process(run)) if event.at == 60 * MS]

    assert at_60 == ["c1 ends", "D gets its memory"]


@pytest.mark.parametrize(
    ("ties", "told"),
    [
        ("arrival-first", ["B arrives", "A's quantum expires"]),
        ("expiry-first", ["A's quantum expires", "B arrives"]),
    ],
)
def test_what_happens_at_one_instant_is_told_in_the_order_of_the_ties(
    ties: str, told: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        f"scheduler: {{policy: rr, quantum: 10ms, ties: {ties}}}\n"
        "processes: [{name: A, cpu: 20}, {name: C, cpu: 9}, {name: B, arrival: 10, cpu: 9}]"
    )
    run = simulate(load(file, Options()).workload)

    assert [
        event.words for event in happenings(run, by_process(run)) if event.at == 10 * MS
    ] == told


def test_a_late_machine_is_shown_when_it_has_carried_out_what_was_decided(tmp_path: Path) -> None:
    model = simulated(tmp_path)
    walked = steps(lagging(model))[:-1]

    assert [step.at_ns for step in walked] == [step.at_ns for step in steps(model)[:-1]]
    assert {step.shown_ns - step.at_ns for step in walked} == {LAG}


def test_who_is_picked_again_at_its_expiry_goes_on_in_its_slice() -> None:
    turns = [Slice(0, 0, 2 * MS, 22 * MS, 0, False), Slice(1, 0, 23 * MS, 30 * MS, 0, False)]
    picks = [_pick(0, "A"), _pick(10, "A"), _pick(20, "B")]

    assert shown_times(picks, turns, ["A", "B"]) == [2 * MS, 12 * MS, 23 * MS]


def test_who_ran_twice_with_a_wait_between_has_two_slices() -> None:
    turns = [Slice(0, 0, 2 * MS, 7 * MS, 0, False), Slice(0, 0, 22 * MS, 27 * MS, 0, True)]

    shown = shown_times([_pick(0, "A"), _pick(20, "A")], turns, ["A"])

    assert shown == [2 * MS, 22 * MS]


def test_a_pick_that_never_ran_does_not_spoil_those_behind_it() -> None:
    turns = [Slice(0, 0, 1 * MS, 5 * MS, 0, False), Slice(2, 0, 6 * MS, 9 * MS, 0, False)]
    picks = [_pick(0, "A"), _pick(5, "B"), _pick(5, "C")]

    assert shown_times(picks, turns, ["A", "B", "C"]) == [1 * MS, 6 * MS, 6 * MS]


def _pick(at: int, name: str) -> Decision:
    return Decision(at * MS, 0, "picked", name, "the rule", ((name, {}),))


def test_a_step_tells_what_happened_since_the_one_before(tmp_path: Path) -> None:
    words = [step.words for step in steps(simulated(tmp_path))]

    assert words[0] == "editor arrives. editor runs (no other process is ready)."
    assert words[1] == (
        "batch arrives. editor is preempted (the least remaining burst). "
        "batch runs (the least remaining burst)."
    )
    assert words[2] == "batch begins to wait for disk. editor runs (no other process is ready)."
    assert words[-1].endswith("ends.")


def test_without_decisions_the_steps_are_the_slices() -> None:
    run = make_run([("A", "running", 0, 30), ("B", "ready", 0, 30), ("B", "running", 30, 60)])
    run = replace(run, processes=[replace(row, arrival_ns=0) for row in run.processes])

    assert [(step.at_ns, step.words) for step in steps(run)] == [
        (0, "A arrives. B arrives. A runs."),
        (30 * MS, "A ends. B runs."),
        (60 * MS, "B ends."),
    ]


def test_a_run_in_which_nothing_happened_has_a_step() -> None:
    assert [step.at_ns for step in steps(make_run([]))] == [0]
