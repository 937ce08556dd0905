"""The graph of a deadlock: circles in it."""

from __future__ import annotations

import pytest

from kernel.process.waits_for import WaitsFor, circle


def graph(**holders: list[str]) -> list[WaitsFor]:
    return [WaitsFor(name, "for a lock", "", held_by) for name, held_by in holders.items()]


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ({"A": ["B"], "B": ["A"]}, ["A", "B"]),
        ({"A": ["A"]}, ["A"]),
        ({"A": ["B"], "B": ["C"], "C": ["B"]}, ["B", "C"]),
        ({"A": ["B", "C"], "B": [], "C": ["D"], "D": ["A"]}, ["A", "C", "D"]),
        ({"A": ["dead"], "B": ["A"]}, []),
        ({}, []),
    ],
)
def test_circles(holders: dict[str, list[str]], expected: list[str]) -> None:
    assert circle(graph(**holders)) == expected
