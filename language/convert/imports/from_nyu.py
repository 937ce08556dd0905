"""The process list of NYU's scheduling exercise: arrival, total CPU time, CPU burst, I/O burst.

The length of each burst is drawn: 1 + r mod (CPU burst), and likewise of the I/O behind it. The
number r comes from the file of random numbers that the course gives out (--numbers FILE; its
first number says how many there are), or from Python's generator with seed 0. The exercise draws
in the order of its simulation; here a process makes all its draws, then the next one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

from language.convert.imports.cells import rows_of
from language.convert.imports.draft import Draft, DraftProcess, Step
from language.convert.imports.folding import fold
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source, opened
from language.source.wording import got
from translation import tr

_MOST = 10**9
_MOST_BURSTS = 10_000  # of one process
_LARGEST = 1 << 31  # of the generator's numbers


def read_nyu(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of NYU's process list. Raises ScenarioError with the place."""
    _, rows = rows_of(source, source.text())
    if not rows:
        source.fail(
            None, None, tr("has no processes: arrival, total CPU time, CPU burst, I/O burst")
        )
    numbers, whence = _numbers(options)
    draft = Draft("", [f"NYU's process list; its draws come from {whence}"], {"time_unit": "1ms"})
    draft.remarks.append("its times count the time_unit, 1ms")
    for row in rows[: options.first]:
        values = []
        for cell in row:
            if not (cell.text.isascii() and cell.text.isdecimal() and int(cell.text) <= _MOST):
                wanted = got(tr("a whole number from 0 to {most:,}", most=_MOST), cell.text)
                source.complain(cell.line, cell.column, wanted)
            else:
                values.append(int(cell.text))
        if len(values) != 4 or 0 in values[1:]:
            wanted = tr(
                "must be four numbers: arrival, and above 0 total CPU time, CPU burst and I/O burst"
            )
            source.complain(row[0].line, row[0].column, wanted)
        elif values[1] // values[2] > _MOST_BURSTS:
            source.complain(
                row[0].line, row[0].column, tr("has more than {most:,} bursts", most=_MOST_BURSTS)
            )
        else:
            draft.processes.append(_process(f"P{len(draft.processes)}", values, numbers))
    source.check()
    return draft


def _process(name: str, values: list[int], draw: Callable[[], int]) -> DraftProcess:
    arrival, total, cpu, io = values
    steps: list[Step] = []
    while total:
        burst = min(total, 1 + draw() % cpu)
        total -= burst
        steps.append({"cpu": burst})
        if total:
            steps.append({"io": 1 + draw() % io})
    return DraftProcess(name, {"arrival": arrival}, fold(steps))


def _numbers(options: ImportOptions) -> tuple[Callable[[], int], str]:
    """Return the function that draws, and where its numbers come from, in words."""
    if options.numbers is None:
        generator = random.Random(0)
        return lambda: int(generator.random() * _LARGEST), "Python's generator, seed 0"
    drawn = cycle(_read_numbers(options.numbers, options.limit("file_size")))
    return lambda: next(drawn), options.numbers.name


def _read_numbers(path: Path, largest: int) -> Iterator[int]:
    with opened(path, largest) as source:
        words = source.text().split()
    for number, word in enumerate(words):
        if not (word.isascii() and word.isdecimal() and int(word[:20]) <= _LARGEST):
            source.fail(
                None,
                None,
                tr(
                    "number {number}: {mistake}",
                    number=number + 1,
                    mistake=got(tr("a whole number"), word),
                ),
            )
    if len(words) < 2:
        source.fail(None, None, tr("has no random numbers: how many there are, then the numbers"))
    return iter([int(word) for word in words[1:]])
