"""Which misconception an answer follows: its values are compared with those under each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from teaching.answers import Value
from teaching.kinds.kind import Asked
from teaching.misconceptions.catalogue import BY_NAME
from teaching.misconceptions.misconception import Misconception
from teaching.misread import misread
from teaching.outcome import Outcome
from teaching.posed import Posed, under
from teaching.wording import all_of, or_of, sentences, several_rules
from translation import tr

MOST_NAMED = 4
"""Misconceptions that one sentence names; if more cannot be told apart, it gives their number."""


FEWEST = 2
"""An answer with fewer values is not searched for a misread number."""


@dataclass(frozen=True)
class Diagnosis:
    """The misconceptions that explain the same values.

    Each entry of `found` is one misconception, or two that act together. If there are several
    entries, they cannot be told apart by the values that were given. `whole`: all values of the
    answer are those under it, otherwise only the wrong ones of `values`.
    """

    found: Sequence[tuple[Misconception, ...]]
    values: Sequence[Value]
    whole: bool

    @property
    def names(self) -> list[str]:
        """The names of all misconceptions that are found."""
        return list(dict.fromkeys(each.name for entry in self.found for each in entry))

    def sentence(self) -> str:
        """Return the diagnosis in words for the student."""
        shown = self.found[:MOST_NAMED]
        what = or_of([_together(entry) for entry in shown])
        if len(self.found) > len(shown):
            more = len(self.found) - len(shown)
            what = tr("{misconceptions}, or of {number} others", misconceptions=what, number=more)
        if len(self.found) > 1:
            what = tr("{misconceptions} (these cannot be told apart here)", misconceptions=what)
        rules = list(dict.fromkeys(tr(each.rule) for entry in shown for each in entry))
        rule = tr("The rule: {rule}.", rule=several_rules(rules)) if len(rules) <= 2 else ""
        return sentences(self._values_are(what), rule)

    def _values_are(self, what: str) -> str:
        """Return the sentence whose values are those under `what`."""
        if self.whole:
            return tr("The numbers are those of {misconceptions}.", misconceptions=what)
        names = [name for value in self.values if (name := value.name)]
        numbers = dict.fromkeys(value.asked.number for value in self.values)
        questions = all_of([tr("question {number}", number=number) for number in numbers])
        if not names or len(names) > 6:
            return tr(
                "The values of {questions} are those of {misconceptions}.",
                questions=questions,
                misconceptions=what,
            )
        return tr(
            "The values of {questions} ({labels}) are those of {misconceptions}.",
            questions=questions,
            labels=", ".join(names),
            misconceptions=what,
        )


def _together(entry: Sequence[Misconception]) -> str:
    """Return a misconception in words, or two that act together."""
    first, *others = (tr(each.words) for each in entry)
    for other in others:
        first = tr("{misconception} with {other}", misconception=first, other=other)
    return first


@dataclass
class Candidates:
    """What comes out under each misconception, and under each pair of a run and a reading."""

    posed: Posed
    _misread: dict[str, tuple[Misconception, Outcome]] = field(default_factory=dict)
    _truths: dict[tuple[tuple[str, ...], int], dict[str, object]] = field(default_factory=dict)

    def singles(self) -> Iterator[tuple[str, ...]]:
        """Yield each misconception that changes something here."""
        yield from ((name,) for name in self.posed.outcomes)

    def pairs(self) -> Iterator[tuple[str, ...]]:
        """Yield each pair of a changed run and another reading."""
        names = list(self.posed.outcomes)
        runs = [name for name in names if BY_NAME[name].scenario is not None]
        readings = [name for name in names if BY_NAME[name].reading is not None]
        yield from product(runs, readings)

    def misread(self) -> Iterator[tuple[str, ...]]:
        """Yield each number of the sheet that could have been taken for another one of it."""
        if not self._misread:
            for each in misread(self.posed.right.workload):
                outcome = under(each, self.posed.right)
                if outcome is not None:
                    self._misread[each.name] = each, outcome
        yield from ((name,) for name in self._misread)

    def misconception(self, name: str) -> Misconception:
        """Return the misconception of this name."""
        return BY_NAME[name] if name in BY_NAME else self._misread[name][0]

    def outcome(self, names: tuple[str, ...]) -> Outcome | None:
        """Return the outcome under one misconception, or under two together."""
        if names[0] in self._misread:
            return self._misread[names[0]][1]
        first = self.posed.outcomes[names[0]]
        if len(names) == 1:
            return first
        read = BY_NAME[names[1]].reading
        reading = read(first) if read is not None else None
        return None if reading is None else replace(first, reading=reading)

    def explains(self, names: tuple[str, ...], value: Value) -> bool:
        """Return whether the given value is the one under these misconceptions."""
        asked = value.asked
        key = names, asked.number
        if key not in self._truths:
            outcome = self.outcome(names)
            found = {} if outcome is None else asked.kind.truth(asked, outcome)
            self._truths[key] = found
        found = self._truths[key]
        if value.label not in found:
            return False
        return asked.kind.agreement(asked, found[value.label], value.given, self.posed.right) == 1


def diagnose_all(candidates: Candidates, values: Iterable[Value]) -> list[Diagnosis]:
    """Return what explains the answer as a whole: one diagnosis, or none.

    One misconception that explains all values comes first, then two together, then a number of
    the sheet that was misread, then one that explains all wrong values, if they are at least two.
    """
    given = [value for value in values if value.filled]
    wrong = [value for value in given if not value.is_right]
    if not wrong:
        return []
    for names in (candidates.singles, candidates.pairs, candidates.misread):
        if names == candidates.misread and len(given) < FEWEST:
            continue  # a few numbers follow from too many sheets
        found = _all_explained(candidates, names, given)
        if found:
            return [Diagnosis(_objects(candidates, found), wrong, whole=True)]
    found = _all_explained(candidates, candidates.singles, wrong)
    if found and len(wrong) > 1:
        return [Diagnosis(_objects(candidates, found), wrong, whole=False)]
    return []


def _all_explained(
    candidates: Candidates,
    names: Callable[[], Iterator[tuple[str, ...]]],
    values: Sequence[Value],
) -> list[tuple[str, ...]]:
    return [each for each in names() if all(candidates.explains(each, value) for value in values)]


def diagnose_questions(candidates: Candidates, values: Iterable[Value]) -> list[Diagnosis]:
    """Return a diagnosis for each question whose wrong values are all explained by something.

    Values that are carried on from another question need no explanation of their own.
    """
    wrong = [v for v in values if v.filled and not v.is_right and not v.carried]
    asked: dict[int, Asked] = {value.asked.number: value.asked for value in wrong}
    diagnoses = []
    for number in asked:
        mine = [value for value in wrong if value.asked.number == number]
        found = _all_explained(candidates, candidates.singles, mine)
        if found:
            diagnoses.append(Diagnosis(_objects(candidates, found), mine, whole=False))
    return diagnoses


def _objects(
    candidates: Candidates, found: Sequence[tuple[str, ...]]
) -> list[tuple[Misconception, ...]]:
    return [tuple(map(candidates.misconception, names)) for names in found]
