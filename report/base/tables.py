"""Tables that fit the width: too many columns become several tables; numbers are never cut."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from report.base.axis import in_unit, places_for
from report.base.screen import clean

BOLD = "bold"
DIM = "dim"
MOST_ROWS = 50
"""Rows of a whole table. A longer table shows only its first and its worst rows."""
KEPT = 10
"""How many of the first rows, and how many of the worst rows, a longer table shows."""


@dataclass(slots=True)
class Column:
    """A heading of one or more lines, one string per row, and perhaps a mean at the foot."""

    heading: str
    cells: list[str]
    foot: str = ""
    numeric: bool = True

    @property
    def width(self) -> int:
        """The columns of the screen that this column needs."""
        parts = [*self.heading.split("\n"), self.foot, *self.cells]
        return max(map(cell_len, parts))

    @property
    def title(self) -> str:
        """The heading in one line. A word that is broken by `-` at a line's end is joined.

        So are two lines of wide characters, between which a language has no space.
        """
        title, *lines = self.heading.replace("-\n", "").split("\n")
        for line in lines:
            wide = title and line and cell_len(title[-1]) == cell_len(line[0]) == 2
            title += line if wide else f" {line}"
        return title

    def padded(self, cell: str) -> str:
        """Return `cell` as wide as the column."""
        space = " " * (self.width - cell_len(cell))
        return space + cell if self.numeric else cell + space

    def heading_line(self, index: int, height: int) -> str:
        """Return line `index` of `height` lines that have the heading at their bottom."""
        lines = self.heading.split("\n")
        index -= height - len(lines)
        return lines[index] if index >= 0 else ""


@dataclass(slots=True)
class Group:
    """Columns that stay together in one table."""

    columns: list[Column]

    def width(self, gap: int) -> int:
        """Return the columns of the screen that the group needs, with a gap before each column."""
        return sum(column.width + gap for column in self.columns)


@dataclass(slots=True)
class Sheet:
    """A table before it is cut to a width: the column of names, then groups of columns.

    `breaks` are the indices of the rows after which a line is drawn.
    """

    names: Column
    groups: list[Group]
    breaks: list[int] = field(default_factory=list)

    @property
    def columns(self) -> list[Column]:
        """All columns; the column of names is the first."""
        return [self.names, *(column for group in self.groups for column in group.columns)]

    def tables(self, width: int, rule: str = "─") -> list[list[Text]]:
        """Return the fewest tables of at most `width` columns of the screen, about equally wide."""
        for gap in (2, 1):
            if self._needs(self.groups, gap) <= width:
                return [self._lines(self.groups, gap, rule)]
        return [self._lines(part, 2, rule) for part in self._parts(width)]

    def _needs(self, groups: Iterable[Group], gap: int) -> int:
        return self.names.width + sum(group.width(gap) for group in groups)

    def _parts(self, width: int) -> list[list[Group]]:
        fewest = len(self._packed(width))
        narrow = (self._packed(limit) for limit in range(width // 2, width))
        return next((parts for parts in narrow if len(parts) == fewest), self._packed(width))

    def _packed(self, width: int) -> list[list[Group]]:
        """Return the groups of each table. A table is filled before the next one is begun."""
        parts: list[list[Group]] = [[]]
        for group in self.groups:
            if parts[-1] and self._needs([*parts[-1], group], 2) > width:
                parts.append([])
            parts[-1].append(group)
        return parts

    def _lines(self, groups: Sequence[Group], gap: int, rule: str) -> list[Text]:
        columns = [self.names, *(column for group in groups for column in group.columns)]
        line = Text(rule * self._needs(groups, gap), DIM)
        height = max(column.heading.count("\n") + 1 for column in columns)
        lines = [
            _line([c.heading_line(i, height) for c in columns], columns, gap, BOLD)
            for i in range(height)
        ]
        lines.append(line)
        for index, cells in enumerate(zip(*(column.cells for column in columns), strict=True)):
            lines.append(_line(cells, columns, gap))
            if index in self.breaks:
                lines.append(line)
        if any(column.foot for column in columns[1:]):
            lines += [line, _line([column.foot for column in columns], columns, gap, BOLD)]
        return lines


def _line(cells: Sequence[str], columns: Sequence[Column], gap: int, style: str = "") -> Text:
    padded = (column.padded(cell) for column, cell in zip(columns, cells, strict=True))
    return Text((" " * gap).join(padded).rstrip(), style)


def names_column(heading: str, names: Iterable[str], most: int, ellipsis: str) -> Column:
    """Return the column of names. A name wider than `most` columns of the screen is cut."""
    return Column(heading, [cut(name, most, ellipsis) for name in names], numeric=False)


def cut(name: str, most: int, ellipsis: str) -> str:
    """Return `name`, cut to at most `most` columns of the screen."""
    name = clean(name).replace("\n", " ")
    if cell_len(name) <= most:
        return name
    return set_cell_size(name, most - 1).rstrip() + ellipsis


def times_column(
    heading: str, values: Sequence[int | None], unit: str, most: int, foot: int | None = None
) -> Column:
    """Return a column of times (ns) in `unit`, all with as many decimals as needed, at most `most`.

    The foot is a mean and rarely round: for it alone the column gets at most one decimal.
    """
    places = places_for([value for value in values if value is not None], unit, most)
    if foot is not None:
        places = max(places, places_for([foot], unit, min(1, most)))
    return Column(
        heading,
        [in_unit(value, unit, places) if value is not None else "" for value in values],
        in_unit(foot, unit, places) if foot is not None else "",
    )


def counts_column(heading: str, values: Iterable[object]) -> Column:
    """Return a column of counts or other short texts. None becomes an empty cell."""
    return Column(heading, ["" if value is None else str(value) for value in values])


def first_and_worst(costs: Sequence[int | None]) -> tuple[list[int], list[int]]:
    """Return the indices of the rows of a long table to show: the first, and the worst others.

    The worst row has the highest cost, and comes first. A row without a cost is a process that
    never ended; it counts as the worst.
    """
    first = list(range(KEPT))
    rest = range(KEPT, len(costs))

    def badness(index: int) -> tuple[bool, int]:
        cost = costs[index]
        return cost is None, cost or 0

    return first, sorted(rest, key=badness, reverse=True)[:KEPT]
