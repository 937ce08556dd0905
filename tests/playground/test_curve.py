"""A curve over one number, as the front end asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from playground import curve as curves
from tests.playground.test_answers import asked

TEXT = """
seed: 1
scheduler: {policy: rr, quantum: 10ms}
processes:
  - {name: A, cpu: {exponential: 30ms}}
  - {name: B, arrival: 5ms, program: [{cpu: 10ms}, {io: 0.5ms}, {cpu: 10ms}]}
"""


def drawn(text: str = TEXT, **others: Any) -> dict[str, Any]:
    given = {"key": "scheduler.quantum", "values": "5ms,10ms,20ms", "measure": "turnaround"}
    return asked("curve", text, **{**given, **others})


def test_every_number_of_a_scenario_can_be_varied() -> None:
    found = asked("numbers", TEXT)
    values = {each["label"]: each["values"] for each in found["keys"]}
    assert values["scheduler quantum"] == "2.5ms,5ms,10ms,20ms,40ms"
    assert values["B io"] == "0.125ms,0.25ms,0.5ms,1ms,2ms"
    assert {"seed", "B arrival", "B cpu", "B cpu (2)"} <= values.keys()
    assert not found["own"]


def test_values_to_begin_with_are_values_of_the_scenario() -> None:
    for each in asked("numbers", TEXT)["keys"]:
        found = drawn(key=each["key"], values=each["values"], repeat=1)
        assert "problems" not in found, each


def test_a_curve_has_a_point_for_each_value_with_its_interval() -> None:
    [chart] = drawn(repeat=5)["charts"]
    [series] = chart["series"]
    assert chart["x"] == {"title": "quantum, ms", "logarithmic": False}
    assert [point[0] for point in series["points"]] == [5, 10, 20]
    assert all(low <= mean <= high for _, mean, low, high in series["points"])


def test_the_table_has_the_same_points() -> None:
    assert drawn(repeat=2)["table"].count("<tr>") >= 3


def test_where_nothing_is_drawn_at_random_two_replications_are_enough() -> None:
    text = TEXT.replace("{exponential: 30ms}", "30ms")
    assert "2 replications each" in drawn(text, repeat=100)["said"]


def test_a_long_sweep_is_stopped_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "ENOUGH", 0.0)
    found = drawn(repeat=1000)
    assert "stopped" in found["said"]
    assert found["charts"][0]["series"][0]["points"]


def test_the_experiment_of_the_file_is_run_where_nothing_is_chosen() -> None:
    text = TEXT + "experiment: {vary: {machine.cores: [1, 2]}, repeat: 2, measure: [makespan]}\n"
    assert asked("numbers", text)["own"]
    [chart] = drawn(text, key="")["charts"]
    assert "makespan" in chart["heading"]


@pytest.mark.parametrize(
    "others",
    [
        {"values": ""},
        {"values": "5ms,5ms"},
        {"values": "five"},
        {"key": "scheduler.speed"},
        {"key": ""},
        {"measure": "happiness"},
        {"values": "range(1,5000)"},
    ],
)
def test_what_cannot_be_varied_or_measured_is_a_problem(others: dict[str, str]) -> None:
    assert drawn(**others)["problems"][0]["message"]


def test_names_of_a_scenario_are_text() -> None:
    evil = "<img src=x>"
    text = TEXT.replace("name: A", f"name: '{evil}'")
    found = drawn(text, repeat=1, measure=f"turnaround of {evil}")
    assert evil not in found["table"] + found["charts"][0]["heading"]
