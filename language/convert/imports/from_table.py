"""A table of processes, as spreadsheets save it or a person types it.

The headings say what the columns are (`headings.py`). Without headings the usual order holds: name,
arrival, burst, priority, memory. Columns of bursts and I/O make the program in their order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import islice

from language.convert.imports import headings
from language.convert.imports.cells import BLANKS, Cell, Row, rows_of
from language.convert.imports.draft import Draft, DraftProcess, Value, usable_name
from language.convert.imports.headings import LEFT_OUT, Heading, heading_of
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from language.convert.imports.values import (
    Burst,
    bursts,
    clock_minutes,
    core,
    duration,
    is_number,
    normal,
    plain_number,
    size,
    whole,
)
from language.source.wording import got, shown, unknown
from translation import tr

_USUAL = (headings.NAME, headings.ARRIVAL, headings.BURST, headings.PRIORITY, headings.MEMORY)
"""The order of columns without headings."""
_SUMMARIES = ["average", "avg", "mean", "total", "sum", "平均", "平均值", "合计", "总计"]
_SEPARATORS = {"\t": "tabs", ";": "semicolons", ",": "commas", "|": "|", BLANKS: "blanks"}
_READERS: dict[str, tuple[str, Callable[[Cell, str | None], Value]]] = {
    headings.ARRIVAL: ("arrival", duration),
    headings.MEMORY: ("memory", size),
    headings.PRIORITY: ("priority", whole(-(10**9), 10**9)),
    headings.NICE: ("nice", whole(-20, 19)),
    headings.TICKETS: ("tickets", whole(1, 10**9)),
    headings.CORE: ("cores", core),
    headings.PERIOD: ("period", duration),
    headings.DEADLINE: ("deadline", duration),
}
"""By meaning: the key of the scenario and the reader of a cell, in the order of the keys."""
MOST_MINUTES = 10**7
"""The largest number without a unit beside times of day."""
_SIZES_KNOWN = "memory is modelled when the machine has some: write machine: {memory: 64MiB}"


def read_table(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a table. Raises ScenarioError with the place of each mistake."""
    separator, rows = rows_of(source, source.text())
    if not rows:
        source.fail(None, None, tr("has no table: a row of headings and a row for each process"))
    rows = _upright(rows)
    columns, rows = _columns(source, options, rows)
    draft = Draft(
        "", [f"a table with {_SEPARATORS.get(separator, shown(separator))} between cells"]
    )
    _remark_columns(draft, columns, rows)
    table = _Table(source, draft, columns)
    for row in rows:
        if normal(row[0].text).lower().rstrip(":") in _SUMMARIES:
            draft.remarks.append(f"left out: line {row[0].line}, {shown(row[0].text)}")
        elif options.first is None or len(draft.processes) < options.first:
            table.add(row)
        else:
            draft.remarks.append(f"left out: all rows after the first {options.first}")
            break
    table.finish()
    source.check()
    return draft


def _upright(rows: Sequence[Row]) -> list[Row]:
    """Return the rows; of a table whose headings stand in the first column, its columns."""
    across = [heading_of(row[0].text).meaning for row in rows]
    down = [heading_of(cell.text).meaning for cell in rows[0]]
    known = [meaning for meaning in across if meaning is not None]
    if len(rows) < 2 or len(known) != len(rows) or sum(each is not None for each in down) > 1:
        return list(rows)
    width = max(map(len, rows))
    return [
        [row[i] if i < len(row) else Cell("", row[0].line, 1) for row in rows] for i in range(width)
    ]


def _columns(
    source: Source, options: ImportOptions, rows: list[Row]
) -> tuple[list[Heading], list[Row]]:
    """Return what each column is, and the rows below the headings. Raises ScenarioError."""
    first = rows[0]
    written = [heading_of(cell.text) for cell in first]
    has_headings = any(each.meaning for each in written) and not any(
        is_number(cell.text) for cell in first[1:]
    )
    rows = rows[1:] if has_headings else rows
    if options.columns:
        columns = [_asked(source, name) for name in options.columns]
    elif has_headings:
        columns = written
    elif any(is_number(cell.text) for cell in first):
        columns = _usual(source, rows)
    else:
        cell = first[0]
        message = tr(
            "no heading here is known; write process, arrival time, burst time, priority; "
            "or give --columns name,arrival,burst"
        )
        source.fail(cell.line, cell.column, message)
    meanings = [each.meaning for each in columns]
    if headings.BURST not in meanings:
        source.fail(
            first[0].line, first[0].column, tr("there is no column of burst times (CPU time)")
        )
    for meaning in set(meanings) - {None, LEFT_OUT, headings.BURST, headings.IO}:
        if meanings.count(meaning) > 1:
            cell = first[len(meanings) - 1 - meanings[::-1].index(meaning)]
            source.complain(
                cell.line, cell.column, tr("a second column of {meaning}", meaning=meaning)
            )
    source.check()
    return columns, rows


def _asked(source: Source, name: str) -> Heading:
    """Return the column that an entry of --columns names; `-` is a column to leave out."""
    if name.strip() in ("-", ""):
        return Heading(LEFT_OUT, None)
    heading = heading_of(name)
    if heading.meaning is None:
        message = unknown(tr("column"), name, headings.MEANINGS)
        source.fail(None, None, f"--columns: {message}")
    return heading


