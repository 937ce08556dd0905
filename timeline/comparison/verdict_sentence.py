"""The verdict in one sentence that a student understands."""

from __future__ import annotations

from collections.abc import Sequence

from timeline.comparison.causes.makespan_causes import Causes
from timeline.comparison.criteria import (
    AGREE,
    AGREE_BUT_TIMES,
    INCONCLUSIVE,
    NOT_MEASURED,
    Criterion,
    VerdictPart,
)
from timeline.comparison.pair import Pair
from timeline.comparison.schedule.dispatch_order import SAME, Order
from timeline.number_formats import duration

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
    both = f"{first[0].upper()}{first[1:]} and {second}"
    if law is not None:
        return f"{both} disagree, because the record of {law}."
    if verdict == NOT_MEASURED:
        return f"{both} cannot be compared, because {stopped}."
    stuck = next((c.got for c in criteria if c.what == "deadlock"), "").partition(" in ")[0]
    took = f"the same deadlock of {stuck}" if stuck else times.reason
    if verdict == AGREE:
        return f"{both} agree: {schedule.reason}, and {took}."
    if verdict == AGREE_BUT_TIMES:
        hidden = "; ".join([_failure(c) for c in criteria if c.holds is None][:MOST_FAILURES])
        return f"{both} agree: {schedule.reason}. Noise hides the times ({noise}): {hidden}."
    if verdict == INCONCLUSIVE:
        wrong = [c for c in criteria if not c.holds]
        why = _left_to_chance(wrong) or noise
        told = "; ".join([_failure(c) for c in wrong][:MOST_FAILURES])
        return f"{both} cannot be told to agree or not, because {why}; {told}."
    wrong = [c for c in criteria if c.holds is False]
    told = "; ".join([_failure(c) for c in wrong][:MOST_FAILURES])
    return f"{both} disagree: {told}{_went(causes)}."


def order_words(slices: Order | None) -> str:
    """Return in words how the schedules are the same.

    `slices` is None if the operating system scheduled, and no order is judged.
    """
    if slices is None:
        return "the shares of the CPU, the service curves and the rate of slices are as predicted"
    count = f"the same {slices.first} slices" if slices.first != 1 else "the same single slice"
    if slices.outcome == SAME:
        return f"{count} in the same order"
    if slices.same:
        return f"{count} in the same order, near ties aside"
    difference = slices.first_difference
    at = difference.index + 1 if difference else 0
    return f"the order parts at slice {at}, where two things happen at once and chance decides"


def took_words(makespan: Pair, second: str, causes: Causes) -> str:
    """Return in words how much longer the second run took, and where the time went."""
    took = f"{second} is done after {duration(makespan.second or 0)} {_against(makespan)}"
    return f"{took}{_went(causes)}"


def _against(makespan: Pair) -> str:
    if not makespan.difference:
        return "as well"
    percent = "" if makespan.percent is None else f", {makespan.percent:+.2f} %"
    return f"instead of {duration(makespan.first or 0)}{percent}"


def _failure(criterion: Criterion) -> str:
    return f"{criterion.what}: {criterion.got} (wanted: {criterion.wanted})"


def _left_to_chance(criteria: Sequence[Criterion]) -> str | None:
    chance = [criterion for criterion in criteria if criterion.got.endswith("near tie")]
    return f"{chance[0].what} parts where chance decides ({chance[0].got})" if chance else None


def _went(causes: Causes) -> str:
    """Return in words where the makespan difference comes from, the largest part first."""
    if not causes.difference_ns:
        return ""
    parts = [part for part in causes.parts if part.share is not None and part.share >= 0.1]
    if not parts:
        return ""
    parts.sort(key=lambda part: -(part.share or 0))
    parts = parts[:2]
    longer = causes.difference_ns > 0
    into = "went into" if longer else "less went into"
    named = " and ".join(f"{duration(abs(part.ns))} {into} {part.name}" for part in parts)
    total = duration(abs(causes.difference_ns))
    # if these parts are more than the difference, other parts made up for some of it
    if sum(abs(part.ns) for part in parts) > abs(causes.difference_ns):
        return f"; {named}, and all but {total} of that was made up for"
    return f"; of the {total} it took {'longer' if longer else 'shorter'}, {named}"
