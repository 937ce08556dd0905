"""One character and one colour for each process, the same everywhere in one output."""

from __future__ import annotations

import string
from collections.abc import Sequence
from copy import copy

from rich.cells import cell_len
from rich.style import Style

from report.base.screen import clean
from report.base.style import PALETTE, colour, ink

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits
"""The labels for processes whose names suggest none. After 62 processes the labels repeat."""

FILLED = [Style(color=text, bgcolor=ground) for ground, text in PALETTE]
PLAIN = [Style(color=hue) for hue, _ in PALETTE]


class Labels:
    """The labels and colours of the processes, by their places in the run."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.characters = _characters(self.names)
        self.repeat = len(set(self.characters)) < len(self.characters)
        self.can_shrink = not any(c.islower() for c in self.characters)
        self.places = list(
            range(len(self.names))
        )  # the place among all processes of the drawing, which gives the colour

    def only(self, names: Sequence[str]) -> Labels:
        """Return the same labels for a run that has only the processes `names`, in this order."""
        where = {name: index for index, name in enumerate(self.names)}
        some = copy(self)
        some.names = list(names)
        some.characters = [self.characters[where[name]] for name in names]
        some.places = [self.places[where[name]] for name in names]
        return some

    def label(self, process: int, partial: bool = False) -> str:
        """Return the process's character; for a `partial` cell in lower case, if that is free."""
        character = self.characters[process]
        return character.lower() if partial and self.can_shrink else character

    def fitting(self, process: int, room: float) -> str:
        """Return the process's name, else its character, else "": what `room` columns can hold."""
        name = clean(self.names[process])
        return next(
            (text for text in (name, self.characters[process]) if cell_len(text) <= room), ""
        )

    def colour(self, process: int) -> str:
        """Return the process's colour as `#RRGGBB`."""
        return colour(self.places[process])

    def ink(self, process: int) -> str:
        """Return the colour of text on the process's colour: `black` or `white`."""
        return ink(self.places[process])

    def filled(self, process: int) -> Style:
        """Return a style with the process's colour as the background."""
        return FILLED[self.places[process] % len(PALETTE)]

    def plain(self, process: int) -> Style:
        """Return a style with the process's colour as the colour of the text."""
        return PLAIN[self.places[process] % len(PALETTE)]

    @property
    def explain_themselves(self) -> bool:
        """Whether every process's name is its label, so that no legend is needed."""
        return self.names == self.characters


def _characters(names: Sequence[str]) -> list[str]:
    """Return a label for each name. A name of one character is its own label.

    The other names get a character of their own if these characters all differ, else A, B, C, …

    A, B → A, B; P1, P2 → 1, 2; editor, compiler → E, C; job-1 … job-40 → A … Z, a … n;
    parent, D, c1 → A, D, B.
    """
    own = [name for name in names if len(name) == 1 and name in ALPHABET]
    others = iter(_characters_beside(own, [name for name in names if name not in own]))
    return [name if name in own else next(others) for name in names]


def _characters_beside(own: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return labels for `names`. None equals one of `own`, in either case, if enough are left."""
    common = _common_start(names)
    endings = [name[common:].upper() for name in names]
    initials = [name[:1].upper() for name in names]
    taken = {character.lower() for character in own}
    for candidates in (endings, initials):
        if _tell_apart(candidates) and taken.isdisjoint(map(str.lower, candidates)):
            return candidates
    left = [c for c in ALPHABET if c.lower() not in taken] or ALPHABET
    return [left[i % len(left)] for i in range(len(names))]


def _tell_apart(candidates: Sequence[str]) -> bool:
    known = set(ALPHABET)
    return len(set(candidates)) == len(candidates) and known.issuperset(candidates)


def _common_start(names: Sequence[str]) -> int:
    """Return the length of the longest prefix that all names share."""
    if not names:
        return 0
    least, most = min(names), max(names)
    pairs = enumerate(zip(least, most, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(least), len(most)))
