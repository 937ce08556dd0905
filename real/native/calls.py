"""The calls of a native program. The program makes them itself, and notes what they return.

They are real calls: while a call waits, the kernel gives the core to another process, and a thread
does not hold the interpreter lock.
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
from real.native.cells import CALLING
from real.native.log import wait_entry
from real.native.shared_objects import NativeSharedObjects
from real.worker.call_errors import error_words
from real.worker.end_stderr import EndStderr
from real.worker.log import put
from real.worker.program_calls import ProgramCalls


class NativeCalls:
    """The calls of one thread. `index` is the index of its process in the scenario."""

    def __init__(
        self,
        shared: NativeSharedObjects,
        index: int,
        cells: memoryview[int],
        row: int,
        threads: Sequence[threading.Thread] = (),  # the call `threads` joins them
    ) -> None:
        self._shared, self._index = shared, index
        self._cells, self._row = cells, row
        self._threads = threads
        self._program = ProgramCalls(shared.objects, shared.variables, self._say)
        self._makers: dict[str, Callable[[Call], None]] = {
            **self._program.table,
            "threads": self._join_threads,
            "lock": self._lock,
            "unlock": self._unlock,
            "yield": self._yield,
        }

    def make(self, number: int, call: Call) -> bool:
        """Make the program's call `number`, which is `call`. Return whether the program goes on.

        If the call waited for longer than GAP, the wait is logged.
        """
        if call.kind in ENDS:
            return False
        self._cells[self._row + CALLING] = 1 + number
        begun, switches = monotonic_ns(), voluntary_switches()
        try:
            self._makers[call.kind](call)
        except Exception as error:
            self._say(call.words, error_words(error))
        now = monotonic_ns()
        self._cells[self._row + CALLING] = 0
        if now - begun > GAP and voluntary_switches() > switches:
            put(self._cells, self._row, wait_entry(WAIT), now)
        return True

    def _say(self, name: str, value: Any) -> None:
        self._shared.observations.say(self._index, name, value)

    def _join_threads(self, _call: Call) -> None:
        for thread in self._threads:
            thread.join()

    def _lock(self, call: Call) -> None:
        """Take a lock, and note which process holds it, for the words of a deadlock."""
        self._program.table["lock"](call)
        self._shared.hold(call.name, self._index)

    def _unlock(self, call: Call) -> None:
        self._shared.give_back(call.name)  # first, as the next holder notes that it has the lock
        self._program.table["unlock"](call)

    def _yield(self, _call: Call) -> None:
        os.sched_yield()

    def end_thread_by(self, ending: Call | None) -> None:
        """End a thread. Of an exception `threading` prints a traceback; SystemExit it ignores."""
        self._program.end()
        if ending is not None and ending.kind == "raise" and ending.value != "SystemExit":
            self._say("raise", ending.value)

    def end_by(self, ending: Call | None) -> None:
        """End the process by the last call of its program; None: after its last step.

        What CPython prints about it on stderr is observed.
        """
        if ending is not None and ending.kind == "os_exit":
            os._exit(ending.value)
        self._program.end()
        if ending is None:
            return
        sys.stderr = stderr = EndStderr()
        if ending.kind == "raise":
            stderr.observe(lambda _text: self._say("raise", ending.value))
            raise getattr(builtins, ending.value)
        stderr.observe(lambda text: self._say("stderr", text))
        sys.exit(ending.value if ending.kind == "exit" else 0)


def exit_code_of(ending: Call | None) -> int:
    """Return the exit code of a program that ends by this call; None: after its last step."""
    if ending is None or ending.kind == "end" or ending.value in (None, "SystemExit"):
        return 0
    if ending.kind == "raise" or not isinstance(ending.value, int):
        return 1
    return int(ending.value) & 0xFF
