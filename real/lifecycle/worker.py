"""The worker of a lifecycle run. It makes the real calls of `multiprocessing`.

The worker carries out one order of the supervisor at a time: it computes a burst, or makes its next
calls, one after the other at full speed. It really makes each call, also a call that waits: then it
sits in the call, as any process does, until the call returns. What a call really returned or raised
is reported, whatever the rules expected.
"""

from __future__ import annotations

import builtins
import gc
import json
import os
import signal
import sys
import types
from collections.abc import Callable
from time import monotonic_ns
from typing import Any, NamedTuple

from kernel.process.calls import ENDS, Call
from kernel.process.program import CPU
from real.cells import BELL, GAP, PARKED, ROW
from real.host import syscalls
from real.lifecycle.feeders import await_feeder, hold_at_end
from real.lifecycle.memory_calls import MemoryCalls
from real.lifecycle.pool_calls import PoolCalls
from real.lifecycle.process_calls import ProcessCalls
from real.lifecycle.report import STARTS, CallReport
from real.lifecycle.shared_objects import LONGEST, LifecycleSharedObjects
from real.worker.burst import burn, linger, warm_up
from real.worker.call_errors import error_words
from real.worker.end_stderr import EndStderr
from real.worker.log import put_interval
from real.worker.program_calls import ProgramCalls
from real.worker.start import forget_signals


def prepare(objects: LifecycleSharedObjects) -> EndStderr:
    """Make this process one that obeys the supervisor. Return what stands for its stderr."""
    # the main module stands for the scenario's program; without a file, no child imports it again
    sys.modules["__main__"] = types.ModuleType("__main__")
    os.sched_setaffinity(0, objects.aside)
    syscalls.show_in_proc()  # the supervisor reads the exit code in /proc if it is not the parent
    forget_signals()
    if objects.interrupts:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()
    sys.stderr = stderr = EndStderr()
    return stderr


class Entries(NamedTuple):
    """The functions that are called first in processes that a worker starts."""

    process: Callable[..., None]  # the target of a Process object
    worker: Callable[..., None]  # the initializer of a worker of a pool
    task: Callable[[int], Any]  # a task, in a worker of a pool


class LifecycleWorker:
    """One process, which carries out the orders of the supervisor."""

    def __init__(
        self, objects: LifecycleSharedObjects, index: int, stderr: EndStderr, entries: Entries
    ) -> None:
        self._objects, self._stderr = objects, stderr
        self._cells, self._row = objects.shared.cells, index * ROW
        self._orders = objects.orders[index][1]
        spec = objects.specs[index]
        self._program = spec.program
        self._report = CallReport(objects, index)
        self._memory = MemoryCalls(objects, spec)
        program = ProgramCalls(objects.objects, objects.globals.variables, self._report.say)
        self._own_calls = program
        self._has_fed = False  # it has a feeder thread
        self._processes = ProcessCalls(objects, spec, self._report, entries.process, self.obey)
        self._calls: dict[str, Callable[[Call, Any], None]] = {
            "end": self._end,
            "exit": self._end,
            "os_exit": self._exit_at_once,
            "yield": self._yield_core,
            **{kind: without_order(make) for kind, make in program.table.items()},
            **self._processes.table,
            **self._memory.table,
            **PoolCalls(objects, self._report, entries.worker, entries.task).table,
        }

    def take_place(self) -> None:
        """Tell the supervisor that the process is there, and waits for orders."""
        warm_up()
        self._cells[self._row + PARKED] = 1

    def obey(self) -> None:
        """Carry out orders, one after the other, until the end of the program. Never returns."""
        try:
            while True:
                self._carry_out(json.loads(self._orders.recv(LONGEST)))
        except KeyboardInterrupt:
            self._observe_traceback("KeyboardInterrupt")
            raise
        finally:  # the program ends by SystemExit or another exception
            self._report.end()
            self._own_calls.end()

    def _carry_out(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "burn":
                self._burn(order["step"], order.get("calling"))
            case "calls":
                for each in order["calls"]:
                    self._call(self._program.calls[each["call"]], each)
            case "load":
                self._program = self._memory.load()
            case "exit":
                self._memory.check()
                raise SystemExit(order["code"])

    # -- computing

    def _burn(self, step: int, calling: tuple[int, int] | None) -> None:
        """Compute the burst of that step.

        `calling`: from when to when the worker was on its core for a call before, absolute ns.
        """
        assert self._program.places[step] == CPU
        since = None
        if calling is not None:
            since, until = calling
            if monotonic_ns() - until > GAP:  # the worker did not run in between
                put_interval(self._cells, self._row, since, until)
                since = None
        burn(self._cells, self._row, self._program.durations[step], (), since)
        os.write(self._objects.bell, BELL)
        linger(self._cells, self._row, self._objects.linger)

    # -- calls

    def _call(self, call: Call, order: dict[str, Any]) -> None:
        """Make the call, and report what it returned or raised."""
        report = self._report
        report.begin(starts=call.kind in STARTS)
        if call.kind == "raise":
            self._memory.check()
            report.end()
            self._observe_traceback(call.value)
            raise getattr(builtins, call.value)
        try:
            self._calls[call.kind](call, order)
        except Exception as error:
            report.say(call.words, error_words(error))
        if call.kind == "send":
            self._await_feeder(self._objects.objects.queues[call.name])
        report.send(None if call.kind in ENDS else order["call"])
        if call.kind == "unguarded":
            raise SystemExit(1)
        if call.kind == "call":  # the rest of the program runs within `run`, in this process
            self._processes.handle(call.name).run()

    def _observe_traceback(self, name: str) -> None:
        """Report the exception that ends the process when CPython prints its traceback.

        That is after its finally clauses, and after it has joined its children. Of SystemExit it
        prints none.
        """
        self._stderr.observe(lambda _text: self._report.say("raise", name))

    def _await_feeder(self, queue: Any) -> None:
        """Let the feeder of a queue write, if it has one."""
        if getattr(queue, "_thread", None) is None:
            return
        self._report.feeding = await_feeder(queue)
        if not self._has_fed:
            self._has_fed = True
            hold_at_end(self._await_leave)

    def _await_leave(self) -> None:
        """Wait until the supervisor lets the process end."""
        while json.loads(self._orders.recv(LONGEST))["do"] != "leave":
            pass

    def _end(self, call: Call, order: dict[str, Any]) -> None:
        self._memory.check()
        code = call.value if call.kind == "exit" else 0
        if isinstance(code, str):
            self._stderr.observe(lambda text: self._report.say("stderr", text))
        self._report.end()
        sys.exit(code)

    def _exit_at_once(self, call: Call, order: dict[str, Any]) -> None:
        os._exit(call.value)

    def _yield_core(self, call: Call, order: dict[str, Any]) -> None:
        """Do nothing: the supervisor gives the core to another process."""


def without_order(make: Callable[[Call], None]) -> Callable[[Call, Any], None]:
    """Return a function that makes a call which needs nothing from the supervisor."""
    return lambda call, _order: make(call)
