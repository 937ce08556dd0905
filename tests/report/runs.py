"""Small runs made by hand, for tests of reports."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from rich.console import Console

from kernel.process.states import BLOCKED, NEW, READY, RUNNING
from tests.timeline.gantt import make, why
from timeline.record.intervals import Interval
from timeline.record.run import Averages, Run

MS = 1_000_000
Row = tuple[str, str, float, float]
"""(process, state, start ms, end ms) on core 0; a state like `running1` is on core 1."""


def make_run(rows: Iterable[Row], names: Sequence[str] = (), **changes: Any) -> Run:
    """Return a run of these intervals. Processes are in the order of `names`, then of `rows`."""
    rows = list(rows)
    names = list(dict.fromkeys([*names, *(row[0] for row in rows)]))
    made = [row for at, name in enumerate(names) for row in _track(at, name, rows)]
    cores = 1 + max((row.core for row in made), default=0)
    run = make(
        names,
        made,
        machine={"cores": max(cores, 1), "memory": None, "devices": {}, "costs": {}},
        scheduler={"policy": "rr", "quantum": 20 * MS, "ties": "arrival-first"},
    )
    run = replace(
        run,
        scenario={"title": "A title", "about": "Look here.", "file": "x.yaml", "seed": 7},
        averages=Averages(None, None, None, 1.0, 0.5),
    )
    return replace(run, **changes)


def _track(process: int, name: str, rows: Sequence[Row]) -> Iterator[Interval]:
    """Yield the intervals of one process."""
    own = [row for row in rows if row[0] == name]
    for row, following in zip_longest(own, own[1:]):
        _, word, start, end = row
        cell = _cell(word)
        core = int(cell) if cell.isdigit() else -1
        times = round(start * MS), round(end * MS)
        ended = why(cell, _cell(following[1]) if following else "")
        yield Interval(process, _STATE[word.rstrip("0123456789")], *times, core, -1, ended)


def _cell(word: str) -> str:
    """Return the character with which `gantt` draws a state."""
    return _CELLS.get(word) or word.removeprefix("running") or "0"


_CELLS = {"ready": ".", "blocked": "-", "new": "w"}
_STATE = {"ready": READY, "blocked": BLOCKED, "new": NEW, "running": RUNNING}


def alternating(count: int, length: float = 10) -> Run:
    """Return a run of `count` processes, one after another on one core: job-1, job-2 and so on."""
    rows: list[Row] = []
    for i in range(count):
        rows += [
            (f"job-{i + 1}", "ready", 0, i * length),
            (f"job-{i + 1}", "running", i * length, (i + 1) * length),
        ]
    return make_run([row for row in rows if row[3] > row[2]])


class _File(io.StringIO):
    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding


def piped(width: int = 80, encoding: str = "utf-8") -> Console:
    """Return a console that writes to memory like to a pipe."""
    return Console(file=_File(encoding), width=width, color_system=None, force_terminal=False)


def printed(console: Console) -> str:
    """Return the text that was printed on a console of `piped`."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()
