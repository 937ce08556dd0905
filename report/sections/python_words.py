"""What a run says of Python itself: its start method and its interpreters, where they matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.process.interpreters import NO_LOCK, OWN_LOCKS
from timeline.record.run import Run
from translation import mark, tr

_MEANING = {
    NO_LOCK: mark("no interpreter lock, so its threads compute side by side"),
    OWN_LOCKS: mark("an interpreter with its own lock and variables for each thread"),
}


def python_lines(run: Run) -> Iterator[str]:
    """Yield a line for the start method, and one for each process with unusual interpreters."""
    life = run.machine.get("life")
    about: Mapping[str, Any] = life if isinstance(life, Mapping) else {}
    if (words := _start_method(run, about)) is not None:
        yield tr("Start method: {words}", words=words)
    for process, kind in (about.get("interpreters") or {}).items():
        yield tr(
            "Interpreter of {process}: {kind}, {meaning}",
            process=process,
            kind=kind,
            meaning=tr(_MEANING.get(kind, kind)),
        )


def _start_method(run: Run, life: Mapping[str, Any]) -> str | None:
    """Return the start method if it is Python's default, and a process is started by another."""
    python, method = life.get("default_of"), life.get("start_method")
    started = (row for row in run.processes if row.parent is not None)
    if python is None or not any(row.name not in run.threads for row in started):
        return None
    if method == "fork":
        return tr("fork, the default of {python} (forkserver from 3.14 on)", python=python)
    return tr("{method}, the default of {python} (fork until 3.13)", method=method, python=python)
