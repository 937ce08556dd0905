"""Limits of a saved run: its bytes after unpacking, and the rows of its tables.

A file is interpreted only when its size is known to be within the limits. So neither a few
kilobytes that unpack to gigabytes nor millions of rows can exhaust the memory of the host.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from kernel.errors import UsageError
from kernel.files.reading import TooLargeError, open_bounded
from kernel.units import format_size
from translation import tr

Limits = Mapping[str, int]
"""`run_size`: bytes of the unpacked file; `rows`: rows of all its tables together."""

UNBOUNDED: Limits = {"run_size": sys.maxsize - 1, "rows": sys.maxsize}


@contextmanager
def reading(path: Path, limits: Limits) -> Iterator[BinaryIO]:
    """Open a saved run for reading. Raises UsageError if it cannot be read, or is too large."""
    try:
        with open_bounded(path, limits["run_size"]) as stream:
            yield stream
    except TooLargeError:
        size = format_size(limits["run_size"])
        raise UsageError(
            tr("{file}: is larger than {size}, unpacked (the limit run_size)", file=path, size=size)
        ) from None
    except OSError as error:
        why = error.strerror or error
        raise UsageError(tr("{file}: cannot be read: {why}", file=path, why=why)) from None


def too_many_rows(path: Path | str, limits: Limits) -> UsageError:
    """Return the error of a run with more rows than it may have."""
    return UsageError(
        tr("{file}: has more than {n:,} rows (the limit rows)", file=path, n=limits["rows"])
    )


def rows_in(document: Any) -> int:
    """Count the rows of all tables of a run document, which may be damaged.

    An entry of a ready queue, a job, a stuck process and an entry of the kernel's trace are rows,
    too.
    """
    if not isinstance(document, dict):
        return 0
    tables = ("intervals", "overheads", "memory_events", "life", "observations", "decisions")
    rows = sum(_longest(document.get(name)) for name in (*tables, "deadlock", "divergences"))
    rows += sum(_length(document.get(name)) for name in ("processes", "cores", "expectations"))
    rows += sum(map(_jobs, _list(document.get("processes"))))
    rows += _length(document.get("stuck"))
    decisions = document.get("decisions")
    if isinstance(decisions, dict):
        rows += sum(map(_length, _list(decisions.get("ready"))))
    return rows + _traced(document.get("machine"))


def _traced(machine: Any) -> int:
    """Count the rows of the kernel's trace of its switches."""
    trace = machine.get("kernel_trace") if isinstance(machine, dict) else None
    if not isinstance(trace, dict):
        return 0
    tables = sum(_longest(trace.get(table)) for table in ("intervals", "wakeups"))
    return tables + _length(trace.get("others"))


def _jobs(process: Any) -> int:
    return _length(process.get("jobs")) if isinstance(process, dict) else 0


def _longest(columns: Any) -> int:
    values = columns.values() if isinstance(columns, dict) else ()
    return max(map(_length, values), default=0)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list) else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
