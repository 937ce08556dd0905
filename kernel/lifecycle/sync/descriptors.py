"""Descriptors: which processes hold a file open. It is closed when the last of them has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from kernel.lifecycle.sync.waiting import Line, Reason
from translation import recorded


class OpenFile:
    """One end of a pipe, as Linux has it, of which several processes may hold descriptors.

    Actors may wait until it is closed, like CPython's `join` with a timeout.
    """

    __slots__ = ("closed", "holders", "line")

    def __init__(self, closed: Callable[[], None] = lambda: None) -> None:
        """Make a file. `closed` is called when the last process has closed it."""
        self.holders: set[int] = set()
        self.line = Line()
        self.closed = closed

    def reason(self) -> Reason:
        """See Awaited."""
        return Reason(recorded("until a pipe is closed"), sorted(self.holders))

    def possible(self) -> bool:
        """See Awaited."""
        return not self.holders

    def changed(self) -> None:
        """See Awaited."""
        if not self.holders:
            self.line.wake(None)

    def open(self, process: int) -> None:
        """Note that a process has a descriptor of it."""
        self.holders.add(process)

    def close(self, process: int) -> None:
        """Note that a process has it no longer."""
        self.holders.discard(process)
        if not self.holders:
            self.closed()
            self.changed()


class Descriptors:
    """The open files of all processes. A process is known by its index."""

    def __init__(self) -> None:
        self._files: dict[int, dict[OpenFile, None]] = defaultdict(dict)

    def open(self, process: int, file: OpenFile) -> None:
        """Give a process a descriptor of a file."""
        self._files[process][file] = None
        file.open(process)

    def has(self, process: int, file: OpenFile) -> bool:
        """Return whether a process has a descriptor of a file."""
        return file in self._files.get(process, ())

    def inherit(self, child: int, parent: int, files: Iterable[OpenFile] | None = None) -> None:
        """Give a child descriptors of its parent's files: of these, or of all (fork)."""
        of_parent = self._files.get(parent, {})
        for file in list(of_parent if files is None else filter(of_parent.__contains__, files)):
            self.open(child, file)

    def close(self, process: int, file: OpenFile) -> None:
        """Let a process close a file."""
        if self._files.get(process, {}).pop(file, self) is None:
            file.close(process)

    def end(self, process: int) -> None:
        """Close all files of a process that has ended."""
        for file in self._files.pop(process, {}):
            file.close(process)
