"""What a worker tells the supervisor of a call that it has made."""

from __future__ import annotations

import json
from time import monotonic_ns
from typing import Any

from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.lifecycle.start_methods import own_fork_server


class CallReport:
    """Reports one call after the other of the process `index`."""

    def __init__(self, objects: LifecycleSharedObjects, index: int) -> None:
        self._objects = objects
        self._index = index
        self.begin()

    def begin(self) -> None:
        """Begin a report: nothing has been said yet."""
        self._said: list[tuple[str, Any]] = []
        self.born: tuple[int, int] | None = None  # index and pid of the process that it started

    def say(self, name: str, value: Any) -> None:
        """Add an observation: what was returned, raised, printed or seen."""
        self._said.append((name, value))

    def send(self) -> None:
        """Send the report to the supervisor."""
        served = self._objects.method == "forkserver"
        report = {
            "who": self._index,
            "at": monotonic_ns(),
            "says": self._said,
            "server": own_fork_server() if served else None,
            "born": self.born,
        }
        self._objects.reports[1].send(json.dumps(report).encode())
