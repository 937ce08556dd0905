"""Scenarios from everywhere: a name, a path, a text, a dictionary, processes in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import multiprog
from language.source.limits import LIMITS
from language.source.tree import parse
from language.source.wording import NOTHING
from multiprog.as_text import text_of
from tests.paths import LESSONS

KEYS = {"processes": [{"name": "A", "cpu": "12ms"}, {"name": "B", "cpu": 6}]}
TEXT = "processes:\n  - {name: A, cpu: 12ms}\n  - {name: B, cpu: 6}\n"
BUILT = multiprog.Scenario([multiprog.Process("A", cpu="12ms"), multiprog.Process("B", cpu=6)])


@pytest.mark.parametrize("scenario", [KEYS, TEXT, BUILT], ids=["dict", "text", "built"])
def test_one_scenario_in_each_form_is_one_run(
    scenario: multiprog.ScenarioLike, tmp_path: Path
) -> None:
    file = tmp_path / "scenario.yaml"
    file.write_text(TEXT)
    from_file = multiprog.simulate(file)
    run = multiprog.simulate(scenario)
    assert run.processes == from_file.processes
    assert run.makespan_ns == 18_000_000


def test_a_name_is_a_lesson_from_any_folder_and_a_file_of_that_name_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert multiprog.load("overlap").text == (LESSONS / "overlap.yaml").read_text()
    (tmp_path / "overlap").write_text(TEXT)
    assert multiprog.load("overlap").text == TEXT


def test_a_built_scenario_is_saved_as_a_file_that_means_the_same(tmp_path: Path) -> None:
    file = tmp_path / "built.yaml"
    BUILT.save(file)
    assert file.read_text() == TEXT
    assert multiprog.check(file) == []


def test_mistakes_of_a_text_have_places_and_those_of_a_dict_have_paths() -> None:
    (written,) = multiprog.check("processes:\n  - {name: A, cpu: -3}\n")
    assert (written.line, written.column, written.path) == (2, 20, "processes.0.cpu")
    (built,) = multiprog.check({"processes": [{"name": "A", "cpu": -3}]})
    assert (built.line, built.path) == (None, "processes.0.cpu")
    assert str(built).startswith("scenario: processes.0.cpu: must be")


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        (Path("nowhere.yaml"), "nowhere.yaml: no such file"),
        ("overlpa", "did you mean overlap?"),
        ({}, "is empty; a scenario needs at least processes"),
        ([], "a scenario is a path, a name, a text, a dict or a Scenario (got list)"),
        (3, "a scenario is a path, a name, a text, a dict or a Scenario (got int)"),
        ({"processes": {1, 2}}, "processes: must be text, a number, true or false, a list or a d"),
        ({"processes": [{"name": "A", "cpu": b"3ms"}]}, "processes.0.cpu: must be text, a number"),
        ({"processes": [{"name": "A", "cpu": float("nan")}]}, "processes.0.cpu: must be"),
        ("a: [", "is not YAML"),
        ("\0", "no file's name has a zero byte"),
    ],
)
def test_what_is_no_scenario_is_said_in_one_line(scenario: Any, says: str) -> None:
    with pytest.raises(multiprog.UsageError) as raised:
        multiprog.simulate(scenario)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"policy": "mlqf"}, "did you mean 'mlfq'?"),
        ({"policy": "python:Nobody"}, "and it was not given here"),
        ({"cores": 0}, "argument cores 0: machine.cores: must be"),
        ({"quantum": "-1ms", "policy": "rr"}, "argument quantum -1ms: scheduler.quantum: must"),
        ({"changes": {"processes.9.cpu": 1}}, "changes processes.9.cpu=1: processes has no entry"),
        ({"changes": {"processes.0.cpu": {1}}}, "processes.0.cpu: must be text"),
        ({"costs": "nowhere.json"}, "nowhere.json"),
        ({"as_on": "nowhere.json"}, "nowhere.json"),
    ],
)
def test_a_wrong_argument_is_said_in_one_line(how: dict[str, Any], says: str) -> None:
    with pytest.raises(multiprog.UsageError) as raised:
        multiprog.simulate(BUILT, **how)
    assert says in str(raised.value)


ODD = ["30ms", "1:30", "010", "no", "a: b", "- a", "A #1", "处理", "x:", ".5", "~", "1e3"]
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text() | st.sampled_from(ODD)
)
VALUES = st.recursive(
    SCALARS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(), each, max_size=3),
    max_leaves=8,
)


def _readable(value: object) -> bool:
    """Whether YAML has all the characters of a value."""
    if isinstance(value, dict):
        return all(_readable(key) and _readable(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(_readable, value))
    return not isinstance(value, str) or value.isprintable()


def _read(value: object) -> object:
    """The value as the tree has it: a key without a value has NOTHING."""
    if isinstance(value, dict):
        return {key: _read(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(_read, value))
    return NOTHING if value is None else value


@given(st.dictionaries(st.text(max_size=6), VALUES, min_size=1, max_size=3).filter(_readable))
def test_random_values_are_read_as_they_were_written(keys: dict[str, Any]) -> None:
    root, problems = parse("scenario", text_of(keys), LIMITS)
    assert problems == [] and root is not None
    assert root.plain() == _read(keys)
