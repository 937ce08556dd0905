"""The JSON run document: written for both machines, read back by `compare` and by other programs.

Lists of many rows are columns of equal length, so `pandas.DataFrame(run["intervals"])` works.
The document is written column by column, which takes about a microsecond for each interval.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from kernel.errors import UsageError
from kernel.files.reading import lines
from kernel.files.writing import save
from kernel.process.waits_for import WaitsFor
from timeline.files import decisions
from timeline.files.limits import UNBOUNDED, Limits, reading, rows_in, too_many_rows
from timeline.files.newer_fields import Remark, tell_newer_fields
from timeline.files.reading import RUN, RUNS, read_run
from timeline.files.writing import interval_columns, row_of, rows_as_columns, to_json
from timeline.memory import occupancy
from timeline.record.run import (
    Divergence,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    Run,
)
from translation import tr

__all__ = ["RUN", "RUNS", "load", "read_run", "save", "write_run", "write_runs"]


def is_stream(path: Path) -> bool:
    """Return whether the file is one of `timeline.files.streaming`, by its name."""
    return path.name.endswith((".jsonl", ".jsonl.gz"))


def write_run(run: Run, stream: TextIO) -> None:
    """Write the run as one JSON object."""
    for piece in _pieces(run):
        stream.write(piece)
    stream.write("\n")


def write_runs(runs: Sequence[Run], comparison: Mapping[str, Any] | None, stream: TextIO) -> None:
    """Write several runs, and the JSON of their comparison (or null), as one JSON object."""
    stream.write(f'{{"format":"{RUNS}","runs":[')
    for number, run in enumerate(runs):
        stream.write(",\n" if number else "\n")
        for piece in _pieces(run):
            stream.write(piece)
    stream.write(f'],\n"comparison":{to_json(comparison)}}}\n')


# -- writing ----------------------------------------------------------------------------------


def _pieces(run: Run) -> Iterator[str]:
    head = {
        "format": RUN,
        "backend": run.backend,
        "scenario": dict(run.scenario),
        "scheduler": dict(run.scheduler),
        "machine": dict(run.machine),
        "stopped": run.stopped,
        **({"stuck": run.stuck} if run.stuck else {}),
        "makespan_ns": run.makespan_ns,
        "cores": [asdict(core) for core in run.cores],
        "averages": asdict(run.averages),
        "memory": occupancy.to_json(run),
    }
    yield to_json(head)[:-1]
    yield ',\n"processes":['
    for number, row in enumerate(run.processes):
        yield (",\n" if number else "\n") + to_json(row_of(row))
    yield '],\n"intervals":{'
    names = [to_json(name) for name in run.process_names]
    columns, cores = run.intervals.columns(), len(run.cores)
    yield from interval_columns(columns, names, run.device_names, cores, gap="\n")
    yield "}"
    for name, kind, rows in (
        ("overheads", Overhead, run.overheads),
        ("memory_events", MemoryEvent, run.memory_events),
        ("life", LifecycleEvent, run.lifecycle),
        ("observations", Observation, run.observations),
    ):
        yield f',\n"{name}":{to_json(rows_as_columns(kind, rows))}'
    if run.deadlock:
        yield f',\n"deadlock":{to_json(rows_as_columns(WaitsFor, run.deadlock))}'
    if run.divergences:
        yield f',\n"divergences":{to_json(rows_as_columns(Divergence, run.divergences))}'
    if run.decisions is not None:
        yield f',\n"decisions":{to_json(decisions.columns(run.decisions))}'
    yield f',\n"expectations":{to_json([asdict(row) for row in run.expectations])}}}'


# -- reading ----------------------------------------------------------------------------------


def load(path: Path, limits: Limits = UNBOUNDED, remark: Remark = lambda _text: None) -> list[Run]:
    """Return the runs of a saved document, one or several.

    `remark` is told of fields that a newer version has written, and which are left aside.
    Raises UsageError if the file is not a run document or is larger than `limits` allow, or if a
    record breaks a law that its machine cannot break (`timeline.files.consistency`).
    """
    from timeline.files.consistency import require_sound

    if is_stream(path):
        from timeline.files.stream_reading import load_stream

        return [load_stream(path, limits, remark)]
    document = _parsed(path, limits)
    kind = document.get("format") if isinstance(document, dict) else None
    if kind not in (RUN, RUNS):
        raise UsageError(
            tr(
                '{file}: is not a saved run (its "format" is {found!r}, not "{wanted}")',
                file=path,
                found=kind,
                wanted=RUN,
            )
        )
    documents = document.get("runs") if kind == RUNS else [document]
    if not isinstance(documents, list) or not documents:
        raise UsageError(tr("{file}: runs: must be a list of at least one run", file=path))
    if sum(map(rows_in, documents)) > limits["rows"]:
        raise too_many_rows(path, limits)
    try:
        runs = [read_run(each) for each in documents]
    except (ValueError, OverflowError) as error:
        raise UsageError(tr("{file}: is a damaged run: {why}", file=path, why=error)) from None
    tell_newer_fields(path, documents, remark)
    for index, run in enumerate(runs):
        require_sound(run, f"{path}: runs[{index}]" if kind == RUNS else str(path))
    return runs


def _parsed(path: Path, limits: Limits) -> Any:
    with reading(path, limits) as stream:
        content = b"".join(lines(stream, limits["run_size"]))
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except UnicodeDecodeError:
        raise UsageError(
            tr("{file}: is not UTF-8 text, so it is not a saved run", file=path)
        ) from None
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise UsageError(
            tr("{place}: is not JSON ({why}), so not a saved run", place=place, why=error.msg)
        ) from None
    except RecursionError:
        raise UsageError(tr("{file}: is nested too deeply to be a saved run", file=path)) from None
    except ValueError as error:
        raise UsageError(tr("{file}: is not a saved run: {why}", file=path, why=error)) from None


def _no_number(word: str) -> None:
    raise ValueError(tr("{word} is not JSON", word=word))
