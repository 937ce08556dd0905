"""The record of a simulated run in a file that grows during the run.

Only data of living processes is kept in memory.
Each line of the file is one JSON object. The first line is what is known before the run, the last
line the totals. The lines between are pieces of the lists of the run document, in the same columns:

    {"format": "multiprog-stream/1", "backend": …, "scenario": …, "scheduler": …, "machine": …}
    {"intervals": {"process": […], "state": […], …}}           in the order in which they ended
    {"processes": [{"index": 0, "name": …, …}]}                the same; index: in file order
    {"overheads": {…}} and {"memory_events": {…}}              if there are any
    {"end": {"makespan_ns": …, "cores": …, "averages": …, "processes": 9, "intervals": 99, …}}
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from timeline.files.writing import interval_columns, row_of, rows_as_columns, to_json
from timeline.record.description import describe_machine, describe_scheduler
from timeline.record.metrics import ProcessFacts, Summary, Sums, Totals, ever_more, process_row
from timeline.record.recorder import Record
from timeline.record.run import SIMULATED, MemoryEvent, Overhead

STREAM = "multiprog-stream/1"
INTERVALS = b'{"intervals"'
LEVEL = 1  # of gzip: three times as fast as its default level, and files are a fifth larger


class Streamed(Record):
    """A record that is given to `write` line by line. It keeps data of living processes only."""

    def __init__(self, workload: Workload, write: Callable[[str], Any]) -> None:
        super().__init__()
        self.totals = Totals()
        self._workload, self._write = workload, write
        self._specs: dict[int, ProcessSpec] = {}
        self._names: dict[int, str] = {}  # as JSON
        self._ended: list[int] = []
        self._sums = Sums(ever_more, workload.cores)
        self._lost = [Overhead(core, 0, 0, "all") for core in range(workload.cores)]
        self._reservations: list[str] = []
        self._last = 0  # ns, the end of the last interval
        self.rows = 0  # intervals so far
        self._devices = [device.name for device in workload.devices]
        self._line(
            {
                "format": STREAM,
                "backend": SIMULATED,
                "scenario": dict(workload.source),
                "scheduler": describe_scheduler(workload),
                "machine": describe_machine(SIMULATED, workload),
            }
        )

    def begin(self, spec: ProcessSpec) -> ProcessFacts:
        """Return the facts of a process that has arrived."""
        self._specs[spec.index] = spec
        self._names[spec.index] = to_json(spec.name)
        if spec.linux.limited:
            self._reservations.append(spec.name)
        return super().begin(spec)

    def end(self, index: int) -> None:
        """Note that a process has ended: the next `flush` writes its row."""
        self._ended.append(index)

    def flush(self) -> None:
        """Write everything that has been recorded since the last call, and forget it."""
        self._write_intervals()
        if self._ended:
            self._line({"processes": [self._row(index) for index in self._ended]})
            self._ended.clear()
        for overhead in self.overheads:
            total = self._lost[overhead.core]
            spent = total.end_ns + overhead.end_ns - overhead.start_ns
            self._lost[overhead.core] = total._replace(end_ns=spent)
        if self.overheads:
            self._line({"overheads": rows_as_columns(Overhead, self.overheads)})
            self.overheads.clear()
        if self.memory_events:
            self._line({"memory_events": rows_as_columns(MemoryEvent, self.memory_events)})
            self.memory_events.clear()

    def close(self) -> Summary:
        """Write all that is left, and the last line. Return the totals, without process rows."""
        self._ended += self.facts.keys() - set(
            self._ended
        )  # processes that were still alive when the run was stopped
        self.flush()
        summary = self.totals.summary(self._sums, [], self._lost, lambda: self._last)
        self._line(
            {
                "end": {
                    "makespan_ns": summary.makespan_ns,
                    "cores": [asdict(core) for core in summary.cores],
                    "averages": asdict(summary.averages),
                    "reservations": self._reservations,
                    "processes": self.totals.rows,
                    "intervals": self.rows,
                }
            }
        )
        return summary

    def _line(self, document: Mapping[str, Any]) -> None:
        self._write(to_json(document) + "\n")

    def _write_intervals(self) -> None:
        columns = self.intervals.take()
        if not columns[0]:
            return
        self._sums.add(columns)
        self.rows += len(columns[0])
        self._last = columns[3][-1]
        pieces = interval_columns(columns, self._names, self._devices, self._workload.cores)
        self._write(f"{INTERVALS.decode()}:{{{''.join(pieces)}}}}}\n")

    def _row(self, index: int) -> dict[str, Any]:
        """Return the row of a process that has ended, and forget all that is kept of it."""
        row = process_row(self._specs.pop(index), self.facts.pop(index), self._sums)
        self.totals.add(row)
        self._sums.forget(index)
        del self._names[index]
        return {"index": index, **row_of(row)}


@contextmanager
def compressed(path: Path, stream: TextIO) -> Iterator[TextIO]:
    """Yield the stream to write to, so that `stream` gets the content of the file `path`.

    If its name ends in `.gz`, the content is packed with gzip, without a date.
    """
    if path.suffix != ".gz":
        yield stream
        return
    binary = stream.buffer
    with (
        gzip.GzipFile("", "wb", LEVEL, binary, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="ascii", write_through=True) as text,
    ):
        yield text
