"""The record as tidy tables: a row for each fact, a column for each part of it, with its unit.

`multiprog … --csv DIR` writes them, `to_pandas` hands them to pandas. Each table begins with the
column `run`, so that several runs lie in one table and are told apart by a group-by.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Any, NamedTuple, get_args, get_origin

from kernel.process import WHYS
from timeline import shapes
from timeline.occupancy import Moment, moments
from timeline.reading import STATES
from timeline.run import CoreRow, MemoryEvent, ProcessRow, Run

Columns = dict[str, Sequence[Any]]
"""Name to values, all equally long. None: it never happened, or does not apply."""


class Table(NamedTuple):
    """One table. `columns` are equally long."""

    name: str
    columns: Columns

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """One after another, values in the order of the columns."""
        return zip(*self.columns.values(), strict=True)


_UNITS = {"base": "base_bytes", "size": "size_bytes", "requested": "requested_bytes"}
_UNITS |= {name: f"{name}_bytes" for name in ("allocated", "free", "largest_hole")}
_NAMES = {"memory_events": "memory"}
"""Tables that are called otherwise than the record calls them."""


def labels(runs: Sequence[Run]) -> list[str]:
    """What tells the runs apart in the column `run`: the machine, the policy, or else a number."""
    for words in (
        [run.backend for run in runs],
        [str(run.scheduler.get("policy")) for run in runs],
    ):
        if len(set(words)) == len(words):
            return words
    return [str(number + 1) for number in range(len(runs))]


def tables(runs: Sequence[Run]) -> list[Table]:
    """All tables of these runs; a table without rows has its columns all the same."""
    names = labels(runs)
    parts = [_tables(run) for run in runs]
    return [Table(table, _joined(names, [each[table] for each in parts])) for table in parts[0]]


def _joined(names: Sequence[str], parts: Sequence[Columns]) -> Columns:
    columns: dict[str, None] = {}
    for part in parts:
        columns |= dict.fromkeys(part)
    lengths = [len(next(iter(part.values()))) for part in parts]
    found: Columns = {
        "run": [n for n, length in zip(names, lengths, strict=True) for _ in range(length)]
    }
    for column in columns:
        cells = (
            part.get(column, [None] * length) for part, length in zip(parts, lengths, strict=True)
        )
        found[column] = list(chain.from_iterable(cells))
    return found


def _tables(run: Run) -> dict[str, Columns]:
    """Without the column `run`. Lists of rows that the record has are taken as they are found."""
    return {
        "runs": _of_run(run),
        "processes": _processes(run),
        "intervals": _intervals(run),
        "cores": _records(run.cores, CoreRow),
        "jobs": _jobs(run),
        "decisions": _decisions(run),
        "ready": _ready(run),
        **_events(run),
        "occupancy": _columns(Moment, moments(run)),
        "expectations": _expectations(run),
    }


def _of_run(run: Run) -> Columns:
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
    return {name: [value] for name, value in row.items()}


def _processes(run: Run) -> Columns:
    columns = _records(run.processes, ProcessRow)
    del columns["jobs"]  # a table of its own
    columns = {"process": columns.pop("name"), **columns}
    places = columns.pop("memory")
    for name in ("base", "size", "requested"):
        columns[f"memory_{name}_bytes"] = [place and getattr(place, name) for place in places]
    return columns


def _intervals(run: Run) -> Columns:
    rows = run.intervals
    processes, devices = run.process_names, [*run.device_names, None]  # -1 is the last: none
    return {
        "process": [processes[index] for index in rows.process],
        "state": [STATES[code] for code in rows.state],
        "start_ns": rows.start.tolist(),
        "end_ns": rows.end.tolist(),
        "core": [core if core >= 0 else None for core in rows.core],
        "device": [devices[index] for index in rows.device],
        "why": [WHYS[code] for code in rows.why],
    }


def _jobs(run: Run) -> Columns:
    rows = [
        (row.name, number, job["release_ns"], job["deadline_ns"], job["completion_ns"])
        for row in run.processes
        for number, job in enumerate(row.jobs or ())
    ]
    return _named(("process", "job", "release_ns", "deadline_ns", "completion_ns"), rows)


def _decisions(run: Run) -> Columns:
    rows = [
        (number, each.at_ns, each.core, each.event, each.process, each.rule)
        for number, each in enumerate(run.decisions or ())
    ]
    return _named(("decision", "at_ns", "core", "event", "process", "rule"), rows)


def _ready(run: Run) -> Columns:
    """Who was ready at each decision, in order: a row for each key that it had, or one for none."""
    rows = [
        (number, place, name, key, value)
        for number, each in enumerate(run.decisions or ())
        for place, (name, keys) in enumerate(each.ready)
        for key, value in (keys.items() or [(None, None)])
    ]
    return _named(("decision", "place", "process", "key", "value"), rows)


def _expectations(run: Run) -> Columns:
    rows = [(each.what, each.wanted, each.got, each.holds) for each in run.expectations]
    return _named(("what", "wanted", "got", "holds"), rows)


def _events(run: Run) -> dict[str, Columns]:
    """Every list of named tuples that the record has: overheads, memory, life, observations, …"""
    found: dict[str, Columns] = {}
    for name, hint in shapes.hints(Run).items():
        kinds = get_args(hint) if get_origin(hint) is list else ()
        if kinds and issubclass(kinds[0], tuple):
            rows = list(getattr(run, name))
            if name == "observations":
                rows = list(_single(rows))
            found[_NAMES.get(name, name)] = _columns(kinds[0], rows)
    return found


def _single(observations: Iterable[Any]) -> Iterator[Any]:
    """An observation of several values at once becomes one of each: psutil.rss, psutil.threads."""
    for each in observations:
        if isinstance(each.value, Mapping):
            for name, value in each.value.items():
                yield each._replace(name=f"{each.name}.{name}", value=value)
        else:
            yield each


def _columns(kind: Any, rows: Sequence[Any]) -> Columns:
    """Of named tuples. What is -1 for 'nowhere' in the record is None here."""
    columns = _named([_UNITS.get(name, name) for name in kind._fields], rows)
    if kind is MemoryEvent:
        for name in ("base_bytes", "size_bytes"):
            columns[name] = [None if value == -1 else value for value in columns[name]]
    return columns


def _named(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Columns:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return dict(zip(names, map(list, columns), strict=True))


def _records(rows: Sequence[Any], kind: Any) -> Columns:
    """Of dataclasses."""
    return {field.name: [getattr(row, field.name) for row in rows] for field in fields(kind)}


def cell(value: object) -> object:
    """A value as a cell of a text table: lists and objects as JSON, true and false in JSON's words.

    None stays None, which a CSV writer leaves empty.
    """
    if value is None or type(value) in (str, int, float):
        return value
    plain = vars(value) if is_dataclass(value) else value
    return json.dumps(plain, default=str)
