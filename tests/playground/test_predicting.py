"""Predict: an empty chart, and what a chart that was drawn earns."""

from __future__ import annotations

from typing import Any

import pytest

from tests.paths import LESSONS
from tests.playground.test_answers import asked

TWO = (
    "scheduler: {policy: srtf}\n"
    "processes:\n  - {name: A, cpu: 30ms}\n  - {name: B, arrival: 10ms, cpu: 10ms}\n"
)
MS = 1_000_000
RIGHT = [["A", 0, 10 * MS], ["B", 10 * MS, 20 * MS], ["A", 20 * MS, 40 * MS]]
NOT_PREEMPTED = [["A", 0, 30 * MS], ["B", 30 * MS, 40 * MS]]


def test_the_empty_chart_says_what_is_given_and_not_what_runs() -> None:
    chart = asked("predict", TWO)
    assert [each["name"] for each in chart["processes"]] == ["A", "B"]
    assert "srtf" in chart["given"]
    assert chart["cores"] == 1
    assert chart["step"] * chart["cells"] > 40 * MS


def test_the_right_chart_can_be_drawn_into_the_cells() -> None:
    step = asked("predict", TWO)["step"]
    assert all(edge % step == 0 for _, *edges in RIGHT for edge in edges)


def test_the_right_chart_earns_all_points() -> None:
    found = asked("grade", TWO, lanes=[RIGHT])
    assert found["share"] == 1
    assert found["right"] == [RIGHT]
    assert found["why"] == ""


def test_a_wrong_chart_is_diagnosed_and_its_first_mistake_explained() -> None:
    found = asked("grade", TWO, lanes=[NOT_PREEMPTED])
    assert 0 < found["share"] < 1
    assert "The numbers are those of" in found["why"]
    assert "At 10 B runs, not A" in found["why"]


def test_an_empty_chart_earns_nothing() -> None:
    assert asked("grade", TWO, lanes=[[]])["share"] == 0


@pytest.mark.parametrize(
    "lanes",
    [
        None,
        [["A"]],
        [[["A", 0, 1, 2]]],
        [[["A", "x", 1]]],
        [[["A", 0, 1e400]]],
        [[["C", 0, MS]]],
        [[["A", MS, 0]]],
        [[["A", 0, 2 * MS], ["B", MS, 3 * MS]]],
        [[], [["A", 0, MS]]],
        [[["A", n, n + 1] for n in range(6000)]],
    ],
)
def test_what_is_no_chart_is_a_problem(lanes: Any) -> None:
    [problem] = asked("grade", TWO, lanes=lanes)["problems"]
    assert problem["message"]


def test_the_policy_that_is_chosen_is_the_one_that_is_asked() -> None:
    found = asked("grade", TWO, lanes=[NOT_PREEMPTED], policies=["fcfs"])
    assert found["share"] == 1


def test_times_that_need_too_many_cells_are_a_problem() -> None:
    text = (
        "processes:\n  - {name: A, cpu: 1s}\n  - {name: B, arrival: 1, cpu: {exponential: 20ms}}\n"
    )
    [problem] = asked("predict", text)["problems"]
    assert "more than 400 cells" in problem["message"]


def test_a_scenario_in_which_nothing_runs_has_no_chart() -> None:
    [problem] = asked("predict", "processes: [{name: A, program: [{io: 5ms}]}]")["problems"]
    assert "nothing runs" in problem["message"]


def test_a_mistake_in_the_scenario_has_its_place() -> None:
    [problem] = asked("predict", "processes:\n  - {name: A, cpu: 30parsecs}\n")["problems"]
    assert (problem["line"], problem["column"]) == (2, 20)


@pytest.mark.parametrize("name", ["overlap", "two-cores", "thrashing"])
def test_lessons_can_be_predicted(name: str) -> None:
    file = LESSONS / f"{name}.yaml"
    chart = asked("predict", file.read_text(encoding="utf-8"))
    assert chart.get("cells", 1) >= 1
