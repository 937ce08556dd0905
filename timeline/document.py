"""The JSON run document: written by both machines, read back by `compare` and by anyone else.

Lists of many rows are columns of equal length, so `pandas.DataFrame(run["intervals"])` works.
Writing goes column by column and costs about a microsecond an interval.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from kernel.errors import UsageError
from timeline import decisions, occupancy
from timeline.reading import RUN, RUNS, read_run
from timeline.run import LifeEvent, MemoryEvent, Observation, Overhead, Run
from timeline.writing import interval_columns, row_of, rows_as_columns, to_json

__all__ = ["RUN", "RUNS", "load", "read_run", "save", "write_run", "write_runs"]


def is_stream(path: Path) -> bool:
    """Does the name say that it is a file for `timeline.streaming`?"""
    return path.name.endswith((".jsonl", ".jsonl.gz"))


def write_run(run: Run, stream: TextIO) -> None:
    """The run as one JSON object."""
    for piece in _pieces(run):
        stream.write(piece)
    stream.write("\n")


def write_runs(runs: Sequence[Run], comparison: Mapping[str, Any] | None, stream: TextIO) -> None:
    """Several runs and what their comparison says, if they were compared, as one JSON object."""
    stream.write(f'{{"format":"{RUNS}","runs":[')
    for number, run in enumerate(runs):
        stream.write(",\n" if number else "\n")
        for piece in _pieces(run):
            stream.write(piece)
    stream.write(f'],\n"comparison":{to_json(comparison)}}}\n')


def save(path: Path, write: Callable[[TextIO], None]) -> None:
    """Give `write` a stream whose content becomes the file at `path`, whole or not at all.

    Raises UsageError if it cannot be written there.
    """
    try:
        if path.exists() and not path.is_file():  # a pipe, a terminal, /dev/null
            with path.open("w", encoding="utf-8") as stream:
                write(stream)
            return
        name = path.with_name(f".{path.name}.{os.getpid()}")
        name.unlink(missing_ok=True)  # left by one that was killed and had our number
        try:
            with _open_unseen(name) as stream:
                write(stream)
                stream.flush()
                if not name.exists():
                    fd = stream.fileno()  # src_dir_fd makes Python follow the link, as asked
                    os.link(f"/proc/self/fd/{fd}", name, src_dir_fd=fd, follow_symlinks=True)
            name.replace(path)
        finally:
            name.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def _open_unseen(name: Path) -> TextIO:
    """A file in the folder of `name` that has no name yet, so that no death leaves it behind.

    Where the system has no such files it is `name` itself.
    """
    try:
        fd = os.open(name.parent, os.O_TMPFILE | os.O_WRONLY, 0o666)
    except (OSError, AttributeError):
        return name.open("w", encoding="utf-8")
    return os.fdopen(fd, "w", encoding="utf-8")


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
        ("life", LifeEvent, run.life),
        ("observations", Observation, run.observations),
    ):
        yield f',\n"{name}":{to_json(rows_as_columns(kind, rows))}'
    if run.decisions is not None:
        yield f',\n"decisions":{to_json(decisions.columns(run.decisions))}'
    yield f',\n"expectations":{to_json([asdict(row) for row in run.expectations])}}}'


# -- reading ----------------------------------------------------------------------------------


def load(path: Path) -> list[Run]:
    """The runs of a saved document: one, or several. Raises UsageError for anything else.

    That is also what breaks a law that it cannot have broken: see `timeline.soundness`.
    """
    from timeline.soundness import require_sound

    if is_stream(path):
        from timeline.streaming import load_stream

        return [load_stream(path)]
    document = _parsed(path)
    kind = document.get("format") if isinstance(document, dict) else None
    if kind not in (RUN, RUNS):
        raise UsageError(f'{path}: is not a saved run (its "format" is {kind!r}, not "{RUN}")')
    documents = document.get("runs") if kind == RUNS else [document]
    if not isinstance(documents, list) or not documents:
        raise UsageError(f"{path}: runs: must be a list of at least one run")
    try:
        runs = [read_run(each) for each in documents]
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{path}: is a damaged run: {error}") from None
    for index, run in enumerate(runs):
        require_sound(run, f"{path}: runs[{index}]" if kind == RUNS else str(path))
    return runs


def _parsed(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text, so it is not a saved run") from None
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}:{error.lineno}:{error.colno}: is not JSON ({error.msg}), so not a saved run"
        ) from None
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply to be a saved run") from None
    except ValueError as error:
        raise UsageError(f"{path}: is not a saved run: {error}") from None


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not JSON")
