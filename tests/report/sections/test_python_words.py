"""What a run says of Python: its start method and its interpreters, where they matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from language import load as load_file
from report.sections.python_words import python_lines
from sim import simulate
from tests.paths import LESSONS

FOLDER = LESSONS / "life"


def lines(lesson: str, **rules: Any) -> list[str]:
    """What is said of a lesson under these rules."""
    workload = load_file(FOLDER / f"{lesson}.yaml").workload
    assert workload.lifecycle is not None
    changed = replace(workload.lifecycle, **{"python": (3, 13), **rules})
    return list(python_lines(simulate(replace(workload, lifecycle=changed))))


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({}, []),
        (
            {"by_default": True},
            ["Start method: fork, the default of Python 3.13 (forkserver from 3.14 on)"],
        ),
        (
            {"by_default": True, "python": (3, 14), "start_method": "forkserver"},
            ["Start method: forkserver, the default of Python 3.14 (fork until 3.13)"],
        ),
    ],
)
def test_the_start_method_is_told_if_it_is_the_default(
    rules: dict[str, Any], words: list[str]
) -> None:
    assert lines("join", **rules) == words


@pytest.mark.parametrize("lesson", ["priority-inversion", "threads-that-wait"])
def test_the_start_method_does_not_matter_if_no_process_is_started(lesson: str) -> None:
    assert lines(lesson, by_default=True) == []


def test_interpreters_are_told_if_they_do_not_share_a_lock() -> None:
    assert lines("four-ways") == [
        "Interpreter of free: free-threaded, no interpreter lock, so its threads compute side by "
        "side",
        "Interpreter of isolated: per-interpreter, an interpreter with its own lock and variables "
        "for each thread",
    ]
