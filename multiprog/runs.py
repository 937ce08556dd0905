"""A run: what a machine recorded of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kernel.errors import UsageError
from multiprog.page import Page
from multiprog.picture import Picture
from multiprog.results import page_of, picture_of_runs, printed
from report.result import Result
from timeline.record.run import Averages, Expectation, Observation, ProcessRow
from timeline.record.run import Run as Record
from translation import tr


class Run:
    """One run of one scenario on one machine, simulated or real. It is not changed.

    `print(run)` prints what the command prints; a notebook shows charts and the table of
    processes. `simulate`, `run_real` and `Run.load` make it.

        >>> from multiprog import simulate
        >>> run = simulate({"processes": [{"name": "A", "cpu": "30ms"}, {"name": "B", "cpu": 5}]})
        >>> run
        <Run of scenario: simulated, fcfs, 35 ms>
        >>> run.processes["B"].turnaround_ns
        35000000
        >>> run.averages.cpu_utilization
        1.0
    """

    def __init__(self, record: Record, remarks: Sequence[str] = ()) -> None:
        self._record = record
        self._remarks = tuple(remarks)

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """Return the run that `save`, or `--out` of a command, wrote into a file.

        Raises UsageError if the file holds no run, or several (those of a comparison, or one for
        each policy): `load_all` returns these.
        """
        runs = cls.load_all(path)
        if len(runs) != 1:
            raise UsageError(
                tr(
                    "{path}: holds {runs} runs: load_all returns all of them",
                    path=path,
                    runs=len(runs),
                )
            )
        return runs[0]

    @classmethod
    def load_all(cls, path: str | Path) -> list[Run]:
        """Return the runs that a command saved in a file. Raises UsageError if it holds none."""
        from timeline.files.document import load

        return [cls(record) for record in load(Path(path))]

    # -- what was recorded -------------------------------------------------------------------------

    @property
    def record(self) -> Record:
        """The whole record, with all intervals. Its fields are those of the JSON document.

        It may change from version to version; `to_json` and `to_pandas` do not.
        """
        return self._record

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the command would have said on stderr, like that expectations are dropped."""
        return self._remarks

    @property
    def title(self) -> str:
        """The title of the scenario; without one, the name of its file."""
        return str(self._record.scenario.get("title") or "")

    @property
    def is_real(self) -> bool:
        """Whether real processes ran. If not, it is a run of the model."""
        return self._record.backend == "real"

    @property
    def policy(self) -> str:
        """The name of the policy."""
        return str(self._record.scheduler["policy"])

    @property
    def makespan_ns(self) -> int:
        """The time from the start of the run to the end of its last process, ns."""
        return self._record.makespan_ns

    @property
    def processes(self) -> dict[str, ProcessRow]:
        """The processes by name, in the order of the scenario.

        Each has its times and durations in ns (`arrival_ns`, `completion_ns`, `turnaround_ns`,
        `response_ns`, `waiting_ns`, `cpu_ns`, ...) and counts (`slices`, `preemptions`, ...). None:
        it never happened.
        """
        return {row.name: row for row in self._record.processes}

    @property
    def averages(self) -> Averages:
        """Means over the processes: times in ns, throughput per second, utilisation 0 to 1."""
        return self._record.averages

    @property
    def observations(self) -> list[Observation]:
        """What processes printed and observed: `at_ns`, `process`, `name`, `value`."""
        return list(self._record.observations)

    @property
    def expectations(self) -> list[Expectation]:
        """What the scenario expects: `what`, `wanted`, `got`, and whether it `holds`.

        `holds` is None if disturbances of a real run hide it.
        """
        return list(self._record.expectations)

    @property
    def stopped(self) -> str | None:
        """Why the run was stopped before its programs ended; None: they ended."""
        return self._record.stopped

    # -- as other things ---------------------------------------------------------------------------

    def to_pandas(self, table: str = "processes") -> Any:
        """Return a table of the run as a pandas data frame.

        `table` is one of those of docs/tables.md: `processes`, `intervals`, `cores`, `decisions`,
        and so on. Columns of times end in `_ns`, of sizes in `_bytes`. Raises UsageError if there
        is no such table, or no pandas.
        """
        from report.notebook.frames import data_frame

        return data_frame([self._record], table)

    def to_json(self) -> dict[str, Any]:
        """Return the JSON document that `save` writes, as dictionaries and lists."""
        import json
        from io import StringIO

        from timeline.files.document import write_run

        stream = StringIO()
        write_run(self._record, stream)
        document: dict[str, Any] = json.loads(stream.getvalue())
        return document

    def save(self, path: str | Path) -> None:
        """Write the run into a file (.json), which `Run.load` and the command `compare` read.

        Raises UsageError if it cannot be written.
        """
        from kernel.files.writing import save
        from timeline.files.document import write_run

        save(Path(path), lambda stream: write_run(self._record, stream))

    def show(self) -> Page:
        """Return the page of the run: charts, each step, tables. A notebook shows it.

        With `explain=True` of `simulate` it has the decisions, too. Raises UsageError if Bokeh is
        not installed (`multiprog[report]`).
        """
        return page_of(Result([self._record]))

    def plot(self) -> Picture:
        """Return the Gantt chart, drawn by matplotlib. A notebook shows it.

        Raises UsageError if matplotlib is not installed (`multiprog[plot]`), or if nothing took any
        time.
        """
        return picture_of_runs([self._record])

    def _repr_html_(self) -> str:
        from report.notebook.display import display

        return display(Result([self._record]))

    def __str__(self) -> str:
        from report.terminal.run import show_run

        return printed(lambda console: show_run(self._record, console, full=False))

    def __repr__(self) -> str:
        from timeline.number_formats import duration

        kind, took = "real" if self.is_real else "simulated", duration(self.makespan_ns)
        return f"<Run of {self.title}: {kind}, {self.policy}, {took}>"
