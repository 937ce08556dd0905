"""The kernel's trace of the command's threads: switches, wakings, forks. It needs root.

A private instance of tracefs traces only the threads of the command: the kernel itself adds what
they fork (`event-fork`). The lines go into a temporary file while the command runs, so that the
kernel's buffer does not overflow. The instance is removed at the end; if the recorder is killed,
the next traced run removes it.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Self

from kernel.errors import MultiprogError
from real.host.ftrace import PREFIX, instances, remove_instance, remove_stale
from translation import tr

EVENTS = ("sched_switch", "sched_waking", "sched_wakeup_new", "sched_process_fork")
BUFFER = 8_192  # KiB for each processor
MOST = 1 << 30  # bytes of lines that are kept
_PIECE = 1 << 16


class Tracer:
    """A context in which the kernel traces `roots` and what they fork.

    Raises MultiprogError if the system refuses it. `drain` is called now and then.
    """

    def __init__(self) -> None:
        try:
            self._folder = instances() / f"{PREFIX}{os.getpid()}"
        except OSError as error:
            raise MultiprogError(
                tr("the kernel's trace: {reason}", reason=error.strerror)
            ) from None
        self._pipe = -1
        self._lines: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self.full = False  # there were more than MOST bytes

    def __enter__(self) -> Self:
        try:
            self._set_up()
        except OSError as error:
            self.__exit__()
            raise MultiprogError(
                tr("the kernel's trace: {reason}", reason=error.strerror or error)
            ) from None
        return self

    def _set_up(self) -> None:
        folder = self._folder
        remove_stale(folder.parent)
        folder.mkdir()
        (folder / "tracing_on").write_text("0")
        (folder / "trace_clock").write_text("mono")
        (folder / "buffer_size_kb").write_text(str(BUFFER))
        (folder / "options" / "event-fork").write_text("1")
        for event in EVENTS:
            (folder / "events" / "sched" / event / "enable").write_text("1")
        self._pipe = os.open(folder / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK)

    def watch(self, roots: Iterable[int]) -> None:
        """Begin to trace these threads."""
        (self._folder / "set_event_pid").write_text(" ".join(map(str, roots)))
        (self._folder / "tracing_on").write_text("1")

    def drain(self) -> None:
        """Take the lines that the kernel has ready."""
        while True:
            try:
                piece = os.read(self._pipe, _PIECE)
            except BlockingIOError:
                return
            if not piece:
                return
            self.full |= self._lines.tell() + len(piece) > MOST
            if not self.full:
                self._lines.write(piece)

    def stop(self) -> None:
        """Stop tracing, and take what is left."""
        with contextlib.suppress(OSError):
            (self._folder / "tracing_on").write_text("0")
        self.drain()

    def lines(self) -> Iterator[str]:
        """Yield the lines of the trace, whose times are those of the monotonic clock."""
        self._lines.seek(0)
        for raw in self._lines:
            yield raw.decode("utf-8", errors="replace").rstrip("\n")

    def release(self) -> None:
        """Remove the instance; the lines are kept."""
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1
        remove_instance(self._folder)

    def __exit__(self, *exception: object) -> None:
        self.release()
        self._lines.close()
