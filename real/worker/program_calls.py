"""The calls of a program that name no other process: variables, prints, locks, queues, barriers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.process.calls import Call
from real.worker.shared_objects import SharedObjects


class ProgramCalls:
    """The calls of one program. `table` has the function of each kind of call."""

    def __init__(
        self,
        objects: SharedObjects,
        variables: dict[str, Any],
        say: Callable[[str, Any], None],
    ) -> None:
        """`variables` are the globals of the program. `say(name, value)` notes an observation."""
        self._objects = objects
        self._variables = variables
        self._say = say
        self.table: dict[str, Callable[[Call], None]] = {
            "set": self._set,
            "show": self._show,
            "print": self._print,
            "lock": self._lock,
            "unlock": self._unlock,
            "send": self._send,
            "receive": self._receive,
            "barrier": self._wait_at_barrier,
        }

    # -- variables and output

    def _set(self, call: Call) -> None:
        self._variables.update(call.value)

    def _show(self, call: Call) -> None:
        if call.name not in self._variables:
            raise NameError(f"name {call.name!r} is not defined")
        self._say("prints", f"{call.name} = {self._variables[call.name]!r}")

    def _print(self, call: Call) -> None:
        self._say("prints", call.value)

    # -- waiting for each other

    def _lock(self, call: Call) -> None:
        self._objects.locks[call.name].acquire()

    def _unlock(self, call: Call) -> None:
        self._objects.locks[call.name].release()

    def _send(self, call: Call) -> None:
        self._objects.queues[call.name].put(call.value)

    def _receive(self, call: Call) -> None:
        value = self._objects.queues[call.name].get()
        if call.value is not None:
            self._variables[call.value] = value
        self._say(call.words, value)

    def _wait_at_barrier(self, call: Call) -> None:
        self._objects.barriers[call.name].wait()
