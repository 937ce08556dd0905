"""The marks of one submission: what all output formats write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from translation import mark

RIGHT = mark("right")
PARTLY = mark("partly right")
WRONG = mark("wrong")
EMPTY = mark("not filled in")
UNREAD = mark("cannot be read")


@dataclass(frozen=True)
class Part:
    """One question, or one property of a submitted policy: its points and why.

    `name` is English, a key of tables. `feedback` is plain text, perhaps of several lines. It never
    has the right values.
    """

    name: str
    points: Fraction
    most: int
    feedback: str = ""
    state: str = ""  # one of the words above; "" follows from the points
    translated: str = ""  # the name in the language of the marks

    @property
    def title(self) -> str:
        """The name as people are shown it."""
        return self.translated or self.name

    @property
    def passed(self) -> bool:
        """Whether all points were earned."""
        return self.points == self.most

    @property
    def words(self) -> str:
        """The state in a few words, as programs read it; `tr` of it is shown to people."""
        if self.state:
            return self.state
        return RIGHT if self.passed else PARTLY if self.points else WRONG


@dataclass(frozen=True)
class Measure:
    """One number of a leaderboard. `order`: asc (the least is best) or desc.

    `name` is English, a key of tables.
    """

    name: str
    value: float
    order: str = "asc"
    unit: str = ""
    translated: str = ""  # the name in the language of the marks

    @property
    def title(self) -> str:
        """The name as people are shown it."""
        return self.translated or self.name


@dataclass(frozen=True)
class Marks:
    """What a submission earns. `problems` are lines that say what cannot be read, and where.

    A submission that cannot be read in some place is not `gradable`: its points are those of what
    could be read, and count only when it is handed in again or the teacher says so.
    """

    who: str
    file: str
    parts: Sequence[Part]
    diagnosis: str = ""  # over all parts: which rule the numbers follow
    problems: Sequence[str] = ()
    seed: int | None = None
    gradable: bool = True
    measures: Sequence[Measure] = ()
    contradiction: str = ""  # a sentence, if the answer says that it answers another variant

    @property
    def said(self) -> list[str]:
        """The sentences on the whole submission: of its variant, of its misconceptions."""
        return [sentence for sentence in (self.contradiction, self.diagnosis) if sentence]

    @property
    def points(self) -> Fraction:
        """The points of all parts together."""
        return sum((part.points for part in self.parts), Fraction(0))

    @property
    def most(self) -> int:
        """The points that could have been earned."""
        return sum(part.most for part in self.parts)

    @property
    def share(self) -> Fraction:
        """The points as a share of what could have been earned: 0 to 1."""
        return Fraction(self.points, self.most) if self.most else Fraction(0)


def number(value: Fraction) -> str:
    """Return points with at most two decimals, rounded half up, without zeros at the end."""
    hundredths = (200 * value.numerator + value.denominator) // (2 * value.denominator)
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") if rest else str(whole)
