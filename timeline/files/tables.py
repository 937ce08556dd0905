"""The record as tidy tables: a row for each fact, a column for each value, named with its unit.

`multiprog … --csv DIR` writes them to files, and `to_pandas` gives them to pandas. The first column
of each table is `run`, so that one table can hold several runs and be grouped by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, fields, is_dataclass
from functools import partial
from typing import Any, NamedTuple

from kernel.process.states import WHYS
from timeline.files.reading import STATES
from timeline.memory.occupancy import MemoryState, memory_states
from timeline.record.latencies import KINDS, STATISTICS, latencies, over_all, summary
from timeline.record.run import (
    CoreRow,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    ProcessRow,
    Run,
)

Columns = dict[str, Sequence[Any]]
"""Names and values of columns of equal length. None: it never happened, or does not apply."""
Row = tuple[Any, ...]


class TableRows(NamedTuple):
    """The rows of one run in a table. `rows` makes them one by one when it is called."""

    columns: Sequence[str]
    rows: Callable[[], Iterable[Row]]


class Table(NamedTuple):
    """One table. Its rows are made each time they are asked for, and not kept."""

    name: str
    names: Sequence[str]  # of the columns
    parts: Sequence[tuple[str, TableRows]]  # the label of each run, and its rows

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, one after another, values in the order of `names`."""
        for label, part in self.parts:
            for row in part.rows():
                yield label, *row

    @property
    def columns(self) -> Columns:
        """The whole table at once, as lists of equal length."""
        columns = list(map(list, zip(*self.rows, strict=True))) or [[] for _ in self.names]
        return dict(zip(self.names, columns, strict=True))


TABLES = (
    *("runs", "processes", "intervals", "cores", "jobs", "decisions", "ready"),
    *("overheads", "memory", "life", "observations", "occupancy", "expectations", "latencies"),
)
"""The names of all tables."""

_UNITS = {"base": "base_bytes", "size": "size_bytes", "requested": "requested_bytes"}
_UNITS |= {name: f"{name}_bytes" for name in ("allocated", "free", "largest_hole")}


def labels(runs: Sequence[Run]) -> list[str]:
    """Return the value of the column `run` for each run: its machine, its policy, or its number.

    It is the first of these that is different for all runs.
    """
    for words in (
        [run.backend for run in runs],
        [str(run.scheduler.get("policy")) for run in runs],
    ):
        if len(set(words)) == len(words):
            return words
    return [str(number + 1) for number in range(len(runs))]


def tables(runs: Sequence[Run]) -> list[Table]:
    """Return all tables of these runs. A table without rows has its columns, too."""
    names = labels(runs)
    parts = [_parts(run) for run in runs]
    return [
        Table(
            table,
            ("run", *parts[0][table].columns),
            [(name, each[table]) for name, each in zip(names, parts, strict=True)],
        )
        for table in TABLES
    ]


def _parts(run: Run) -> dict[str, TableRows]:
    """Return the parts of each table, without the column `run`."""
    return {
        "runs": _of_run(run),
        "processes": _processes(run),
        "intervals": TableRows(_INTERVALS, partial(_intervals, run)),
        "cores": _records(run.cores, CoreRow),
        "jobs": TableRows(_JOBS, partial(_jobs, run)),
        "decisions": TableRows(_DECISIONS, partial(_decisions, run)),
        "ready": TableRows(_READY, partial(_ready, run)),
        "overheads": _tuples(Overhead, lambda: run.overheads),
        "memory": _tuples(MemoryEvent, partial(_memory, run)),
        "life": _tuples(LifecycleEvent, lambda: run.lifecycle),
        "observations": _tuples(Observation, partial(_single, run.observations)),
        "occupancy": _tuples(MemoryState, partial(memory_states, run)),
        "expectations": TableRows(_EXPECTATIONS, partial(_expectations, run)),
        "latencies": TableRows(_LATENCIES, partial(_latencies, run)),
    }


def _of_run(run: Run) -> TableRows:
    memory = run.machine.get("memory")
    averages = {
        f"mean_{name}" if name.endswith("_ns") else name: value
        for name, value in (
            (field.name, getattr(run.averages, field.name)) for field in fields(run.averages)
        )
    }
    row = {
        "backend": run.backend,
        "policy": run.scheduler.get("policy"),
        "title": run.scenario.get("title"),
        "file": run.scenario.get("file"),
        "seed": run.scenario.get("seed"),
        "cores": len(run.cores),
        "memory_bytes": memory.get("size") if isinstance(memory, Mapping) else None,
        "makespan_ns": run.makespan_ns,
        **averages,
        "stopped": run.stopped,
    }
    return TableRows(tuple(row), lambda: [tuple(row.values())])


