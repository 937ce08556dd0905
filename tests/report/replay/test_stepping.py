"""Walking through runs: each step is what the page's steps say, and both machines go together."""

from __future__ import annotations

from rich.text import Text

from report.replay.stepping import StepThrough
from report.replay.steps import steps
from sim import simulate
from tests.report.runs import piped
from tests.sim.cases import random_case, workload_of
from tests.timeline.gantt import gantt
from timeline.record.run import REAL, Run

TWO = """
A 00.0
B ..0
"""
LATER = """
A .00..0
B ...00
"""


def words(walk: StepThrough) -> list[list[str]]:
    """What is said of each run, step by step."""
    return [[said for _, said in frame] for frame in walk.steps]


def shown(walk: StepThrough, step: int) -> list[str]:
    walk.go(step - walk.place)
    lines: list[Text] = walk.lines(piped(80), 40)
    return [line.plain for line in lines]


def test_one_run_goes_by_its_own_steps() -> None:
    run = simulate(workload_of(random_case("rr", 4), 1000), explain=True)

    assert words(StepThrough([run])) == [[step.words] for step in steps(run)]


def test_two_runs_with_decisions_go_by_the_books() -> None:
    """The same books: a step is the same instant in both, whenever it was carried out."""
    runs = [simulate(workload_of(random_case("srtf", 4), 1000), explain=True) for _ in range(2)]
    walk = StepThrough(runs)

    assert [len(frame) for frame in walk.steps] == [2] * len(steps(runs[0]))
    assert all(first == second for first, second in words(walk))


def test_without_decisions_the_dispatches_of_both_are_one_step() -> None:
    runs: list[Run] = [gantt(TWO), gantt(LATER, backend=REAL)]
    walk = StepThrough(runs)

    moments = [[at for at, _ in frame] for frame in walk.steps]
    assert moments[:3] == [[0, 1_000_000], [2_000_000, 3_000_000], [3_000_000, 5_000_000]]


def test_a_walk_ends_at_its_ends() -> None:
    walk = StepThrough([gantt(TWO)])
    walk.go(-5)
    assert walk.place == 0
    walk.go(10**9)
    assert walk.place == len(walk.steps) - 1


def test_a_step_shows_nothing_of_what_is_still_to_come() -> None:
    lines = shown(StepThrough([gantt(TWO)]), 1)
    core = next(line for line in lines if line.startswith("core 0")).split("│")[1]

    assert set(core) == {"A", " "}
    assert any(line.startswith("runs") and "B on core 0" in line for line in lines)
    assert any(line.startswith("ready") and "A" in line for line in lines)
