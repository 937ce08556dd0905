"""A hostile submission gets no mark, stops no other one, and leaves nothing.

`make submissions` tries all of them.
"""

from __future__ import annotations

import pytest

from benchmarks.submissions import HOSTILE, attempt

TRIED = (
    "os._exit in pick",
    "fork at reading",
    "kill the grader",
    "read the reference",
    "write a result",
    "forge answers",
    "a folder with a link",
)


def test_there_are_many() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", TRIED)
def test_it_gets_no_mark_stops_no_other_and_leaves_nothing(name: str) -> None:
    tried = attempt(name)
    assert tried.wrong == []


def test_on_several_cores_too() -> None:
    assert attempt("os._exit at reading", jobs=2).wrong == []
