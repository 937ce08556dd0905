"""The verdict in one sentence that a student understands."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.comparison.causes.makespan_causes import Cause, Causes
from timeline.comparison.criteria import (
    AGREE,
    AGREE_BUT_TIMES,
    FIRST_NAME,
    INCONCLUSIVE,
    MODEL_NAME,
    NOT_MEASURED,
    REAL_NAME,
    SECOND_NAME,
    Criterion,
    VerdictPart,
    in_sequence,
)
from timeline.comparison.pair import Pair
from timeline.comparison.schedule.dispatch_order import SAME, Order
from timeline.number_formats import duration
from translation import mark, recorded, recorded_n

_CAPITAL = {
    MODEL_NAME: mark("The model"),
    REAL_NAME: mark("The real machine"),
    FIRST_NAME: mark("The first run"),
    SECOND_NAME: mark("The second run"),
}
"""The names of the runs at the beginning of a sentence."""
MOST_FAILURES = 2
"""How many failed criteria are in the sentence at most; all are in the list of criteria."""


def say(
    verdict: str,
    names: tuple[str, str],
    *,
    stopped: str | None,
    law: str | None,
    criteria: Sequence[Criterion],
    schedule: VerdictPart,
    times: VerdictPart,
    noise: str,
    causes: Causes,
) -> str:
    """Return the sentence: whether the runs agree, with numbers; if not, why, and the causes."""
    first, second = names
    both = recorded("{model} and {machine}", model=recorded(_CAPITAL[first]), machine=second)
    if law is not None:
        return recorded("{both} disagree, because the record of {law}.", both=both, law=law)
    if verdict == NOT_MEASURED:
        return recorded("{both} cannot be compared, because {why}.", both=both, why=stopped)
    stuck = next((c.got for c in criteria if c.what == "deadlock"), "").partition(" in ")[0]
    took = times.reason
    if stuck:
        took = recorded("the same deadlock of {processes}", processes=stuck)
    if verdict == AGREE:
        return recorded(
            "{both} agree: {schedule}, and {times}.",
            both=both,
            schedule=schedule.reason,
            times=took,
        )
    if verdict == AGREE_BUT_TIMES:
        return _hidden(both, schedule, criteria, noise)
    if verdict == INCONCLUSIVE:
        return _undecided(both, criteria, noise)
    wrong = [c for c in criteria if c.holds is False]
    told = in_sequence([_failure(c) for c in wrong][:MOST_FAILURES])
    return recorded("{both} disagree: {failures}.", both=both, failures=_with_causes(told, causes))


def _hidden(both: str, schedule: VerdictPart, criteria: Sequence[Criterion], noise: str) -> str:
    hidden = [_failure(c) for c in criteria if c.holds is None][:MOST_FAILURES]
    return recorded(
        "{both} agree: {schedule}. Noise hides the times ({noise}): {hidden}.",
        both=both,
        schedule=schedule.reason,
        noise=noise,
        hidden=in_sequence(hidden),
    )


def _undecided(both: str, criteria: Sequence[Criterion], noise: str) -> str:
    wrong = [c for c in criteria if not c.holds]
    return recorded(
        "It cannot be said whether {both} agree, because {why}; {failures}.",
        both=both,
        why=_left_to_chance(wrong) or noise,
        failures=in_sequence([_failure(c) for c in wrong][:MOST_FAILURES]),
    )


def order_words(slices: Order | None) -> str:
    """Return in words how the schedules are the same.

    `slices` is None if the operating system scheduled, and no order is judged.
    """
    if slices is None:
        return recorded(
            "the shares of the CPU, the service curves and the rate of slices are as predicted"
        )
    if slices.outcome == SAME:
        return recorded_n(
            "the same single slice in the same order",
            "the same {n} slices in the same order",
            slices.first,
        )
    if slices.same:
        return recorded_n(
            "the same single slice in the same order, near ties aside",
            "the same {n} slices in the same order, near ties aside",
            slices.first,
        )
    difference = slices.first_difference
    at = difference.index + 1 if difference else 0
    return recorded(
        "the order differs from slice {n} on, where two things happen at the same "
        "time and chance decides",
        n=at,
    )


def took_words(makespan: Pair, second: str, causes: Causes) -> str:
    """Return in words how much longer the second run took, and where the time went."""
    return _with_causes(_took(makespan, second), causes)


def _took(makespan: Pair, second: str) -> str:
    time, first = duration(makespan.second or 0), duration(makespan.first or 0)
    if not makespan.difference:
        return recorded("{run} also ends after {time}", run=second, time=time)
    took = recorded(
        "{run} ends after {time} instead of {first}", run=second, time=time, first=first
    )
    if makespan.percent is None:
        return took
    return recorded("{took}, {percent:+.2f} %", took=took, percent=makespan.percent)


def _failure(criterion: Criterion) -> str:
    return recorded(
        "{what}: {got} (wanted: {wanted})",
        what=criterion.what,
        got=criterion.got,
        wanted=criterion.wanted,
    )


def _left_to_chance(criteria: Sequence[Criterion]) -> str | None:
    chance = [criterion for criterion in criteria if criterion.got.endswith("near tie")]
    if not chance:
        return None
    what, got = chance[0].what, chance[0].got
    return recorded("{what} differs at a point where chance decides ({got})", what=what, got=got)


def _with_causes(told: str, causes: Causes) -> str:
    """Return `told`, and where the makespan difference comes from, the largest part first."""
    if not causes.difference_ns:
        return told
    parts = [part for part in causes.parts if part.share is not None and part.share >= 0.1]
    if not parts:
        return told
    parts.sort(key=lambda part: -(part.share or 0))
    parts = parts[:2]
    longer = causes.difference_ns > 0
    named = [_went(part, longer=longer) for part in parts]
    went = (
        named[0] if len(named) == 1 else recorded("{one} and {other}", one=named[0], other=named[1])
    )
    values = {"told": told, "total": duration(abs(causes.difference_ns)), "parts": went}
    # if these parts are more than the difference, other parts made up for some of it
    if sum(abs(part.ns) for part in parts) > abs(causes.difference_ns):
        return recorded(
            "{told}; {parts}; other causes made up for all but {total} of this", **values
        )
    if longer:
        return recorded("{told}; it took {total} longer: {parts}", **values)
    return recorded("{told}; it took {total} less: {parts}", **values)


def _went(part: Cause, *, longer: bool) -> str:
    time, cause = duration(abs(part.ns)), recorded(part.name)
    if longer:
        return recorded("{cause} ({time} more)", time=time, cause=cause)
    return recorded("{cause} ({time} less)", time=time, cause=cause)
