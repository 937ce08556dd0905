"""What a worker tells the supervisor of a call that it has made."""

from __future__ import annotations

import json
from time import monotonic_ns
from typing import Any

from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.lifecycle.start_methods import own_fork_server

STARTS = ("start", "restart", "unguarded")
"""Calls in which a process may ask its fork server to fork a process."""


class CallReport:
    """Reports one call after the other of the process `index`."""

    def __init__(self, objects: LifecycleSharedObjects, index: int) -> None:
        self._objects = objects
        self._index = index
        self._said: list[tuple[str, Any]] = []
        self._calling = self._served = False
        self.born: tuple[int, int] | None = None  # index and pid of the process that it started
        self.task: int | None = None  # the number of the task that a worker of a pool was given
        self.feeding = False  # a feeder thread of the process has more to write

    def begin(self, *, starts: bool) -> None:
        """Begin the report of a call: nothing has been said of it yet.

        `starts`: the call may ask the fork server for a process.
        """
        self._said, self._calling, self.born, self.task = [], True, None, None
        self._served = starts and self._objects.method == "forkserver"

    def end(self) -> None:
        """Report no call any more: from now on all that the process says is sent at once."""
        self._said, self._calling = [], False

    def say(self, name: str, value: Any) -> None:
        """Add an observation: what was returned, raised, printed or seen.

        What a process says while it makes no call, at its end, is sent at once.
        """
        self._said.append((name, value))
        if not self._calling:
            self.send(None)

    def send(self, returned: int | None) -> None:
        """Send what was said. `returned`: the number of the call that has returned, if it has."""
        report = {
            "who": self._index,
            "at": monotonic_ns(),
            "says": self._said,
            "server": own_fork_server() if self._served else None,
            "born": self.born,
            "task": self.task,
            "returned": returned,
            "feeding": self.feeding,
        }
        self._objects.reports[1].send(json.dumps(report).encode())
        self._said, self._calling, self._served = [], False, False