def _processes(run: Run) -> TableRows:
    fields_ = [field.name for field in fields(ProcessRow)]
    plain = [name for name in fields_ if name not in ("name", "memory", "jobs")]
    places = ("base", "size", "requested")

    def rows() -> Iterator[Row]:
        for row in run.processes:
            memory = row.memory
            place = [None if memory is None else getattr(memory, name) for name in places]
            yield row.name, *(getattr(row, name) for name in plain), *place

    return TableRows(("process", *plain, *(f"memory_{name}_bytes" for name in places)), rows)


_INTERVALS = ("process", "state", "start_ns", "end_ns", "core", "device", "why")


def _intervals(run: Run) -> Iterator[Row]:
    process, state, start, end, core, device, why = run.intervals.columns()
    devices = [*run.device_names, None]  # the index -1 (no device) is the last entry
    cores = [*range(len(run.cores)), None]
    return zip(
        map(run.process_names.__getitem__, process),
        map(STATES.__getitem__, state),
        start,
        end,
        map(cores.__getitem__, core),
        map(devices.__getitem__, device),
        map(WHYS.__getitem__, why),
        strict=True,
    )


_JOBS = ("process", "job", "release_ns", "deadline_ns", "completion_ns", "dropped_ns")


def _jobs(run: Run) -> Iterator[Row]:
    for row in run.processes:
        for number, job in enumerate(row.jobs or ()):
            times = job["release_ns"], job["deadline_ns"], job["completion_ns"]
            yield row.name, number, *times, job.get("dropped_ns")


_DECISIONS = ("decision", "at_ns", "core", "event", "process", "rule")


def _decisions(run: Run) -> Iterator[Row]:
    for number, each in enumerate(run.decisions or ()):
        yield number, each.at_ns, each.core, each.event, each.process, each.rule


_READY = ("decision", "place", "process", "key", "value")


def _ready(run: Run) -> Iterator[Row]:
    """Yield the ready queue at each decision, in order.

    A process has a row for each of its keys, or one row without a key.
    """
    for number, each in enumerate(run.decisions or ()):
        for place, (name, keys) in enumerate(each.ready):
            for key, value in keys.items() or [(None, None)]:
                yield number, place, name, key, value


_EXPECTATIONS = ("what", "wanted", "got", "holds")


def _expectations(run: Run) -> Iterator[Row]:
    for each in run.expectations:
        yield each.what, each.wanted, each.got, each.holds


_LATENCIES = ("process", "latency", "count", *(f"{name}_ns" for name in STATISTICS))


def _latencies(run: Run) -> Iterator[Row]:
    """Yield the statistics of each kind of latency: over all (process None), then by process."""
    each = latencies(run)
    names = [None, *run.process_names]
    for name, found in zip(names, [over_all(each), *each], strict=True):
        for kind in KINDS:
            of_kind = summary(found.of(kind))
            if of_kind is not None:
                yield name, kind, *astuple(of_kind)


def _memory(run: Run) -> Iterator[Row]:
    """Yield the memory events. A base or size of -1, which means nowhere, becomes None."""
    for at, event, process, base, size in run.memory_events:
        yield at, event, process, None if base == -1 else base, None if size == -1 else size


def _single(observations: Iterable[Any]) -> Iterator[Any]:
    """Yield the observations. One with several values is split: psutil.rss, psutil.threads."""
    for each in observations:
        if isinstance(each.value, Mapping):
            for name, value in each.value.items():
                yield each._replace(name=f"{each.name}.{name}", value=value)
        else:
            yield each


def _tuples(kind: Any, rows: Callable[[], Iterable[Row]]) -> TableRows:
    """Return the part of a table whose rows are named tuples."""
    return TableRows([_UNITS.get(name, name) for name in kind._fields], rows)


def _records(rows: Sequence[Any], kind: Any) -> TableRows:
    """Return the part of a table whose rows are dataclasses."""
    names = [field.name for field in fields(kind)]
    return TableRows(names, lambda: (tuple(getattr(row, name) for name in names) for row in rows))


def cell(value: object) -> object:
    """Return a value as a cell of a text table. Lists, objects and truth values become JSON.

    None stays None, which a CSV writer writes as an empty cell. Numbers stay numbers. Text that a
    spreadsheet would take for a formula gets an apostrophe before it.
    """
    kind = type(value)
    if isinstance(value, str):
        return f"'{value}" if value[:1] in _FORMULAS else value
    if value is None or kind is int or kind is float:
        return value
    plain = vars(value) if is_dataclass(value) else value
    return json.dumps(plain, default=str)


_FORMULAS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""Characters with which a formula begins in some spreadsheet. The last four are full-width."""
