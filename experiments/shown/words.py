"""The sentences of an answer: what was done, which point is best, what is not shown to differ."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.measures.names import Kind
from experiments.results.answer import Answer, Difference
from experiments.shown.numbers import Scale, scale_of
from report.sections.sentences import count

MOST_SENTENCES = 5  # differences that are told of one measure


def short_keys(answer: Answer) -> list[str]:
    """Return the last part of each key, or the whole key if two end alike."""
    keys = answer.plan.points.keys
    ends = [key.rpartition(".")[2] for key in keys]
    return [
        end if ends.count(end) == 1 and not end.isdecimal() else key
        for key, end in zip(keys, ends, strict=True)
    ]


def varied(answer: Answer) -> list[int]:
    """Return the places of the keys that have more than one value; of one point, of all keys."""
    places = range(len(answer.plan.points.keys))
    several = [at for at in places if len({point[at] for point in answer.points}) > 1]
    return several or list(places)


def point_words(answer: Answer, point: int) -> str:
    """Return the values of a point, like `rr`, or `policy rr, quantum 5ms` if several keys vary."""
    values, places = answer.points[point], varied(answer)
    if len(places) == 1:
        return values[places[0]]
    keys = short_keys(answer)
    return ", ".join(f"{keys[at]} {values[at]}" for at in places)


def plan_words(answer: Answer) -> list[str]:
    """Return in short what was done."""
    plan, most = answer.plan, max(map(answer.rows.many, range(len(answer.points))), default=0)
    least = min(map(answer.rows.many, range(len(answer.points))), default=0)
    words = [count(len(answer.points), "point")]
    if plan.windows.batches is not None:
        words.append(f"one run each, in {plan.windows.batches} batches")
    elif least == most:
        words.append(f"{count(most, 'replication')} each")
    else:
        words.append(f"{least} to {most} replications each")
    if most > 1 or plan.windows.batches is not None:
        words.append(f"{100 * plan.confidence:.6g} % intervals")
    keys, first, places = plan.points.keys, answer.points[0], varied(answer)
    words += [f"{key}={first[at]}" for at, key in enumerate(keys) if at not in places]
    return [*words, f"seed {answer.seed}"]


def differences(answer: Answer, measure: int) -> Iterator[str]:
    """Yield how the best point of a measure differs from the others, nearest first."""
    found = answer.differences(measure)
    if not found or found[0].estimate.half is None:
        return
    scale = scale_of(answer.measures[measure], [each.estimate for each in found])
    shown = [each for each in found if each.is_shown]
    hidden = [each for each in found if not each.is_shown]
    name = answer.measures[measure].name
    shown.sort(key=lambda each: abs(each.estimate.mean))
    for each in shown[:MOST_SENTENCES]:
        yield f"{name}: {_sentence(answer, measure, each, scale)}"
    if len(shown) > MOST_SENTENCES:
        yield f"{name}: … and better than {len(shown) - MOST_SENTENCES} further points"
    if hidden:
        others = [point_words(answer, each.other) for each in hidden[:MOST_SENTENCES]]
        more = f" and {len(hidden) - MOST_SENTENCES} more" if len(hidden) > MOST_SENTENCES else ""
        best = point_words(answer, hidden[0].best)
        yield f"{name}: no difference is shown between {best} and {'; '.join(others)}{more}"


def _sentence(answer: Answer, measure: int, each: Difference, scale: Scale) -> str:
    """Return `srtf is 12.1 ± 0.8 ms shorter than rr`."""
    kind, less = answer.measures[measure].kind, answer.measures[measure].about.better < 0
    gap = scale.within(each.estimate._replace(mean=abs(each.estimate.mean)))
    best, other = point_words(answer, each.best), point_words(answer, each.other)
    if kind is Kind.COUNT:
        return f"{best} has {gap} {'fewer' if less else 'more'} than {other}"
    words = {Kind.TIME: ("shorter", "longer"), Kind.SHARE: ("less", "more")}
    word = words.get(kind, ("less", "more"))[0 if less else 1]
    unit = "% points" if kind is Kind.SHARE else scale.unit
    return f"{best} is {gap} {unit} {word} than {other}"


def remarks(answer: Answer) -> Iterator[str]:
    """Yield what a reader of the numbers should know."""
    if answer.never_vary():
        yield (
            "All replications of each point are equal: the scenario draws nothing at random, so "
            "one replication is enough."
        )
    for at, measure in enumerate(answer.measures):
        missing = answer.without_value(at)
        if missing:
            yield f"{measure.name}: {count(missing, 'row')} without a value, left out of the means."
    correlated = answer.correlated()
    if correlated:
        where = ", ".join(point_words(answer, point) for point in correlated[:MOST_SENTENCES])
        yield (
            f"The batches depend on each other ({where}): the intervals are too narrow; make the "
            "run longer or the batches fewer."
        )
