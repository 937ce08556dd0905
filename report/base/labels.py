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
"""The labels of processes whose names suggest none; after 62 of them they repeat."""

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
        )  # among all that are drawn; the colour goes by it

    def only(self, names: Sequence[str]) -> Labels:
        """Return the same labels for a run that has just these processes, in this order."""
        where = {name: index for index, name in enumerate(self.names)}
        some = copy(self)
        some.names = list(names)
        some.characters = [self.characters[where[name]] for name in names]
        some.places = [self.places[where[name]] for name in names]
        return some

    def label(self, process: int, partial: bool = False) -> str:
        """Return its character; lower case where it stands for more than a cell can show."""
        character = self.characters[process]
        return character.lower() if partial and self.can_shrink else character

    def fitting(self, process: int, room: float) -> str:
        """Return its name, else its character, else nothing: what has room in so many columns."""
        name = clean(self.names[process])
        return next(
            (text for text in (name, self.characters[process]) if cell_len(text) <= room), ""
        )

    def colour(self, process: int) -> str:
        """Return its colour as `#RRGGBB`."""
        return colour(self.places[process])

    def ink(self, process: int) -> str:
        """Return the colour of text on its colour: `black` or `white`."""
        return ink(self.places[process])

    def filled(self, process: int) -> Style:
        """Return a style with its colour as the background."""
        return FILLED[self.places[process] % len(PALETTE)]

    def plain(self, process: int) -> Style:
        """Return a style with its colour as the colour of the text."""
        return PLAIN[self.places[process] % len(PALETTE)]

    @property
    def explain_themselves(self) -> bool:
        """Whether every process is named like its label: no legend is needed."""
        return self.names == self.characters


def _characters(names: Sequence[str]) -> list[str]:
    """Return the labels. A name of one character is its own label, and no other label equals it.

    The others get a character of their own name if these tell them apart, else A, B, C, …

    A, B → A, B; P1, P2 → 1, 2; editor, compiler → E, C; job-1 … job-40 → A … Z, a … n;
    parent, D, c1 → A, D, B.
    """
    own = [name for name in names if len(name) == 1 and name in ALPHABET]
    others = iter(_characters_beside(own, [name for name in names if name not in own]))
    return [name if name in own else next(others) for name in names]


def _characters_beside(own: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return labels of `names` that differ from `own` in any case, while there are any."""
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
    """Return with how many characters all of the names begin."""
    if not names:
        return 0
    least, most = min(names), max(names)
    pairs = enumerate(zip(least, most, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(least), len(most)))
