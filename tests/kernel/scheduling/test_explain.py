"""Decisions that are packed are the decisions that were taken."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from kernel.scheduling.explain import Decision, Decisions


def decision(number: int, key: object = 1) -> Decision:
    ready: Any = (("A", {"since_ns": number, "key": key}), ("é\udce9", {}))
    return Decision(number, 0, "picked", "A", "the first", ready)


def packed(rows: list[Decision]) -> Decisions:
    found = Decisions()
    for row in rows:
        found.append(row)
        found.pack()
    return found


@pytest.mark.parametrize("many", [0, 1, 1023, 1024, 1025, 3000])
def test_packed_decisions_read_as_a_list(many: int) -> None:
    rows = [decision(number) for number in range(many)]
    found = packed(rows)

    assert found == rows and rows == found
    assert len(found) == many and bool(found) == bool(many)
    assert found[:2000] == rows[:2000] and found[5:1500:7] == rows[5:1500:7]
    assert [found[-place] for place in range(1, many, 100)] == rows[:-many:-100]
    with pytest.raises(IndexError):
        found[many]


def test_a_key_that_is_no_plain_value_is_kept_as_it_is() -> None:
    rows = [decision(number, Fraction(number, 3)) for number in range(2000)]
    assert packed(rows)[1500] == rows[1500]
