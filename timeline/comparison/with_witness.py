"""The verdict on two runs, when a third witness was heard, too."""

from __future__ import annotations

from dataclasses import replace

from timeline.comparison.criteria import (
    AGREE,
    AGREE_BUT_TIMES,
    DIFFERENT,
    DISAGREE,
    INCONCLUSIVE,
    UNDECIDED,
    Criterion,
    VerdictPart,
)
from timeline.comparison.model import Comparison
from timeline.comparison.witness import ALLOWED, SAME, Witness
from timeline.comparison.witness import DIFFERENT as OTHERWISE
from translation import recorded


def with_witness(comparison: Comparison, witness: Witness) -> Comparison:
    """Return the comparison with what the plain program said, and the verdict that follows.

    A program that says what the rules do not allow makes a disagreement of any verdict. If it was
    not found out whether they allow it, runs that agree are no longer said to.
    """
    said = {SAME: True, ALLOWED: True, OTHERWISE: False}.get(witness.verdict)
    criterion = Criterion(
        recorded("plain program"), recorded("what the rules allow"), witness.sentence, said
    )
    heard = replace(comparison, witness=witness, criteria=(*comparison.criteria, criterion))
    both = {"comparison": comparison.sentence, "witness": witness.sentence}
    if said is False:
        sentence = recorded("The witnesses disagree: {witness}.", witness=witness.sentence)
        if comparison.verdict == DISAGREE:
            sentence = recorded(
                "{comparison} {witness}", comparison=comparison.sentence, witness=sentence
            )
        schedule = comparison.schedule
        if schedule.verdict != DIFFERENT:
            schedule = VerdictPart(DIFFERENT, witness.sentence)
        return replace(heard, verdict=DISAGREE, schedule=schedule, sentence=sentence)
    if said is None and comparison.verdict in (AGREE, AGREE_BUT_TIMES):
        schedule = VerdictPart(UNDECIDED, witness.sentence)
        sentence = recorded("{comparison} But {witness}.", **both)
        return replace(heard, verdict=INCONCLUSIVE, schedule=schedule, sentence=sentence)
    return replace(heard, sentence=recorded("{comparison} Also, {witness}.", **both))