def _usual(source: Source, rows: Sequence[Row]) -> list[Heading]:
    """Return the columns of a table without headings. Raises ScenarioError if it is not clear."""
    first, width = rows[0], len(rows[0])
    named = not is_number(first[0].text)
    usual: Sequence[str] = _USUAL if named else _USUAL[1:]
    if named and width == 2:
        usual = (headings.NAME, headings.BURST)
    if width > len(usual) or (not named and width > 2):
        source.fail(
            first[0].line,
            first[0].column,
            tr(
                "{width} columns without headings: say what they are, like --columns "
                "arrival,priority,burst,memory, or --from bursts or nyu",
                width=width,
            ),
        )
    return [Heading(meaning, None) for meaning in islice(usual, width)]


def _remark_columns(draft: Draft, columns: Sequence[Heading], rows: Sequence[Row]) -> None:
    """Say what was understood of the columns, and what is left out."""
    meanings = [each.meaning or "?" for each in columns]
    draft.remarks.append(f"columns: {', '.join(meanings)}")
    if headings.PRIORITY in meanings:
        draft.remarks.append(
            "priority: the smaller number is the more important; where the table means the larger, "
            "write scheduler: {policy: priority, highest: large}"
        )
    if headings.MEMORY in meanings:
        draft.remarks.append(_SIZES_KNOWN)
    if not rows:
        draft.remarks.append("the table has no rows")


class _Table:
    """The processes of a table, row by row."""

    def __init__(self, source: Source, draft: Draft, columns: Sequence[Heading]) -> None:
        self._source, self._draft, self._columns = source, draft, columns
        self._lines: dict[str, int] = {}  # by name: the line of the process
        self._clocks: list[Decimal | None] = []  # of each process: minutes since midnight
        self._bare = False  # a time has no unit

    def add(self, row: Row) -> None:
        """Add the process of a row, or note the row's mistakes."""
        number = len(self._draft.processes) + 1
        process, made, keys = DraftProcess(f"P{number}"), list[Burst](), dict[str, Value]()
        clock = None
        self._check_width(row)
        for column, cell in zip(self._columns, row, strict=False):
            if not cell.text or column.meaning in (None, LEFT_OUT):
                continue
            try:
                if column.meaning == headings.NAME:
                    process.name = self._name(cell)
                elif column.meaning in (headings.BURST, headings.IO):
                    io = column.meaning == headings.IO
                    made += bursts(cell, column.unit, starts_with_io=io)
                elif column.meaning == headings.ARRIVAL and clock_minutes(cell.text) is not None:
                    clock = clock_minutes(cell.text)
                else:
                    assert column.meaning is not None
                    key, read = _READERS[column.meaning]
                    keys[key] = read(cell, column.unit)
            except ValueError as error:
                self._complain(cell, f"{column.meaning}: {error}")
        if not made and not self._source.problems:
            self._complain(row[0], tr("the process needs a CPU burst above 0"))
        if (line := self._lines.setdefault(process.name, row[0].line)) != row[0].line:
            self._complain(
                row[0],
                tr(
                    "the name {name} is that of line {line}, too",
                    name=shown(process.name),
                    line=line,
                ),
            )
        process.keys = {key: keys[key] for key, _ in _READERS.values() if key in keys}
        process.program = [each.step for each in made]
        self._clocks.append(clock)
        self._draft.processes.append(process)

    def _check_width(self, row: Row) -> None:
        """Note a mistake at the first filled cell that is in no column."""
        for extra in row[len(self._columns) :]:
            if extra.text:
                many = len(self._columns)
                message = tr("the row has more cells than the {columns} columns", columns=many)
                self._complain(extra, message)
                break

    def _complain(self, cell: Cell, message: str) -> None:
        self._source.complain(cell.line, cell.column, message)

    def _name(self, cell: Cell) -> str:
        if usable_name(cell.text, "") != cell.text:
            raise ValueError(got(tr("a name of 1 to 100 printable characters"), cell.text))
        return cell.text

    def finish(self) -> None:
        """Give what the rows have in common: names of numbers, times of day, the time unit."""
        processes, draft = self._draft.processes, self._draft
        if not processes and not self._source.problems:
            self._source.fail(None, None, tr("the table has no rows of processes"))
        if processes and all(each.name.isdecimal() for each in processes):
            for process in processes:
                process.name = f"P{process.name}"
        self._write_cores()
        bare_unit = "1ms"
        if any(clock is not None for clock in self._clocks):
            bare_unit = "1min"
            self._count_from_the_first()
            if any(time > MOST_MINUTES for each in processes for time in _bare_times(each)):
                self._source.complain(None, None, tr("a time in minutes is too large"))
        if any(time for each in processes for time in _bare_times(each)):
            draft.remarks.append(f"times without a unit count the time_unit, {bare_unit}")
            draft.sections["time_unit"] = bare_unit

    def _write_cores(self) -> None:
        """Give the machine as many cores as the table names."""
        written = [process.keys.get("cores", []) for process in self._draft.processes]
        numbers = [int(number) for cores in written for number in re.findall(r"\d+", str(cores))]
        if numbers:
            self._draft.sections["machine"] = {"cores": 1 + max(numbers)}

    def _count_from_the_first(self) -> None:
        """Write arrivals that are times of day as minutes since the first one."""
        told = [clock for clock in self._clocks if clock is not None]
        first = min(told)
        self._draft.remarks.append(
            f"arrivals are times of day, counted from {int(first) // 60}:{int(first) % 60:02d}"
        )
        for clock, process in zip(self._clocks, self._draft.processes, strict=True):
            if clock is not None:
                minutes = plain_number(clock - first)
                process.keys = {"arrival": f"{minutes}min" if minutes else 0, **process.keys}


def _bare_times(process: DraftProcess) -> list[int | Decimal]:
    """Return the times without a unit."""
    times = [process.keys.get(key) for key in ("arrival", "period", "deadline")]
    times += [next(iter(step.values())) for step in process.program]
    return [time for time in times if isinstance(time, (int, Decimal))]
