"""One run, looked at through a window of time: without its warm-up, or one batch of it.

Everything counts of a process that arrives in the window, also what happens to it later. For cores
and devices the time in the window counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from kernel.process.states import WHY, State
from timeline.record.run import ProcessRow, Run
from timeline.record.sorted_run import SortedRun
from timeline.record.usage import ALL_CORES, Usage, usage_of

_READY, _RUNNING, _BLOCKED = int(State.READY), int(State.RUNNING), int(State.BLOCKED)
_WOKE = (WHY["woke"], WHY["released"])


@dataclass(frozen=True)
class Window:
    """A run from `begin` up to `end`, ns. `whole`: it is the whole run."""

    run: Run
    begin: int
    end: int
    whole: bool

    @classmethod
    def of(cls, run: Run, begin: int = 0, until: int | None = None) -> Window:
        """Return the window from `begin` to `until` (None: to the end of the run)."""
        end = run.makespan_ns if until is None else min(until, run.makespan_ns)
        whole = begin == 0 and (until is None or until >= run.makespan_ns)
        return cls(run, min(begin, end), end, whole)

    @property
    def span(self) -> int:
        """The length, ns."""
        return self.end - self.begin

    @cached_property
    def rows(self) -> Sequence[ProcessRow]:
        """The processes that arrive in the window, in file order."""
        if self.whole:
            return self.run.processes
        return [row for row in self.run.processes if self.begin <= row.arrival_ns < self.end]

    def of_part(self, part: str) -> Sequence[ProcessRow]:
        """Return the rows of a process, or of all processes of an entry with a count."""
        stem = f"{part}-"
        return [
            row
            for row in self.rows
            if row.name == part or (row.name.startswith(stem) and row.name[len(stem) :].isdecimal())
        ]

    @cached_property
    def busy(self) -> list[int]:
        """The busy time of each core in the window, ns."""
        if self.whole:
            return [core.busy_ns for core in self.run.cores]
        busy = [0] * len(self.run.cores)
        for _process, start, end, core in self._running():
            busy[core] += max(0, min(end, self.end) - max(start, self.begin))
        return busy

    def cpu_of(self, rows: Sequence[ProcessRow]) -> int:
        """Return the CPU time (ns) that these processes receive in the window."""
        if self.whole:
            return sum(row.cpu_ns for row in rows)
        names = {row.name for row in rows}
        mine = {at for at, name in enumerate(self.run.process_names) if name in names}
        return sum(
            max(0, min(end, self.end) - max(start, self.begin))
            for process, start, end, _core in self._running()
            if process in mine
        )

    def any_busy(self) -> int:
        """Return how long at least one core is busy in the window, ns."""
        total, until = 0, self.begin
        for start, end in sorted((start, end) for _p, start, end, _c in self._running()):
            begin, last = max(start, until), min(end, self.end)
            if last > begin:
                total, until = total + last - begin, last
        return total

    def usage(self, part: str) -> Usage | None:
        """Return how long all cores (`cpu`), a core or a device are in use; None: no such part."""
        if self.whole:
            return usage_of(self.run).get(part)
        if part == ALL_CORES:
            return Usage(sum(self.busy), 0, self.span * len(self.busy))
        if part.startswith("core "):
            number = part[5:]
            known = number.isdecimal() and int(number) < len(self.busy)
            return Usage(self.busy[int(number)], 0, self.span) if known else None
        return self._device(part)

    def _device(self, name: str) -> Usage | None:
        if name not in self.run.device_names:
            return None
        device, columns = self.run.device_names.index(name), self.run.intervals
        units = self.run.machine["devices"][name]["units"] or 1
        changes: dict[int, int] = {}
        for state, at, start, end in zip(
            columns.state, columns.device, columns.start, columns.end, strict=True
        ):
            first, last = max(start, self.begin), min(end, self.end)
            if state == _BLOCKED and at == device and last > first:
                changes[first] = changes.get(first, 0) + 1
                changes[last] = changes.get(last, 0) - 1
        busy = count = 0
        for at, until in pairwise(sorted(changes)):
            count += changes[at]
            busy += min(count, units) * (until - at)
        return Usage(busy, 0, self.span * units)

    def overhead(self) -> int:
        """Return the core time (ns) in the window that belongs to no process."""
        return sum(
            max(0, min(each.end_ns, self.end) - max(each.start_ns, self.begin))
            for each in self.run.overheads
        )

    def switches(self) -> int:
        """Return how often a core goes from one process to another in the window."""
        return sum(
            before.process != row.process and (self.whole or self.begin <= row.start < self.end)
            for lane in SortedRun(self.run).lanes
            for before, row in pairwise(lane)
        )

    def completions(self) -> int:
        """Return how many processes complete in the window."""
        done = (row.completion_ns for row in self.run.processes)
        if self.whole:
            return sum(time is not None for time in done)
        return sum(time is not None and self.begin <= time < self.end for time in done)

    def wakeups(self, mine: Callable[[int], bool]) -> list[int]:
        """Return how long each process waits for a core after each end of a wait, ns."""
        columns = self.run.intervals
        woken: dict[int, int] = {}
        found = []
        rows = zip(
            columns.process, columns.state, columns.start, columns.end, columns.why, strict=True
        )
        for process, state, start, end, why in sorted(rows, key=lambda row: (row[2], row[3])):
            if state == _BLOCKED and why in _WOKE:
                woken[process] = end
            elif state == _RUNNING and process in woken:
                since = woken.pop(process)
                if self.begin <= since < self.end and mine(process):
                    found.append(start - since)
        return found

    def _running(self) -> Iterator[tuple[int, int, int, int]]:
        """Yield process, start, end and core of each running interval that meets the window."""
        columns = self.run.intervals
        for process, state, start, end, core in zip(
            columns.process, columns.state, columns.start, columns.end, columns.core, strict=True
        ):
            if state == _RUNNING and start < self.end and end > self.begin:
                yield process, start, end, core
