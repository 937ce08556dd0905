"""The sentences of an answer: what was done, which point is best, what is not shown to differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from experiments.measures.names import Kind
from experiments.results.answer import Answer, Difference
from experiments.shown.numbers import scale_of
from language.schema.quantities import DISTRIBUTIONS
from language.source.conditions import typed
from translation import mark, tr, tr_n

MOST_SENTENCES = 5  # differences that are told of one measure


_OF_A_VALUE = (*DISTRIBUTIONS, "every", "alpha")
"""Parts of a key that say how a value is written, not what it is."""


def short_keys(answer: Answer) -> list[str]:
    """Return the part of each key that says most, or the whole key if two are alike then."""
    keys = answer.plan.points.keys
    ends = [
        next((p for p in reversed(key.split(".")) if p not in _OF_A_VALUE), key) for key in keys
    ]
    return [
        end if ends.count(end) == 1 and not end.isdecimal() else key
        for key, end in zip(keys, ends, strict=True)
    ]


def varied(answer: Answer) -> list[int]:
    """Return the places of the keys that have more than one value; of one point, of all keys."""
    places = range(len(answer.plan.points.keys))
    several = [at for at in places if len({point[at] for point in answer.points}) > 1]
    return several or list(places)


def point_words(answer: Answer, point: int, shared: int | None = None) -> str:
    """Return the values of a point, like `rr`, or `policy rr, quantum 5ms` if several keys vary.

    The value of the key at the place `shared` is left out.
    """
    values, places = answer.points[point], [at for at in varied(answer) if at != shared]
    if len(places) == 1:
        return values[places[0]]
    keys = short_keys(answer)
    return ", ".join(f"{keys[at]} {values[at]}" for at in places)


def point_values(answer: Answer, point: int) -> str:
    """Return the values of a point without their keys, like `sjf, oracle`."""
    return ", ".join(answer.points[point][place] for place in varied(answer))


def plan_words(answer: Answer) -> list[str]:
    """Return in short what was done."""
    plan, most = answer.plan, max(map(answer.rows.many, range(len(answer.points))), default=0)
    least = min(map(answer.rows.many, range(len(answer.points))), default=0)
    words = [tr_n("{n:,} point", "{n:,} points", len(answer.points))]
    if plan.windows.batches is not None:
        words.append(tr("one run each, in {batches} batches", batches=plan.windows.batches))
    elif least == most:
        words.append(tr_n("{n:,} replication each", "{n:,} replications each", most))
    else:
        words.append(tr("{least} to {most} replications each", least=least, most=most))
    if most > 1 or plan.windows.batches is not None:
        words.append(tr("{percent:.6g} % intervals", percent=100 * plan.confidence))
    keys, first, places = plan.points.keys, answer.points[0], varied(answer)
    words += [f"{key}={first[at]}" for at, key in enumerate(keys) if at not in places]
    return [*words, tr("seed {seed}", seed=answer.seed)]


def differences(answer: Answer, measure: int) -> Iterator[str]:
    """Yield how the best point of a measure differs from the others, nearest first.

    If several keys vary, one of them with many values, as a load, points with the same value of
    that key are compared.
    """
    name = answer.measures[measure].name
    for shared, points in groups(answer):
        found = answer.differences(measure, points)
        where = ""
        if shared is not None:
            where = f"{short_keys(answer)[shared]} {answer.points[points[0]][shared]}: "
        for sentence in _told(answer, measure, found, shared):
            yield f"{name}: {where}{sentence}"


def groups(answer: Answer) -> list[tuple[int | None, Sequence[int]]]:
    """Return the points that are compared with each other, and the key whose value they share.

    None: no key. Of the keys whose values are numbers, that with most values is shared if another
    key varies, too.
    """
    places = varied(answer)
    counts = {
        place: len({row[place] for row in answer.points})
        for place in places
        if not any(typed(row[place]).kind == "text" for row in answer.points)
    }
    place = max(counts, key=counts.__getitem__, default=None)
    if place is None or len(places) < 2 or len(answer.points) == counts[place]:
        return [(None, range(len(answer.points)))]
    shared: dict[str, list[int]] = {}
    for point, row in enumerate(answer.points):
        shared.setdefault(row[place], []).append(point)
    return [(place, points) for points in shared.values()]


def is_grouped(answer: Answer) -> bool:
    """Return whether points are compared in groups, so that there are many sentences."""
    return groups(answer)[0][0] is not None


def _told(
    answer: Answer, measure: int, found: Sequence[Difference], shared: int | None
) -> Iterator[str]:
    """Yield how the best of some points, which share a value, differs from the others."""
    if not found or found[0].estimate.half is None:
        return
    scale = scale_of(answer.measures[measure], [each.estimate for each in found])
    shown = [each for each in found if each.is_shown]
    hidden = [each for each in found if not each.is_shown]
    best = point_words(answer, found[0].best, shared)
    shown.sort(key=lambda each: abs(each.estimate.mean))
    most = MOST_SENTENCES if shared is None else 1
    for each in shown[:most]:
        other = point_words(answer, each.other, shared)
        about = answer.measures[measure].about
        gap = scale.within(each.estimate._replace(mean=abs(each.estimate.mean)))
        sentence = _GAPS[about.kind][0 if about.better < 0 else 1]
        yield tr(sentence, best=best, gap=gap, unit=scale.unit, other=other)
    if len(shown) > most and shared is None:
        yield tr_n(
            "{best} is also better than {n:,} further point",
            "{best} is also better than {n:,} further points",
            len(shown) - most,
            best=best,
        )
    if hidden:
        others = [point_words(answer, each.other, shared) for each in hidden[:MOST_SENTENCES]]
        named = "; ".join(others)
        if len(hidden) > MOST_SENTENCES:
            named = tr("{points} and {n} more", points=named, n=len(hidden) - MOST_SENTENCES)
        yield tr("no difference is shown between {best} and {others}", best=best, others=named)


_GAPS = {
    Kind.TIME: (
        mark("{best} is {gap} {unit} shorter than {other}"),
        mark("{best} is {gap} {unit} longer than {other}"),
    ),
    Kind.SHARE: (
        mark("{best} is {gap} % points less than {other}"),
        mark("{best} is {gap} % points more than {other}"),
    ),
    Kind.RATE: (
        mark("{best} is {gap} {unit} less than {other}"),
        mark("{best} is {gap} {unit} more than {other}"),
    ),
    Kind.COUNT: (
        mark("{best} has {gap} fewer than {other}"),
        mark("{best} has {gap} more than {other}"),
    ),
}
"""How the best point differs, by the kind of the measure: if less is better, and if more is."""


def remarks(answer: Answer) -> Iterator[str]:
    """Yield what a reader of the numbers should know."""
    if answer.never_vary():
        yield tr(
            "All replications of each point are equal: the scenario draws nothing at random, so "
            "one replication is enough."
        )
    for at, measure in enumerate(answer.measures):
        missing = answer.without_value(at)
        if missing:
            yield tr_n(
                "{measure}: {n:,} row without a value is left out of the means.",
                "{measure}: {n:,} rows without a value are left out of the means.",
                missing,
                measure=measure.name,
            )
    correlated = answer.correlated()
    if correlated:
        where = ", ".join(point_words(answer, point) for point in correlated[:MOST_SENTENCES])
        yield tr(
            "The batches depend on each other ({points}), so the intervals are too "
            "narrow: make the run longer, or use fewer batches.",
            points=where,
        )
