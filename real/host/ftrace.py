"""The kernel's own record: every switch on the run's processors, as the kernel traced it.

The kernel traces into a private instance of tracefs, with the clock that the run uses. So other
tracing is not disturbed. It needs root. The instance is removed after the run. If the run is
killed, the guardian removes it. The next run removes an instance that was left nevertheless.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from real.host import syscalls
from real.host.trace_events import Event, Switch, parse, threads_on_cpus, woken_threads
from timeline.record.kernel_trace import ThreadOnCore, ThreadWoken, TraceFacts
from translation import mark, tr

ROOTS = (Path("/sys/kernel/tracing"), Path("/sys/kernel/debug/tracing"))
PREFIX = "multiprog-"
EVENTS = ("sched_switch", "sched_waking")
BUFFER = 16_384  # KiB for each processor: some 100,000 events
REMOVING = 2.0  # seconds to try to remove an instance
UNAVAILABLE = mark(
    "--trace kernel needs root and tracefs ({why}): without it the record is what the workers saw"
)


class KernelTrace:
    """A context in which the kernel records the switches on `cpus`.

    If the system refuses that, `refused` says why. After the context `events` has the events, and
    `lost` says how many events were lost because the kernel's buffer was full.
    """

    def __init__(self, cpus: Sequence[int]) -> None:
        """Choose the name of the instance, so that the guardian knows it before it is made."""
        self._cpus = cpus
        self._folder: Path | None = None
        self._unreachable: OSError | None = None
        try:
            self._folder = instances() / f"{PREFIX}{os.getpid()}"
        except OSError as error:
            self._unreachable = error
        self.refused: str | None = None
        self.events: list[Event] = []
        self.lost = 0

    def __enter__(self) -> Self:
        try:
            self._begin()
        except OSError as error:
            self.refused = tr(UNAVAILABLE, why=error.strerror or error)
            self.remove()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._folder is not None and self.refused is None:
            with contextlib.suppress(OSError):
                (self._folder / "tracing_on").write_text("0")
            try:
                self.lost = sum(self._overruns())
                with (self._folder / "trace").open(errors="replace") as lines:
                    self.events = list(parse(lines))
            except OSError as error:
                self.refused = tr(UNAVAILABLE, why=error.strerror or error)
        self.remove()

    def _begin(self) -> None:
        if self._unreachable is not None:
            raise self._unreachable
        folder = self._folder
        assert folder is not None
        remove_stale(folder.parent)
        folder.mkdir()
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

    def remove(self) -> None:
        """Stop tracing, and remove the instance if it exists."""
        if self._folder is not None:
            remove_instance(self._folder)


def instances() -> Path:
    """Return the folder of tracefs in which an instance can be made.

    Raises PermissionError if this user may not look for it, and FileNotFoundError if it is not
    there. `Path.is_dir` would raise it, too, or return False, as the Python may be.
    """
    refused: OSError = FileNotFoundError(errno.ENOENT, "mount -t tracefs nodev /sys/kernel/tracing")
    for root in ROOTS:
        try:
            (root / "instances").stat()
        except PermissionError as error:
            refused = error
        except OSError:
            continue
        else:
            return root / "instances"
    raise refused


def undoing(tracing: KernelTrace | None) -> Sequence[Callable[[], None]]:
    """Return the functions with which the guardian undoes the tracing."""
    return () if tracing is None else (tracing.remove,)


def remove_instance(instance: Path) -> None:
    """Remove the instance. It takes a moment if a process that read it was just killed."""
    until = time.monotonic() + REMOVING
    while os.path.isdir(instance):  # noqa: PTH112 - Path.is_dir may raise PermissionError
        with contextlib.suppress(OSError), (instance / "tracing_on").open("r+") as switch:
            switch.write("0")
        try:
            instance.rmdir()
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > until:
                return
            time.sleep(0.01)


def remove_stale(instances: Path) -> None:
    """Remove the instances of runs that were killed."""
    living = {entry.name for entry in syscalls.processes()}
    for folder in instances.glob(f"{PREFIX}*"):
        if folder.name.removeprefix(PREFIX) not in living:
            remove_instance(folder)


def traced(trace: KernelTrace, epoch: int, cpus: Sequence[int]) -> TraceFacts:
    """Return what the kernel saw on the run's `cpus`. `epoch` is in absolute ns."""
    core_of = {cpu: core for core, cpu in enumerate(cpus)}
    return TraceFacts(
        switches=sum(isinstance(event, Switch) for event in trace.events),
        lost=trace.lost,
        threads=[
            ThreadOnCore(
                turn.pid, turn.name, core_of[turn.cpu], turn.start - epoch, turn.end - epoch
            )
            for turn in threads_on_cpus(trace.events)
            if turn.cpu in core_of
        ],
        wakeups=[
            ThreadWoken(woken.pid, woken.at - epoch, woken.ran - epoch)
            for woken in woken_threads(trace.events)
        ],
    )
