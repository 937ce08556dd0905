"""What is not a scenario at all: one line each, never a traceback."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import UsageError
from language import Options, ScenarioError
from language import load as load_file
from tests.language.conftest import Load, Wrong

GOOD = "processes: [{name: A, cpu: 20ms}]\n"


def error(path: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_file(path)
    return str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    assert error(tmp_path / "no.yaml") == f"{tmp_path / 'no.yaml'}: no such file"


def test_a_folder(tmp_path: Path) -> None:
    assert error(tmp_path) == f"{tmp_path}: is a folder; name a file in it"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(GOOD)
    path.chmod(0)
    assert error(path) == f"{path}: cannot be read: Permission denied"


def test_a_name_that_no_file_can_have() -> None:
    assert error("a\0b").endswith("cannot be read: no file's name has a zero byte")


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"seed: 1\ntitle: caf\xe9\n")
    assert error(path) == f"{path}:2:11: is not UTF-8: byte 0xe9; save the file as UTF-8"


def test_a_saved_run_is_told_in_one_line(wrong: Wrong) -> None:
    assert wrong('{"format": "multiprog-run/1", "backend": "simulated", "makespan_ns": 1}') == [
        "f.yaml: is a saved run, not a scenario; only compare takes saved runs (two of them)"
    ]


def test_a_compressed_file(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert error(path) == f"{path}: is compressed; a scenario is a text file"


def test_a_giant_file_is_not_read(wrong: Wrong) -> None:
    assert wrong(GOOD + "#" * 1_000_000) == [
        "f.yaml: is larger than 1,000,000 bytes (the limit file_size)"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n\tb: 1", "2:1: is not YAML: a tab stands where only spaces may; indent with spaces"),
        (
            "a: b: c",
            '1:5: is not YAML: a second ": " in one line; '
            "put the text in quotes, or begin a new line",
        ),
        (
            "b:\n  a: 1\n  cpu:20ms\n  c: 2",
            "3:3: is not YAML: 'cpu:20ms' is no key; behind a key stand a colon and a space",
        ),
        (
            "a:\n  b: 1\n c: 2",
            "3:2: is not YAML: this line is indented unlike those that it could belong to",
        ),
        ("a: [1,\nb: 2\nc: 3", "1:4: is not YAML: this [ has no ] to close it"),
        ("a: {b: 1\n", "1:4: is not YAML: this { has no } to close it"),
        ("a: [", "1:5: is not YAML: expected the node content, but found '<stream end>'"),
        ("a: \x01", "1:4: is not YAML: the character U+0001 is not allowed"),
        ('a: "\\ud800"', "1:4: is not YAML: half a surrogate pair is not a character"),
        ("a: *b", "1:4: the alias *b has no anchor &b before it"),
        ("a: &b [*b]", "1:8: the alias *b stands inside its own anchor &b"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins; a scenario is one"),
        ("[a]: 1", "1:1: a key must be text, not a list or a mapping"),
        ("[" * 100_000, "1:101: is nested more than 100 levels deep (the limit nesting)"),
        ("- " * 1000, "1:201: is nested more than 100 levels deep (the limit nesting)"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_not_yaml(text: str, message: str, wrong: Wrong) -> None:
    assert wrong(text) == [f"f.yaml:{message}"]


def test_duplicate_keys_are_refused(wrong: Wrong) -> None:
    assert wrong("seed: 1\nseed: 2\n" + GOOD) == [
        "f.yaml:2:1: seed: is given twice (first in line 1)"
    ]


def test_merge_keys_and_tags_are_refused(wrong: Wrong) -> None:
    assert wrong("processes: [{name: A, cpu: 20ms, <<: 3}]\ntitle: !shout hey\n") == [
        "f.yaml:1:34: processes.0.<<: YAML 1.2 has no merge keys; write the keys out",
        "f.yaml:2:8: title: tags like '!shout' have no meaning here",
    ]


def test_the_limit_of_nesting_cannot_be_raised_above_what_python_bears(wrong: Wrong) -> None:
    deep = "processes:\n" + "- " * 3000 + "1"
    assert wrong(deep, limits={"nesting": 10_000}) == [
        "f.yaml:2:399: is nested more than 200 levels deep (the limit nesting)"
    ]


def test_an_alias_bomb_is_refused_before_it_expands(wrong: Wrong) -> None:
    rows = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    rows += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 30)]
    (line,) = wrong("\n".join(rows))
    assert line.endswith(
        "has more than 20,000 values with its aliases written out (the limit nodes)"
    )


def test_nesting_through_aliases_counts(wrong: Wrong) -> None:
    rows = ["a0: &a0 [1]"] + [f"a{k}: &a{k} [*a{k - 1}]" for k in range(1, 200)]
    (line,) = wrong("\n".join(rows))
    assert line.endswith("is nested more than 100 levels deep (the limit nesting)")


def test_an_alias_is_its_anchor(load: Load) -> None:
    text = "processes:\n- {name: A, program: &p [{cpu: 20ms}]}\n- {name: B, program: *p}\n"
    first, second = load(text).workload.processes
    assert first.program == second.program


def test_a_byte_order_mark_and_windows_lines_are_fine(load: Load) -> None:
    assert load("\ufeff" + GOOD.replace("\n", "\r\n")).workload.processes[0].name == "A"


def test_yaml_is_read_as_yaml_1_2(load: Load) -> None:
    text = "seed: 010\nprocesses: [{name: no, cpu: 20ms}]\n"
    workload = load(text).workload
    assert (workload.seed, workload.processes[0].name) == (10, "no")


def test_the_error_survives_pickling(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_file(tmp_path / "no.yaml")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)
    assert isinstance(again, UsageError)
    assert again.exit_status == 2


KEYS = "processes: name: cpu: io: repeat: times: do: program: machine: devices: scheduler: policy:"
WORDS = [
    *KEYS.split(),
    *"-{}[],:&*|>?!%@'\"\t\n",
    "a",
    "1",
    "-3",
    "20ms",
    "rr",
    "\n  ",
    "&a",
    "*a",
    "- ",
]


@given(text=st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_a_scenario_error_comes_of_any_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(text, encoding="utf-8", errors="replace", newline="")
    error: ScenarioError | None = None
    try:
        load_file(path, Options())
    except ScenarioError as caught:
        error = caught
    if error is not None:
        assert all(str(problem).startswith(str(path)) for problem in error.problems)
        assert len(str(error).splitlines()) == len(error.problems)


def test_a_text_may_be_long_but_not_a_book(wrong: Wrong) -> None:
    assert wrong(f"title: {'x' * 10_001}\n{GOOD}") == [
        "f.yaml:1:8: title: must be text of at most 10,000 characters (got 10,001)"
    ]


def test_no_more_than_a_hundred_mistakes_are_told(wrong: Wrong) -> None:
    lines = wrong("".join(f"k{number}: 1\n" for number in range(300)) + GOOD)
    assert len(lines) == 101
    assert lines[-1] == "f.yaml: has more mistakes, which are not listed"


def test_a_pipe_that_nothing_writes_to_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kernel.files.reading.PATIENCE", 10)
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    said = f"{pipe}: cannot be read: it is a pipe, and nothing writes into it"
    assert error(pipe) == said


def test_reading_ends_at_the_first_mistake_that_is_not_told(wrong: Wrong) -> None:
    lines = wrong("title: a\n" * 300 + "]")  # the bracket would be told first
    assert lines[0].startswith("f.yaml:2:1: title: is given twice")
    assert lines[-1] == "f.yaml: has more mistakes, which are not listed"


@pytest.mark.parametrize(("there", "typed"), [("s.yaml", "s.yml"), ("s.yml", "s.yaml")])
def test_the_other_ending_of_a_file_is_hinted_at(tmp_path: Path, there: str, typed: str) -> None:
    (tmp_path / there).write_text("processes: [{name: A, cpu: 1}]")
    assert error(tmp_path / typed).endswith(f"no such file; did you mean {tmp_path / there}?")
