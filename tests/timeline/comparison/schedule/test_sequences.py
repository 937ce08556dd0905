"""Edit distance and rank correlation against their textbook definitions."""

from __future__ import annotations

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timeline.comparison.schedule import sequences
from timeline.comparison.schedule.sequences import edits, kendall, levenshtein

WORDS = st.lists(st.sampled_from("ABC"), max_size=12)
VALUES = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12)


def by_table(one: list[str], other: list[str]) -> int:
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, start=1):
        before, row = row, [i]
        for j, yours in enumerate(other, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (mine != yours)))
    return row[-1]


def by_pairs(pairs: list[tuple[int, int]]) -> float | None:
    """τ-b as defined: (concordant - discordant) / sqrt((n0 - n1)(n0 - n2))."""
    score = ties_one = ties_other = total = 0
    for i, (x, y) in enumerate(pairs):
        for v, w in pairs[:i]:
            total += 1
            ties_one += x == v
            ties_other += y == w
            score += (x > v) - (x < v) if y > w else (x < v) - (x > v) if y < w else 0
    scale = (total - ties_one) * (total - ties_other)
    return score / sqrt(scale) if scale else None


@given(WORDS, WORDS)
def test_the_bit_vectors_count_what_the_table_counts(one: list[str], other: list[str]) -> None:
    assert levenshtein(one, other) == by_table(one, other)
    assert edits(one, other).distance == by_table(one, other)


@given(VALUES)
def test_kendall_is_what_its_definition_says(pairs: list[tuple[int, int]]) -> None:
    found = kendall([x for x, _ in pairs], [y for _, y in pairs])
    assert found == (None if by_pairs(pairs) is None else pytest.approx(by_pairs(pairs)))


def test_edits_are_a_share_of_the_longer_sequence() -> None:
    assert edits("ABAB", "ABBAB").share == 1 / 5


def test_long_sequences_are_cut_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "LONGEST", 4)
    found = edits("AA" + "BCBCBC", "AA" + "CBCBCD")
    assert (found.cut, found.compared) == (True, 6)


def test_empty_orders_are_the_same() -> None:
    assert edits("", "") == (0, 0, False)
    assert edits("", "").share == 0.0
    assert kendall([], []) is None
