"""A worker of a real `multiprocessing.Pool`, as a worker of a lifecycle run.

CPython's own loop takes tasks from the pool's queue, calls `do_task`, and puts what it returns or
raises. In `do_task` the process carries out the orders of the supervisor, which are the steps of
that task. Which task it is, the real queue decides; the supervisor is told.
"""

from __future__ import annotations

import builtins
import json
import os
from typing import Any

from kernel.process.calls import Call
from real.lifecycle.shared_objects import LONGEST, LifecycleSharedObjects
from real.lifecycle.worker import Entries, LifecycleWorker, prepare, without_order


class PoolWorker(LifecycleWorker):
    """A worker that carries out orders until it is ordered to put its result and take a task."""

    def __init__(self, objects: LifecycleSharedObjects, index: int, entries: Entries) -> None:
        objects.globals.variables |= {"args": [], "kwargs": {}}
        super().__init__(objects, index, prepare(objects), entries)
        self._work: int | None = None  # the number of the call in which it takes a task
        self._returned: Any = None
        self._raised: type[Exception] | None = None
        self._calls["fail"] = without_order(self._fail)
        self._calls["return"] = without_order(self._return)

    def begin(self, index: int) -> None:
        """Say that the process is there, and carry out orders until it is to take a task."""
        self._report.begin(starts=False)
        self._report.born = index, os.getpid()
        self._report.send(None)
        self._stderr.observe(self._observe_error)
        self._obey_until_work()

    def _observe_error(self, text: str) -> None:
        """Report the error with which the process ends outside of a task."""
        if "Traceback" in text:
            self._report.say("raise", text.splitlines()[-1].partition(":")[0])

    def do_task(self, number: int) -> Any:
        """Do a task. Return what it returns, or raise what it raises."""
        self._report.begin(starts=False)
        self._report.task = number
        self._report.send(self._work)
        self._work = self._returned = self._raised = None
        self._obey_until_work()
        if self._raised is not None:
            raise self._raised
        return self._returned

    def _obey_until_work(self) -> None:
        try:
            while self._work is None:
                self._carry_out(json.loads(self._orders.recv(LONGEST)))
        except BaseException:  # the process ends: what it says now is sent at once
            self._report.end()
            raise

    def _call(self, call: Call, order: dict[str, Any]) -> None:
        if call.kind == "work":  # it returns when the next task has been taken
            self._work = order["call"]
        else:
            super()._call(call, order)

    def _fail(self, call: Call) -> None:
        self._raised = getattr(builtins, call.value)

    def _return(self, call: Call) -> None:
        self._returned = call.value
