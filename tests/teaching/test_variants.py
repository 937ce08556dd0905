"""Variants: the same for a seed everywhere, different between seeds, all as the conditions say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.errors import UsageError
from language.exercises import read_exercise, seed_of
from language.source.errors import ScenarioError
from teaching import variants
from teaching.conditions import answers_differ, unmet
from teaching.variants import pose
from tests.teaching.conftest import ROUND_ROBIN, Pose, Write

VARIED = ROUND_ROBIN.replace(
    "exercise:\n",
    """exercise:
  vary:
    processes.*.cpu: {from: 2, to: 9}
    processes.B.arrival: [1, 2]
    scheduler.quantum: [2, 3]
""",
)


def test_a_seed_gives_the_same_variant_on_every_platform(posed: Pose) -> None:
    assert posed(VARIED, 5).variant.values == {
        "processes.0.cpu": 7,
        "processes.1.cpu": 8,
        "processes.2.cpu": 3,
        "processes.1.arrival": 1,
        "scheduler.quantum": 2,
    }


def test_seeds_give_different_variants(posed: Pose) -> None:
    assert len({str(posed(VARIED, seed).variant.values) for seed in range(20)}) > 15


def test_without_a_seed_the_exercise_is_as_written(posed: Pose) -> None:
    assert posed(VARIED).variant.values == {}
    assert [row.demand_ns for row in posed(VARIED).run.processes] == [
        3_000_000,
        5_000_000,
        4_000_000,
    ]


def test_a_student_has_a_seed_whatever_the_capital_letters() -> None:
    assert seed_of("Li Wei") == seed_of(" li wei ") != seed_of("Li Wen")


def test_units_are_kept(posed: Pose) -> None:
    text = VARIED.replace("{from: 2, to: 9}", "{from: 20ms, to: 90ms, step: 10ms}")
    values = posed(text, 1).variant.values
    assert all(str(values[f"processes.{at}.cpu"]).endswith("0ms") for at in range(3))


def test_every_variant_meets_the_conditions(posed: Pose) -> None:
    text = VARIED.replace(
        "  ask:", "  require: {preemptions: 3, distinct: [completion], slices: 9}\n  ask:"
    )
    for seed in range(10):
        found = posed(text, seed)
        assert unmet(found) is None
        assert sum(row.preemptions for row in found.run.processes) >= 3


def test_a_variant_differs_under_the_named_misconception(posed: Pose) -> None:
    text = VARIED.replace("  ask:", "  require: {differs: [expiry-first]}\n  ask:")
    for seed in range(5):
        found = posed(text, seed)
        assert answers_differ(found, found.outcomes["expiry-first"])


def test_an_answer_without_ties_is_the_same_under_either_rule(posed: Pose) -> None:
    found = posed(VARIED.replace("  ask:", "  require: {no_ties: true}\n  ask:"), 3)
    assert not answers_differ(found, found.outcomes["expiry-first"])


def test_round_means_have_two_decimals(posed: Pose) -> None:
    found = posed(VARIED.replace("  ask:", "  require: {round: true}\n  ask:"), 3)
    waits = [row.waiting_ns for row in found.run.processes]
    assert 100 * sum(waits) % (3 * 1_000_000) == 0


def test_conditions_that_cannot_be_met_are_told(
    posed: Pose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(variants, "MOST_ATTEMPTS", 20)
    text = VARIED.replace("  ask:", "  require: {preemptions: 999}\n  ask:")
    with pytest.raises(UsageError, match=r"no variant of 20 meets .*preemptions: 999"):
        posed(text, 1)


def _read_and_pose(path: Path) -> None:
    file = read_exercise(path)
    for seed in range(50):
        pose(file, seed)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("processes.B.arrival", "processes.X.arrival", "has no entry 'X' (known: A, B, C)"),
        ("{from: 2, to: 9}", "{from: 9, to: 2}", "to must be above from"),
        ("{from: 2, to: 9}", "{from: 2ms, to: 9}", "the same unit"),
        ("{from: 2, to: 9}", "{from: 2, top: 9}", "unknown key 'top'"),
        ("[1, 2]", "7", "must be a list of two values or more"),
        ("[1, 2]", "[1, many]", "must be a duration"),
        ("gantt: all", "gannt: all", "did you mean 'gantt'?"),
        ("{gantt: all, points: 4}", "{points: 4}", "must ask one thing"),
        ("{gantt: all, points: 4}", "{gantt: all, order: all}", "must ask one thing"),
        ("completion: all", "gantt: all", "asks for gantt twice"),
        ("points: 4", "points: 0", "from 1 to 1000"),
    ],
)
def test_a_mistake_is_told_with_its_line(write: Write, old: str, new: str, message: str) -> None:
    path = write(VARIED.replace(old, new))
    with pytest.raises(ScenarioError) as error:
        _read_and_pose(path)
    first = str(error.value).splitlines()[0]
    assert message in str(error.value)
    assert first.startswith(f"{path}:") and first.split(":")[1].isdigit()


def test_a_scenario_without_questions_is_no_exercise(write: Write) -> None:
    with pytest.raises(ScenarioError, match="has no exercise"):
        read_exercise(write("processes: [{name: A, cpu: 3}]"))


def test_a_choice_needs_one_right_alternative(posed: Pose) -> None:
    choice = (
        "    - choice: {text: Which?, of: [{text: one, right: true}, {text: two, right: true}]}\n"
    )
    with pytest.raises(UsageError, match="has one right alternative"):
        posed(VARIED + choice, 1)


def test_alternatives_are_in_another_order_for_another_student(posed: Pose) -> None:
    of = ", ".join(f"{{text: t{at}, right: {str(at == 1).lower()}}}" for at in range(5))
    text = f"{VARIED}    - choice: {{text: Which?, of: [{of}]}}\n"
    assert len({posed(text, seed).asked[-1].alternatives for seed in range(8)}) > 4


def test_a_question_for_the_policy_has_one_answer(posed: Pose) -> None:
    text = VARIED.replace(
        "    - {gantt: all, points: 4}\n", "    - {policy: {among: [rr, fcfs, srtf]}}\n"
    )
    found = posed(text, 2)
    alone = replace(found.right.workload, expect=None)
    assert alone.scheduler.name == "rr"
