"""Runs a Python program by itself, in a process group of its own, and takes what it prints.

The program starts processes as it likes, and the operating system schedules them. It has limits of
time and of output. When it has ended or has reached a limit, all of its processes are killed: a
guardian sees to that even if this process is killed.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from real.host.asleep import threads_of
from real.host.guardian import Guardian
from real.host.time_limits import LONGEST_GAP
from translation import recorded

MOST_OUTPUT = 8_000_000
"""Bytes that a program may print."""
LOOK_EVERY = 0.05  # seconds between two looks at its processes


@dataclass(frozen=True, slots=True)
class PlainRun:
    """What a program did: what it printed, how it ended, and how long it took."""

    printed: str
    exit_code: int | None  # of its first process; None: it was killed
    stopped: str | None  # why it was killed; None: it ended by itself
    seconds: float

    @property
    def hangs(self) -> bool:
        """Whether its processes slept, and none of them would have gone on."""
        return self.stopped == HANGS


HANGS = recorded("all of its processes wait for each other")


def run_program(
    text: str, seconds: float, *, quiet: float = float("inf"), folder: Path | None = None
) -> PlainRun:
    """Run the program with the Python that runs Multiprog, and nothing of Multiprog in it.

    It is killed after so many `seconds`, or when all of its processes have slept for `quiet`
    seconds. It is written to `program.py` in the `folder`, where it runs; None: in a new folder
    that is removed. Raises MultiprogError or OSError if the system refuses its processes.
    """
    with contextlib.ExitStack() as left:
        if folder is None:
            named = tempfile.TemporaryDirectory(prefix="multiprog-", ignore_cleanup_errors=True)
            folder = Path(left.enter_context(named))
        path = folder / "program.py"
        path.write_text(text, encoding="utf-8")
        guardian = left.enter_context(Guardian(executes=True))
        with _started(path, guardian) as program:
            try:
                return _watch(program, guardian, seconds, quiet)
            finally:
                guardian.kill()
                program.wait()


@contextlib.contextmanager
def _started(path: Path, guardian: Guardian) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program in the guardian's group, and close its output at the end."""
    with guardian.marking():
        program = subprocess.Popen(
            [sys.executable, "-I", "-X", "utf8", str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=path.parent,
            env={**os.environ, "TMPDIR": str(path.parent)},
            preexec_fn=lambda: _join(guardian),  # noqa: PLW1509 - there are no threads
        )
    with program:
        yield program


def _join(guardian: Guardian) -> None:
    guardian.join()
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # as a shell gives them to a program


def _watch(
    program: subprocess.Popen[bytes], guardian: Guardian, seconds: float, quiet: float
) -> PlainRun:
    """Take what the program prints, until it has ended or reached a limit."""
    assert program.stdout is not None
    began, output, sleep = time.monotonic(), bytearray(), _CommonSleep()
    stopped = None
    while True:
        ready, _, _ = select.select([program.stdout], [], [], LOOK_EVERY)
        if ready:
            piece = os.read(program.stdout.fileno(), 1 << 16)
            if not piece:  # the program, and all processes that it has started, have ended
                break
            output += piece
        if len(output) > MOST_OUTPUT:
            stopped = recorded("it printed more than {most:,} bytes", most=MOST_OUTPUT)
        elif time.monotonic() - began > seconds:
            stopped = recorded("it did not end in {seconds:.0f} s", seconds=seconds)
        elif sleep.seconds(guardian.members()) > quiet:
            stopped = HANGS
        if stopped is not None or guardian.look() is not None:
            break
    code = program.wait() if stopped is None else None
    printed = output[:MOST_OUTPUT].decode("utf-8", "replace")
    return PlainRun(printed, code, stopped, time.monotonic() - began)


@dataclass(slots=True)
class _CommonSleep:
    """For how long all processes of a group have slept, without running in between.

    While this process itself stands still (Ctrl-Z), the time does not count.
    """

    _before: dict[int, object] = field(default_factory=dict)
    _slept: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    def seconds(self, pids: list[int]) -> float:
        """Look at the processes. Return for how many seconds none of them has run."""
        now = time.monotonic()
        threads = {pid: threads_of(pid) for pid in pids}
        asleep = all(
            state == "S" for each in threads.values() for state, _, _ in each.values()
        ) and bool(threads)
        if asleep and threads == self._before:
            self._slept += min(now - self._last, LONGEST_GAP)
        else:
            self._slept = 0.0
        self._before, self._last = dict(threads), now
        return self._slept
