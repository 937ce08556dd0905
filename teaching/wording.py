"""Enumerations and sentences after each other, in the language in use."""

from __future__ import annotations

from collections.abc import Sequence

from translation import tr


def listed(names: Sequence[str]) -> str:
    """Return names as an enumeration: `A`, `A and B`, `A, B and C`."""
    *others, last = names
    if not others:
        return last
    first, *more = others
    for name in more:
        first = tr("{names}, {name}", names=first, name=name)
    return tr("{names} and {name}", names=first, name=last)


def all_of(parts: Sequence[str]) -> str:
    """Return all parts, each joined by `and`."""
    first, *others = parts
    for other in others:
        first = tr("{names} and {name}", names=first, name=other)
    return first


def or_of(parts: Sequence[str]) -> str:
    """Return misconceptions as alternatives: `A or of B`, within `the answer of …`."""
    first, *others = parts
    for other in others:
        first = tr("{misconception} or of {other}", misconception=first, other=other)
    return first


def several_rules(rules: Sequence[str]) -> str:
    """Return rules one after the other."""
    first, *others = rules
    for other in others:
        first = tr("{rules}; {rule}", rules=first, rule=other)
    return first


def sentences(*parts: str) -> str:
    """Return sentences after each other. Empty ones are left out."""
    first, *others = [part for part in parts if part] or [""]
    for other in others:
        first = tr("{sentence} {next}", sentence=first, next=other)
    return first
