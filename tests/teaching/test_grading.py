"""Grading: partial credit, errors carried on, conventions, and what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest

from language.schema.random_draws import stream
from teaching.answer_files import answer_key, template
from teaching.marks import Marks, number
from teaching.posed import Posed
from tests.effort import cases
from tests.teaching.conftest import ROUND_ROBIN, Pose

Graded = Callable[[Posed, str], Marks]

# A 0-2, B 2-4, A 4-5, C 5-7, B 7-9, C 9-11, B 11-12
KEY = """
gantt: {0: [A 0-2, B 2-4, A 4-5, C 5-7, B 7-9, C 9-11, B 11-12]}
completion: {A: 5, B: 12, C: 11}
waiting: {A: 2, B: 6, C: 4}
mean: {waiting: 4}
"""


def points(marks: Marks) -> list[Fraction]:
    return [part.points for part in marks.parts]


def test_the_right_answer_earns_all_points(posed: Pose, graded: Graded) -> None:
    marks = graded(posed(), KEY)
    assert marks.points == marks.most == 12 and marks.gradable and not marks.diagnosis


def test_the_key_is_the_right_answer(posed: Pose, graded: Graded) -> None:
    assert graded(posed(), answer_key(posed(), None)).points == 12


def test_a_template_earns_nothing_and_costs_nothing(posed: Pose, graded: Graded) -> None:
    marks = graded(posed(), template(posed(), "Li"))
    assert marks.points == 0 and marks.gradable
    assert {part.words for part in marks.parts} == {"not filled in"}


def test_units_may_be_written(posed: Pose, graded: Graded) -> None:
    assert graded(posed(), "completion: {A: 5ms, B: 0.012s, C: 11000us}").parts[1].passed


def test_a_number_of_three_earns_a_third(posed: Pose, graded: Graded) -> None:
    assert points(graded(posed(), "completion: {A: 5, B: 1, C: 2}"))[1] == 1


def test_a_chart_earns_by_time_and_by_order(posed: Pose, graded: Graded) -> None:
    late = KEY.replace("B 11-12", "B 12-13")
    earned = points(graded(posed(), late))[0]
    assert Fraction(7, 2) < earned < 4


def test_an_empty_chart_earns_nothing(posed: Pose, graded: Graded) -> None:
    assert points(graded(posed(), "gantt: {0: [A 100-101]}"))[0] < 1


def test_a_mean_may_be_rounded_or_cut_off(posed: Pose, graded: Graded) -> None:
    found = posed(ROUND_ROBIN.replace("cpu: 3}", "cpu: 4}"))
    right = found.right.reading.mean("waiting", found.run)
    assert right == 4_666_667
    assert graded(found, "mean: {waiting: 4.67}").parts[3].passed
    assert graded(found, "mean: {waiting: 4.66}").parts[3].passed
    assert not graded(found, "mean: {waiting: 4.7}").parts[3].passed


def test_an_error_carried_on_is_not_counted_twice(posed: Pose, graded: Graded) -> None:
    wrong = KEY.replace("completion: {A: 5, B: 12", "completion: {A: 5, B: 13")
    marks = graded(posed(), wrong.replace("B: 6", "B: 7"))
    assert points(marks) == [4, 2, 3, 2]
    assert "follows from your own completion time" in marks.parts[2].feedback


def test_nothing_is_carried_on_from_an_answer_that_is_all_wrong(
    posed: Pose, graded: Graded
) -> None:
    marks = graded(
        posed(), "gantt: {0: [A 50-51, B 60-61, C 70-71]}\ncompletion: {A: 51, B: 61, C: 71}"
    )
    assert points(marks)[1] == 0


def test_a_mean_of_wrong_times_is_carried_on(posed: Pose, graded: Graded) -> None:
    text = "waiting: {A: 2, B: 6, C: 7}\nmean: {waiting: 5}"
    assert points(graded(posed(), text))[2:] == [2, 2]


def test_another_convention_counts_where_the_exercise_accepts_it(
    posed: Pose, graded: Graded
) -> None:
    text = ROUND_ROBIN.replace("arrival: 1, ", "arrival: 2, ")
    strict, mild = posed(text), posed(text.replace("  ask:", "  accept: [expiry-first]\n  ask:"))
    assert "expiry-first" in mild.outcomes
    from dataclasses import replace

    key = answer_key(replace(strict, right=strict.outcomes["expiry-first"]), None)
    assert graded(strict, key).points < 12
    marks = graded(mild, key)
    assert marks.points == 12 and "another convention" in marks.diagnosis


def test_what_cannot_be_read_is_told_with_line_and_column(posed: Pose, graded: Graded) -> None:
    marks = graded(posed(), KEY.replace("B: 12", "B: soon"))
    assert not marks.gradable
    (problem,) = marks.problems
    assert ":3:23: completion.B: must be a time like 18" in problem
    assert [part.words for part in marks.parts] == ["right", "cannot be read", "right", "right"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("[1, 2]", "must be a mapping"),
        ("completion: {A: 5", "is not YAML"),
        ("completion: {D: 5}", "unknown process 'D'"),
        ("completon: {A: 5}", "did you mean 'completion'?"),
        ("gantt: {0: [A 5-2]}", "must be a time that ends after it begins"),
        ("gantt: {0: [A 0-5, B 4-6]}", "A and B overlap"),
        ("gantt: {7: [A 0-5]}", "must be the number of a core"),
        ("gantt: [A 0-5]", "must be a mapping"),
        ("mean: {waitin: 5}", "waiting"),
        ("completion: 5", "must be a mapping"),
        ("a: &a [*a]", "stands inside its own anchor"),
        ("? [a]\n: b", "a key must be text"),
    ],
)
def test_a_malformed_answer_is_told(posed: Pose, graded: Graded, text: str, message: str) -> None:
    marks = graded(posed(), text)
    assert not marks.gradable and marks.points == 0
    assert message in "\n".join(marks.problems)


def test_any_damage_is_a_problem_and_never_an_error(posed: Pose, graded: Graded) -> None:
    found = posed()
    for case in range(cases(150)):
        uniform01, letters = stream(case, "damage"), list(KEY)
        for _ in range(1 + int(uniform01() * 6)):
            letters[int(uniform01() * len(letters))] = chr(32 + int(uniform01() * 96))
        marks = graded(found, "".join(letters))
        assert 0 <= marks.points <= 12 and len(marks.parts) == 4


def test_the_feedback_has_no_right_value(posed: Pose, graded: Graded) -> None:
    marks = graded(posed(), "completion: {A: 1, B: 2, C: 3}\nwaiting: {A: 9, B: 9, C: 9}")
    text = " ".join([marks.diagnosis, *(part.feedback for part in marks.parts)])
    assert not any(character.isdigit() for character in text)


def test_points_are_rounded_to_two_decimals() -> None:
    assert [number(Fraction(*pair)) for pair in ((1, 3), (5, 2), (4, 1), (199, 200))] == [
        "0.33",
        "2.5",
        "4",
        "1",
    ]
