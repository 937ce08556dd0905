"""Lists of bursts without headings: name, arrival, then CPU and I/O in turn.

    P1 0 4 10 3          CPU 4, I/O 10, CPU 3
    A 0 3 10:5 2         priority 3, CPU 10, I/O 5, CPU 2

With pairs of CPU and I/O, a number between the arrival and the first pair is a priority.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from language.convert.imports.cells import Cell, rows_of
from language.convert.imports.draft import Draft, DraftProcess, Names, Step, Value, usable_name
from language.convert.imports.folding import fold
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from language.convert.imports.values import duration, is_zero, whole
from translation import mark, tr

LIST = re.compile(r"\s*\S+[\s,;]+\d+[\s,;]+(?:-?\d+[\s,;]+)?\d+:\d+(?![:\d])")
"""A line with pairs."""
_WANTED = mark("must be a name, an arrival, then CPU and I/O times in turn")
_PRIORITY = whole(-(10**9), 10**9)


class _BadCellError(ValueError):
    def __init__(self, cell: Cell, message: str) -> None:
        super().__init__(message)
        self.cell = cell


def read_bursts(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a list of bursts. Raises ScenarioError with the place."""
    _, rows = rows_of(source, source.text())
    if not rows:
        source.fail(None, None, tr("has no processes; each line {wanted}", wanted=tr(_WANTED)))
    draft = Draft("", ["a list of processes, their bursts of CPU and I/O in turn"])
    draft.sections["time_unit"] = "1ms"
    draft.remarks.append("times without a unit count the time_unit, 1ms")
    names = Names()
    for row in rows[: options.first]:
        cells = [cell for cell in row if cell.text]
        try:
            process = _process(cells)
        except _BadCellError as error:
            source.complain(error.cell.line, error.cell.column, str(error))
            continue
        process.name = names.unique(process.name)
        draft.processes.append(process)
    source.check()
    return draft


def _process(cells: Sequence[Cell]) -> DraftProcess:
    """Return the process of a line. Raises _BadCellError."""
    name = cells[0].text
    if len(cells) < 3:
        raise _BadCellError(cells[0], tr(_WANTED))
    name = f"P{name}" if name.isdecimal() else name
    if usable_name(name, "") != name:
        raise _BadCellError(cells[0], tr("must begin with a name of 1 to 100 printable characters"))
    keys: dict[str, Value] = {"arrival": _value(cells[1])}
    times = list(cells[2:])
    pairs = any(":" in cell.text for cell in times)
    if pairs and ":" not in times[0].text and len(times) > 1 and ":" in times[1].text:
        try:
            keys["priority"] = _PRIORITY(times.pop(0), None)
        except ValueError as error:
            raise _BadCellError(cells[2], str(error)) from None
    written = _of_pairs(times) if pairs else [(cell, i % 2 == 1) for i, cell in enumerate(times)]
    steps: list[Step] = []
    for cell, is_io in written:
        time = _value(cell)
        if not is_zero(time):
            steps.append({"io" if is_io else "cpu": time})
    if not steps:
        raise _BadCellError(cells[2], tr("the process needs a CPU burst above 0"))
    return DraftProcess(name, keys, fold(steps))


def _of_pairs(cells: Sequence[Cell]) -> list[tuple[Cell, bool]]:
    """Return each time with whether it is I/O. A time without `:` is CPU time."""
    found = []
    for cell in cells:
        cpu, colon, io = cell.text.partition(":")
        found.append((Cell(cpu, cell.line, cell.column), False))
        if colon:
            found.append((Cell(io, cell.line, cell.column + len(cpu) + 1), True))
    return found


def _value(cell: Cell) -> Value:
    try:
        return duration(cell, None)
    except ValueError as error:
        raise _BadCellError(cell, str(error)) from None
