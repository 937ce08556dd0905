"""The queue of real runs: one goes on at a time, the others wait for it.

A run goes on when the page that asked for it is closed; every page shows the queue, and can stop
what is in it. A run itself waits for other real runs of this host, as those of a second server.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import re
import struct
import termios
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kernel.errors import UsageError
from playground.server.watched import Watched
from translation import tr

MOST_WAITING = 20
KEPT = 10  # runs that have ended, with their results
RENEWAL = 0.1  # seconds between two messages to a page, at least
COLUMNS = 200
MOST_LINES, LONGEST_LINE = 50, 4096  # that are kept of what a run says; bytes
_ENDS = re.compile(rb"(\r\x1b\[K|\r*\n)")  # a renewed line, or one that stays

WAITING, RUNNING, STOPPING, DONE = "waiting", "running", "stopping", "done"


@dataclass
class RealRun:
    """One real run or comparison that a page has asked for."""

    number: int
    question: Mapping[str, Any]
    state: str = WAITING
    said: str = ""  # the last line of its progress, or why it has no result
    result: dict[str, Any] | None = None
    began: float | None = None  # when it was started, on the monotonic clock

    def told(self) -> dict[str, Any]:
        """Return what the pages show of it."""
        return {
            "number": self.number,
            "do": self.question["do"],
            "file": self.question["file"],
            "policies": self.question.get("policies") or [],
            "state": self.state,
            "said": self.said,
            "seconds": 0 if self.began is None else int(time.monotonic() - self.began),
            "shown": self.result is not None and "page" in self.result,
        }


class Runs:
    """The queue. `begin` begins to make the runs; `change` tells when the queue has changed."""

    def __init__(self) -> None:
        self._runs: dict[int, RealRun] = {}
        self._number = 0
        self._changed = asyncio.Event()
        self._there = asyncio.Event()
        self._child: Watched | None = None
        self._working: asyncio.Task[None] | None = None
        self._ended = False

    # -- what pages ask ----------------------------------------------------------------------------

    def add(self, question: Mapping[str, Any]) -> int:
        """Put a run at the end of the queue, and return its number. Raises UsageError."""
        if sum(run.state == WAITING for run in self._runs.values()) >= MOST_WAITING:
            raise UsageError(
                tr("{number} runs are waiting: stop some of them first", number=MOST_WAITING)
            )
        self._number += 1
        self._runs[self._number] = RealRun(self._number, question)
        self._there.set()
        self._tell()
        return self._number

    def stop(self, number: int) -> None:
        """Take a run out of the queue; send it Ctrl-C if it is under way, kill it at the next."""
        run = self._runs.get(number)
        if run is None:
            return
        if run.state == WAITING:
            del self._runs[number]
        elif run.state == RUNNING:
            run.state = STOPPING
            if self._child is not None:
                self._child.interrupt()
        elif run.state == STOPPING and self._child is not None:
            self._child.let_go()
        self._tell()

    def result(self, number: int) -> Mapping[str, Any] | None:
        """Return the result of a run; None: there is no such run, or it has not ended."""
        run = self._runs.get(number)
        return None if run is None else run.result

    def told(self) -> list[dict[str, Any]]:
        """Return what the pages show of the queue."""
        return [run.told() for run in self._runs.values()]

    def change(self) -> asyncio.Event:
        """Return the event that the next change of the queue sets."""
        return self._changed

    def _tell(self) -> None:
        """Wake all who wait for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    # -- running -----------------------------------------------------------------------------------

    def begin(self) -> None:
        """Make the runs from now on, one after the other, until `end`."""
        self._working = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        while not self._ended:
            run = next((run for run in self._runs.values() if run.state == WAITING), None)
            if run is None:
                self._there.clear()
                await self._there.wait()
                continue
            run.state, run.began = RUNNING, time.monotonic()
            self._tell()
            try:
                run.result = await self._made(run)
            except OSError as error:
                run.result = _failed(
                    tr("no process could be started: {error}", error=error.strerror)
                )
            run.state = DONE
            if "page" in run.result:
                run.said = run.result.get("stopped") or ""
            else:
                run.said = run.result["problems"][0]["message"]
            self._forget()
            self._tell()

    async def _made(self, run: RealRun) -> dict[str, Any]:
        """Make one run in a child, which has a terminal for its progress. Return its result."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, COLUMNS, 0, 0))
        said = Said(ours, lambda line: self._hear(run, line))
        try:
            child = await Watched.start("playground.server.real_run", theirs)
        except BaseException:
            said.close()
            raise
        finally:
            os.close(theirs)
        self._child = child
        try:
            if run.state == STOPPING:  # the page stopped it while the child was being started
                child.interrupt()
            if self._ended:
                child.let_go()
            with suppress(ConnectionError):  # it has ended already
                child.stdin.write(json.dumps(run.question).encode())
                child.stdin.close()
            answer = await child.stdout.read()
            await child.end()
        finally:
            self._child = None
            child.let_go()
            said.close()
        try:
            found: dict[str, Any] = json.loads(answer)
        except ValueError:  # it was ended before it could answer
            stopped = run.state == STOPPING
            ended = (said.lines or [tr("the run has ended")])[-1]
            return _failed(tr("stopped") if stopped else ended)
        return {**found, "remarks": said.lines}

    def _hear(self, run: RealRun, line: str) -> None:
        run.said = line
        self._tell()

    def _forget(self) -> None:
        """Drop the oldest runs that have ended, with their results."""
        ended = [number for number, run in self._runs.items() if run.state == DONE]
        for number in ended[:-KEPT]:
            del self._runs[number]

    async def end(self) -> None:
        """End the run that is under way, and wait until nothing is left of it."""
        self._ended = True
        self._there.set()
        if self._child is not None:
            self._child.let_go()
        if self._working is not None:
            await self._working


class Said:
    """What a child says on the terminal that it was given: progress is renewed, lines stay.

    `hear` is called with each of both, as text. `lines` are those that stay.
    """

    def __init__(self, fd: int, hear: Callable[[str], None]) -> None:
        self._fd, self._hear = fd, hear
        self._rest = b""
        self.lines: list[str] = []
        os.set_blocking(fd, False)
        asyncio.get_running_loop().add_reader(fd, self._read)

    def _read(self) -> None:
        try:
            piece = os.read(self._fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError:  # EIO: all have closed the other side
            piece = b""
        if piece:
            self._take(piece)
        else:
            asyncio.get_running_loop().remove_reader(self._fd)

    def _take(self, piece: bytes) -> None:
        parts = _ENDS.split(self._rest + piece)
        for text, end in zip(parts[::2], parts[1::2], strict=False):
            if end.endswith(b"\n") and (line := _text(text)):
                self.lines = [*self.lines, line][-MOST_LINES:]
                self._hear(line)
        self._rest = parts[-1][-LONGEST_LINE:]
        if line := _text(self._rest):
            self._hear(line)

    def close(self) -> None:
        """Read what is left, and close the terminal."""
        self._read()
        asyncio.get_running_loop().remove_reader(self._fd)
        os.close(self._fd)


def _text(line: bytes) -> str:
    """Return a line as text, without what steers a terminal."""
    text = line.decode("utf-8", "replace")
    return "".join(each for each in text if each.isprintable()).strip()


def _failed(why: str) -> dict[str, Any]:
    return {"problems": [{"file": "", "line": None, "column": None, "message": why}]}
