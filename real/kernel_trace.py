"""The kernel's own truth: every switch on the run's processors, as the kernel wrote it down.

A private instance of tracefs with the clock that our processes use, so that nobody else's tracing
is touched. Needs root. It is removed after the run; what a killed run left is removed by the next.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from real import linux
from timeline.run import Run

ROOTS = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))
PREFIX = "multiprog-"
EVENTS = ("sched_switch", "sched_waking")
BUFFER = 16_384  # KiB for each processor: some 100,000 events
MOST_OTHERS = 10  # who took the cores, by name
UNAVAILABLE = (
    "--trace kernel needs root and tracefs ({why}): without it the record is what the workers saw"
)

_SWITCH = re.compile(
    r"\[(?P<cpu>\d+)\].*?\s(?P<seconds>\d+)\.(?P<fraction>\d+): sched_switch: "
    r"prev_comm=(?P<was>.*?) prev_pid=(?P<prev>\d+) .*?prev_state=(?P<state>\S+) ==> "
    r"next_comm=(?P<comes>.*?) next_pid=(?P<next>\d+)"
)


@dataclass(frozen=True, slots=True)
class Switch:
    """A processor went from one thread to another. `at`: absolute ns (whole µs)."""

    at: int
    cpu: int
    previous: int
    following: int
    name: str  # of the one that follows


class KernelTrace:
    """A context: switches on `cpus` are recorded while it lasts. `refused` says why, if not."""

    def __init__(self, cpus: Sequence[int]) -> None:
        self._cpus = cpus
        self._folder: Path | None = None
        self.refused: str | None = None
        self.switches: list[Switch] = []
        self.lost = 0

    def __enter__(self) -> Self:
        try:
            self._begin()
        except OSError as error:
            self.refused = UNAVAILABLE.format(why=error.strerror or error)
            self._remove()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._folder is not None and self.refused is None:
            with contextlib.suppress(OSError):
                (self._folder / "tracing_on").write_text("0")
            try:
                self.lost = sum(self._overruns())
                with (self._folder / "trace").open(errors="replace") as lines:
                    self.switches = list(parse(lines))
            except OSError as error:
                self.refused = UNAVAILABLE.format(why=error.strerror or error)
        self._remove()

    def _begin(self) -> None:
        root = next((root for root in ROOTS if (root / "instances").is_dir()), None)
        if root is None:
            raise FileNotFoundError(2, "mount -t tracefs nodev /sys/kernel/tracing")
        remove_stale(root / "instances")
        folder = root / "instances" / f"{PREFIX}{os.getpid()}"
        folder.mkdir()
        self._folder = folder
        (folder / "tracing_on").write_text("0")
        (folder / "trace_clock").write_text("mono")
        (folder / "tracing_cpumask").write_text(f"{sum(1 << cpu for cpu in self._cpus):x}")
        (folder / "buffer_size_kb").write_text(str(BUFFER))
        for event in EVENTS:
            (folder / "events" / "sched" / event / "enable").write_text("1")
        (folder / "tracing_on").write_text("1")

    def _overruns(self) -> Iterator[int]:
        assert self._folder is not None
        for cpu in self._cpus:
            for line in (self._folder / f"per_cpu/cpu{cpu}/stats").read_text().splitlines():
                if line.startswith("overrun:"):
                    yield int(line.split(":")[1])

    def _remove(self) -> None:
        if self._folder is not None:
            with contextlib.suppress(OSError):
                self._folder.rmdir()
            self._folder = None


def remove_stale(instances: Path) -> None:
    """Instances of runs that were killed."""
    living = {entry.name for entry in linux.processes()}
    for folder in instances.glob(f"{PREFIX}*"):
        if folder.name.removeprefix(PREFIX) not in living:
            with contextlib.suppress(OSError):
                folder.rmdir()


def parse(lines: Iterator[str] | Sequence[str]) -> Iterator[Switch]:
    """The switches in the text of a trace."""
    for line in lines:
        found = _SWITCH.search(line)
        if found is not None:
            fraction = found["fraction"].ljust(9, "0")
            at = int(found["seconds"]) * 1_000_000_000 + int(fraction)
            cpu, previous, following = int(found["cpu"]), int(found["prev"]), int(found["next"])
            yield Switch(at, cpu, previous, following, found["comes"])


def attach(run: Run, trace: KernelTrace, epoch: int, cpus: Sequence[int]) -> None:
    """Put what the kernel saw into `machine.kernel_trace`. `epoch`: the run's first moment, ns."""
    process_of = {row.pid: at for at, row in enumerate(run.processes) if row.pid is not None}
    core_of = {cpu: core for core, cpu in enumerate(cpus)}
    columns: dict[str, list[int]] = {"process": [], "start_ns": [], "end_ns": [], "core": []}
    others: dict[tuple[int, str], int] = {}
    since: dict[int, Switch] = {}
    for switch in sorted(trace.switches, key=lambda each: each.at):
        before = since.get(switch.cpu)
        since[switch.cpu] = switch
        if before is None or switch.cpu not in core_of:
            continue
        start, end = max(0, before.at - epoch), min(switch.at - epoch, run.makespan_ns)
        if end <= start or not before.following:
            continue
        process = process_of.get(before.following)
        if process is None:
            who = before.following, before.name
            others[who] = others.get(who, 0) + end - start
        else:
            row = process, start, end, core_of[switch.cpu]
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    named = sorted(others.items(), key=lambda each: -each[1])[:MOST_OTHERS]
    found: dict[str, Any] = {
        "switches": len(trace.switches),
        "lost": trace.lost,
        "intervals": columns,
        "others": [{"pid": pid, "name": name, "ns": ns} for (pid, name), ns in named],
    }
    run.machine = {**run.machine, "kernel_trace": found}
