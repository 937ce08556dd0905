"""The lines of an exported program are read back as observations."""

from __future__ import annotations

from typing import Any

import pytest

from language.convert.to_python.printed import PRINTS, is_printed, printed_by

LOOK = "state zombie, name c, daemon False, pid True, is_alive False, exitcode -15"
SEEN = {"state": "zombie", "parent": "P", "name": "c", "daemon": False, "pid": True}
SEEN |= {"authkey": True, "is_alive": False, "exitcode": -15}


def read(output: str) -> list[tuple[str, str, str]]:
    names = {("variable", "x"): "x_", ("handle", "c"): "c"}
    found = printed_by(output, ["P", "P: Q", "c"], names)
    return [(line.process, line.name, line.text) for line in found]


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("P: hello", PRINTS, "hello"),
        ("P: a: b", PRINTS, "a: b"),
        ("P: ? receive q: [1, 'x']", "receive q", [1, "x"]),
        ("P: ? lock m: False", "lock m", False),
        ("P: ! receive q: Empty", "receive q", "Empty"),
        ("P: ! close c: ValueError: it: runs", "close c", "ValueError: it: runs"),
        ("P: ! show x: NameError: name 'x_' is not defined", "show x",
         "NameError: name 'x' is not defined"),
        ("P: ! start c: AttributeError: Can't get local object 'do_P.<locals>.x_'", "start c",
         "AttributeError: Can't get local object 'P 1.<locals>.x'"),
        ("P: ! start c: PicklingError: Can't pickle local object <function do.<locals>.<lambda> "
         "at 0x7fab>", "start c",
         "PicklingError: Can't pickle local object <function P.<locals>.<lambda>>"),
        ("P: ! get r: BrokenProcessPool: It. broke.", "get r", "BrokenProcessPool: It. broke"),
        (f"P: ? c: {LOOK}", "observe c", SEEN),
        ("P: ? c: state gone", "observe c", {"state": "gone", "parent": None}),
    ],
)  # fmt: skip
def test_a_line_is_that_observation_and_no_other(line: str, name: str, value: Any) -> None:
    [printed] = printed_by(f"{line}\n", ["P"], {("variable", "x"): "x_"})
    assert printed.is_of(name, value)
    assert not printed.is_of(f"{name}2", value)
    assert not printed.is_of(name, {"state": "alive"} if isinstance(value, dict) else "other")


def test_lines_of_several_processes_keep_their_order() -> None:
    assert read("c: 1\nP: 2\nc: 3\n") == [
        ("c", PRINTS, "1"),
        ("P", PRINTS, "2"),
        ("c", PRINTS, "3"),
    ]


def test_a_line_without_a_name_belongs_to_the_one_before_it() -> None:
    assert read("P: a\nb\n\nc: d\n") == [("P", PRINTS, "a\nb\n"), ("c", PRINTS, "d")]


def test_the_longest_name_is_meant() -> None:
    assert read("P: Q: x\n") == [("P: Q", PRINTS, "x")]


def test_output_of_no_process_is_left_out() -> None:
    assert read("Traceback\n") == []
    assert read("") == []


@pytest.mark.parametrize(
    ("name", "value", "printed"),
    [
        (PRINTS, "x", True),
        ("receive q", None, True),
        ("join c", None, False),
        ("join c", "AssertionError: can only join a child process", True),
        ("raise", "ValueError", False),
        ("stderr", "text", False),
        ("import", "RuntimeError: x", False),
    ],
)
def test_which_observations_are_printed(name: str, value: Any, printed: bool) -> None:
    assert is_printed(name, value) is printed
