"""The calls of a program that nobody dispatches: it makes them itself, and notes what they return.

While a call waits the program uses no core, and a thread has dropped the interpreter lock: the real
calls do both.
"""

from __future__ import annotations

import builtins
import os
import sys
import threading
from collections.abc import Callable, Sequence
from time import monotonic_ns
from typing import Any

from kernel.process.calls import ENDS, Call
from kernel.process.program import WAIT
from real.cells import GAP
from real.host.syscalls import voluntary_switches
from real.native.shared_objects import SharedObjects
from real.native.worker import WAITING, log, wait_of
from real.worker.call_errors import error_words


class NativeCalls:
    """Those of one program: a process, or one of its threads (`who` is its index)."""

    def __init__(
        self, shared_objects: SharedObjects, who: int, cells: memoryview[int], row: int
    ) -> None:
        self._shared_objects, self._who = shared_objects, who
        self._cells, self._row = cells, row
        self.threads: Sequence[threading.Thread] = ()
        self._calls: dict[str, Callable[[Call], Any]] = {
            name.removeprefix("_do_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("_do_")
        }

    def do(self, number: int, call: Call) -> bool:
        """Make that call, the program's `number`-th. True: the program goes on."""
        if call.kind in ENDS:
            if call.kind == "raise":
                self._say("raise", call.value)
            return False
        self._cells[self._row + WAITING] = number + 1
        begun, switches = monotonic_ns(), voluntary_switches()
        try:
            self._calls[call.kind](call)
        except Exception as error:
            self._say(call.words, error_words(error))
        now = monotonic_ns()
        self._cells[self._row + WAITING] = 0
        if now - begun > GAP and voluntary_switches() > switches:
            log(self._cells, self._row, wait_of(WAIT), now)
        return True

    def _say(self, name: str, value: Any) -> None:
        self._shared_objects.say(self._who, name, value)

    def _do_threads(self, call: Call) -> None:
        for thread in self.threads:
            thread.join()

    def _do_set(self, call: Call) -> None:
        self._shared_objects.variables |= call.value

    def _do_show(self, call: Call) -> None:
        variables = self._shared_objects.variables
        if call.name not in variables:
            raise NameError(f"name {call.name!r} is not defined")
        self._say("prints", f"{call.name} = {variables[call.name]!r}")

    def _do_print(self, call: Call) -> None:
        self._say("prints", call.value)

    def _do_lock(self, call: Call) -> None:
        self._shared_objects.locks[call.name].acquire()
        self._shared_objects.holds(call.name, self._who)

    def _do_unlock(self, call: Call) -> None:
        self._shared_objects.holds(call.name, None)  # first: who gets it next says so itself
        self._shared_objects.locks[call.name].release()

    def _do_send(self, call: Call) -> None:
        self._shared_objects.queues[call.name].put(call.value)

    def _do_receive(self, call: Call) -> None:
        value = self._shared_objects.queues[call.name].get()
        if call.value is not None:
            self._shared_objects.variables[call.value] = value
        self._say(call.words, value)

    def _do_barrier(self, call: Call) -> None:
        self._shared_objects.barriers[call.name].wait()

    def _do_yield(self, call: Call) -> None:
        os.sched_yield()


def end_by(call: Call) -> None:
    """End the process as its program says."""
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - until it ends
    if call.kind == "os_exit":
        os._exit(call.value)
    if call.kind == "raise":
        raise getattr(builtins, call.value)
    sys.exit(call.value if call.kind == "exit" else 0)
