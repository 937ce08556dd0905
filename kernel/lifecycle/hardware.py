"""The calls by which a system of processes that start each other tells a machine what to do."""

from __future__ import annotations

from typing import Any, Protocol

from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.system.hardware import Hardware


class LifecycleHardware(Hardware, Protocol):
    """What `LifecycleSystem` needs of a machine beside the calls of `Hardware`."""

    def told(self, event: str, process: Process, by: str) -> None:
        """Note that `process` is born, reaped or adopted (`event`), by the process named `by`."""

    def comes_to(self, process: Process) -> None:
        """Note that `process` is about to make a call. Its effects may come before `make_call`."""

    def says(self, process: Process, name: str, value: Any) -> None:
        """Note that `process` observes or prints `value` now, under `name`."""

    def make_call(self, process: Process, call: Call) -> None:
        """Let `process` make this call now: the call does not wait, or it ends the process."""

    def used_memory(self, process: Process, effect: Effect) -> None:
        """Note the effect of a memory step to which `process` has come. `make_call` follows."""

    def waits_in_call(self, process: Process, call: Call) -> None:
        """Note that `process` waits in this call: it has just made it, or has looked again."""

    def fed(self, process: Process, thread: str) -> None:
        """Note that a thread of `process` is about to go on, which needs no core."""

    def await_timeout(self, process: Process, purpose: Any, delay: int) -> None:
        """Put (`process`, `purpose`) into `timers` in `delay` ns."""
