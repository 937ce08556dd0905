"""How similar two orders are: the edits between them, and their rank correlation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from math import sqrt
from typing import NamedTuple

LONGEST = 20_000
"""How many items after the first difference are compared at most by the edit distance."""


class Edits(NamedTuple):
    """How many of the `compared` items had to be inserted, deleted or replaced."""

    distance: int
    compared: int
    cut: bool  # the sequences are longer than the part that was compared

    @property
    def share(self) -> float:
        """From 0 (the same sequence) to 1 (nothing in common)."""
        return self.distance / self.compared if self.compared else 0.0


def edits(one: Sequence[Hashable], other: Sequence[Hashable]) -> Edits:
    """Return the Levenshtein distance. A common beginning and end take almost no time."""
    begin = common_prefix(one, other)
    end = common_prefix(one[begin:][::-1], other[begin:][::-1])
    one_left, other_left = one[begin : len(one) - end], other[begin : len(other) - end]
    if max(len(one_left), len(other_left)) <= LONGEST:
        distance = levenshtein(one_left, other_left)
        return Edits(distance, max(len(one), len(other)), False)
    distance = levenshtein(one_left[:LONGEST], other_left[:LONGEST])
    return Edits(distance, begin + LONGEST, True)


def common_prefix(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the length of the common beginning, which is the index of the first difference."""
    for at, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine != yours:
            return at
    return min(len(one), len(other))


def levenshtein(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Count the insertions, deletions and replacements that turn `one` into `other`.

    A column of the table of distances is kept as two long integers. Their bits say where the column
    rises and where it falls. A column takes a few operations on integers of len(one) bits. See
    G. Myers, A fast bit-vector algorithm, JACM 46 (1999), in the form of H. Hyyrö (2003).
    """
    if not one:
        return len(other)
    where: dict[Hashable, int] = {}
    for at, item in enumerate(one):
        where[item] = where.get(item, 0) | 1 << at
    mask, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    rises, falls, distance = mask, 0, len(one)
    for item in other:
        equal = where.get(item, 0)
        diagonal = ((((equal & rises) + rises) ^ rises) | equal | falls) & mask
        up = falls | (mask & ~(diagonal | rises))
        down = diagonal & rises
        distance += bool(up & last) - bool(down & last)
        up, down = (up << 1 | 1) & mask, (down << 1) & mask
        rises, falls = down | (mask & ~(diagonal | up)), up & diagonal
    return distance


def kendall(one: Sequence[int], other: Sequence[int]) -> float | None:
    """Return the rank correlation τ-b of paired values: 1 same order, -1 reversed, ties allowed.

    Return None if it is not defined: fewer than two values, or all values of one side equal.
    M. Kendall, The treatment of ties in ranking problems, Biometrika 33 (1945); counted as in
    W. Knight, JASA 61 (1966).
    """
    pairs = sorted(zip(one, other, strict=True))
    total = _couples(len(pairs))
    same_one = sum(_couples(count) for count in Counter(one).values())
    same_other = sum(_couples(count) for count in Counter(other).values())
    same_both = sum(_couples(count) for count in Counter(pairs).values())
    if total in (same_one, same_other):
        return None
    swapped = _inversions([second for _, second in pairs])
    agreeing = total - same_one - same_other + same_both - 2 * swapped
    return agreeing / sqrt((total - same_one) * (total - same_other))


def _couples(count: int) -> int:
    return count * (count - 1) // 2


def _inversions(values: Sequence[int]) -> int:
    """Count the pairs in the wrong order, with a Fenwick tree over the ranks."""
    rank = {value: at for at, value in enumerate(sorted(set(values)), start=1)}
    tree = [0] * (len(rank) + 1)
    found = 0
    for seen, value in enumerate(values):
        found += seen
        at = rank[value]
        while at:  # subtract the values seen before that are not larger
            found -= tree[at]
            at &= at - 1
        at = rank[value]
        while at < len(tree):
            tree[at] += 1
            at += at & -at
    return found
