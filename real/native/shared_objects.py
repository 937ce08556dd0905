"""What programs that nobody dispatches share to wait for each other, and where they say things.

It is made before the fork. They make their calls themselves, the real ones; what they observe and
print goes into a file without a name, in one write each, so nothing is lost and nobody waits.
"""

from __future__ import annotations

import fcntl
import json
import mmap
import os
from collections.abc import Iterator, Mapping
from time import monotonic_ns
from typing import Any

from kernel.lifecycle.deadlock import deadlock_words, stuck_names
from kernel.lifecycle.process_tree import ProcessTree, Status
from kernel.lifecycle.semantics import Semantics
from kernel.lifecycle.sync import Lock
from kernel.process.calls import Call
from kernel.workload import Workload

Said = tuple[int, int, str, Any]
"""When (absolute ns), who (index), what it is called, and its value."""


class SharedObjects:
    """Locks, queues, barriers, and the file of what is said. The context is multiprocessing's."""

    def __init__(self, workload: Workload, context: Any) -> None:
        rules = workload.lifecycle
        assert rules is not None
        self.variables = dict(rules.variables)
        calls = [call for spec in workload.processes for call in spec.program.calls]
        self.locks = {a.name: context.Lock() for a in calls if a.kind in ("lock", "unlock")}
        self.queues = {
            a.name: context.SimpleQueue() for a in calls if a.kind in ("send", "receive")
        }
        self.barriers = {n: context.Barrier(parties) for n, parties in rules.barriers.items()}
        self._place = {name: place for place, name in enumerate(self.locks)}
        self._map = mmap.mmap(-1, 8 * (1 + len(self.locks)))
        self._holders = memoryview(self._map).cast("q")  # index + 1 of each lock's; 0: nobody
        self._file = os.memfd_create("multiprog-said", os.MFD_CLOEXEC)
        # All of them write by one open file. Linux locks the offset of files with a name only, so
        # of two lines written at once one would be lost. What is appended has a lock of its own.
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)

    def say(self, who: int, name: str, value: Any) -> None:
        """Process or thread `who` says something."""
        line = json.dumps([monotonic_ns(), who, name, value]) + "\n"
        os.write(self._file, line.encode())

    def said(self) -> Iterator[Said]:
        """All that has been said, in order. What a killed program was about to say is left out."""
        size = os.fstat(self._file).st_size
        for line in os.pread(self._file, size, 0).splitlines():
            at, who, name, value = json.loads(line)
            yield at, who, name, value

    def holds(self, name: str, who: int | None) -> None:
        """`who` has the lock of that name now; None: it gives it back."""
        self._holders[self._place[name]] = 0 if who is None else who + 1

    def _holder(self, name: str) -> int | None:
        return self._holders[self._place[name]] - 1 if self._holders[self._place[name]] else None

    def deadlock(
        self, workload: Workload, waits: Mapping[int, Call], over: Mapping[int, int]
    ) -> tuple[str, list[str]]:
        """In the model's words who waits for whom, and the names of those that do.

        `over`: exit codes of those that have ended.
        """
        assert workload.lifecycle is not None
        process_tree = ProcessTree([spec.name for spec in workload.processes], lambda *_event: None)
        for member in process_tree.members:
            member.status = Status.GONE if member.index in over else Status.ALIVE
            member.exitcode = over.get(member.index)
        host: Any = None  # nobody makes a call
        calls = Semantics(process_tree, workload.lifecycle, host, {})
        calls.waits.update(waits)
        calls.locks.update({name: Lock(self._holder(name)) for name in self.locks})
        for who, call in waits.items():
            if call.kind == "barrier":
                calls.barriers[call.name].waiting.append(who)
        return deadlock_words(calls, []), stuck_names(calls, [])

    def close(self) -> None:
        """Give back what it holds."""
        for queue in self.queues.values():
            queue.close()
        for shared in (self.locks, self.queues, self.barriers):
            shared.clear()
        self._holders.release()
        self._map.close()
        os.close(self._file)
