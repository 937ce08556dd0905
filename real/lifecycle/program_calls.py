"""The calls of a worker that concern its own program, or what programs share to wait on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.process.calls import Call
from real.lifecycle.report import CallReport
from real.lifecycle.shared_objects import LifecycleSharedObjects


class ProgramCalls:
    """Those of one program. `table` has the function of each kind of call."""

    def __init__(self, objects: LifecycleSharedObjects, report: CallReport) -> None:
        self._shared = objects.objects
        self._globals = objects.globals
        self._report = report
        self.table: dict[str, Callable[[Call, Any], None]] = {
            "set": self._set,
            "show": self._show,
            "print": self._print,
            "yield": self._yield_core,
            "lock": self._lock,
            "unlock": self._unlock,
            "send": self._send,
            "receive": self._receive,
            "barrier": self._barrier,
        }

    # -- variables and output

    def _set(self, call: Call, order: Any) -> None:
        self._globals.variables |= call.value

    def _show(self, call: Call, order: Any) -> None:
        variables = self._globals.variables
        if call.name not in variables:
            raise NameError(f"name {call.name!r} is not defined")
        self._report.say("prints", f"{call.name} = {variables[call.name]!r}")

    def _print(self, call: Call, order: Any) -> None:
        self._report.say("prints", call.value)

    def _yield_core(self, call: Call, order: Any) -> None:
        """Do nothing: the supervisor gives the core to another process."""

    # -- waiting for each other

    def _lock(self, call: Call, order: Any) -> None:
        self._shared.locks[call.name].acquire()

    def _unlock(self, call: Call, order: Any) -> None:
        self._shared.locks[call.name].release()

    def _send(self, call: Call, order: Any) -> None:
        self._shared.queues[call.name].put(call.value)

    def _receive(self, call: Call, order: Any) -> None:
        value = self._shared.queues[call.name].get()
        if call.value is not None:
            self._globals.variables[call.value] = value
        self._report.say(call.words, value)

    def _barrier(self, call: Call, order: Any) -> None:
        self._shared.barriers[call.name].wait()
