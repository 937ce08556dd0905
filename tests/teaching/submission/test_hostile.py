"""A hostile submission gets no mark, stops no other one, and leaves nothing.

`make submissions` tries all of them.
"""

from __future__ import annotations

import pytest

from benchmarks.submissions import HOSTILE, attempt

TRIED = (
    "os._exit in pick",
    "crash",
    "fork at reading",
    "thread",
    "kill the grader",
    "read the reference",
    "shared memory",
    "write a result",
    "write 1 GB as an answer",
    "forge answers",
    "monkey-patch json",
    "a folder with a link",
    "a named pipe",
)


def test_there_are_many() -> None:
    assert len(HOSTILE) >= 60


@pytest.mark.parametrize("name", TRIED)
def test_it_gets_no_mark_stops_no_other_and_leaves_nothing(name: str) -> None:
    tried = attempt(name)
    assert tried.wrong == []


def test_on_several_cores_too() -> None:
    assert attempt("os._exit at reading", jobs=2).wrong == []
