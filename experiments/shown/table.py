"""The table of an answer: a row per point, a column per measure with its interval."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.results.answer import Answer
from experiments.shown.numbers import scale_of
from experiments.shown.words import short_keys, varied
from report.base.tables import Column, Group, Sheet, cut
from translation import tr

BEST, ALIKE = "*", "~"
MOST_ROWS = 60
_EDGE = 20  # of a longer table: how many rows at its beginning and at its end


def answer_table(answer: Answer, most: int, ellipsis: str, *, whole: bool = False) -> Sheet:
    """Return the table. A value of a key wider than `most` columns is cut.

    The best mean of a column has the mark BEST, and those that are not shown to differ from it have
    ALIKE. Unless `whole`, a table of more than MOST_ROWS points shows the first and the last.
    """
    points = shown_points(answer, whole)
    keys = _keys(answer, points, most, ellipsis)
    groups = [Group([column]) for column in (*keys[1:], *_replications(answer, points))]
    groups += [Group([column]) for column in _measures(answer, points)]
    breaks = [_EDGE - 1] if len(points) < len(answer.points) else []
    return Sheet(keys[0], groups, breaks)


def _keys(answer: Answer, points: list[int], most: int, ellipsis: str) -> list[Column]:
    """Return a column for each key that varies."""
    names = short_keys(answer)
    return [
        Column(
            names[place],
            [cut(answer.points[at][place], most, ellipsis) for at in points],
            numeric=False,
        )
        for place in varied(answer)
    ]


def shown_points(answer: Answer, whole: bool) -> list[int]:
    """Return the points that the table has."""
    many = len(answer.points)
    if whole or many <= MOST_ROWS:
        return list(range(many))
    return [*range(_EDGE), *range(many - _EDGE, many)]


def _replications(answer: Answer, points: list[int]) -> Iterator[Column]:
    """Yield the column of the numbers of replications, if they differ."""
    counts = [answer.rows.many(point) for point in range(len(answer.points))]
    if len(set(counts)) > 1:
        yield Column("n", [str(counts[point]) for point in points])


def _measures(answer: Answer, points: list[int]) -> Iterator[Column]:
    for at, measure in enumerate(answer.measures):
        found = answer.estimates[at]
        scale, best, alike = scale_of(measure, found), answer.best(at), answer.alike(at)
        cells = []
        for point in points:
            mark = BEST if point == best else ALIKE if point in alike else " "
            each = found[point]
            cells.append(f"{scale.within(each) if each is not None else ''}{mark}")
        unit = f", {scale.unit}" if scale.unit else ""
        heading = _heading(f"{measure.name}{unit}", max(map(len, cells)))
        yield Column("\n".join(f"{line} " for line in heading), cells)
        if answer.real_estimates is not None:
            real = [answer.real_estimates[at][point] for point in points]
            texts = ["" if each is None else scale.within(each) for each in real]
            yield Column(tr("real"), texts)


def _heading(text: str, room: int) -> list[str]:
    """Return a heading in lines of at most `room` characters where it has spaces or dots."""
    lines: list[str] = []
    for word in text.replace(".", " .").split():
        glue = "" if word.startswith(".") else " "
        if lines and len(lines[-1]) + len(glue) + len(word) <= max(room - 1, 8):
            lines[-1] += glue + word
        else:
            lines.append(word)
    return lines


def percentile_table(answer: Answer, measure: int, most: int, ellipsis: str) -> Sheet:
    """Return the percentiles of a measure over the replications, each with its interval."""
    points = shown_points(answer, whole=False)
    scale = scale_of(answer.measures[measure], answer.estimates[measure])
    keys = _keys(answer, points, most, ellipsis)
    columns = []
    for at, share in enumerate(answer.plan.percentiles):
        cells = []
        for point in points:
            found = answer.percentiles(measure, point)[at]
            if found is None:
                cells.append("")
            elif found.low is None or found.high is None:
                cells.append(tr("{value} (too few)", value=scale.text(found.value)))
            else:
                cells.append(
                    tr(
                        "{value} ({low} to {high})",
                        value=scale.text(found.value),
                        low=scale.text(found.low),
                        high=scale.text(found.high),
                    )
                )
        columns.append(Column(f"{100 * share:.4g} %", cells))
    return Sheet(keys[0], [Group([column]) for column in (*keys[1:], *columns)])
