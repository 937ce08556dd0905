"""The calls by which a system of processes that start each other tells a machine what to do."""

from __future__ import annotations

from typing import Any, Protocol

from kernel.process.calls import Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import Effect
from kernel.system.hardware import Hardware


class LifecycleHardware(Hardware, Protocol):
    """What `LifecycleSystem` needs of a machine beyond what every system does."""

    def told(self, event: str, process: Process, by: str) -> None:
        """`process` is born, reaped or adopted, as `event` says, and by which process."""

    def comes_to(self, process: Process) -> None:
        """`process` is about to make a call, which may have consequences before it is told."""

    def says(self, process: Process, name: str, value: Any) -> None:
        """`process` observes or prints something now."""

    def make_call(self, process: Process, call: Call) -> None:
        """`process` makes this call now, and it does not wait (or ends it)."""

    def used_memory(self, process: Process, effect: Effect) -> None:
        """`process` has come to a memory step, which has this effect. `make_call` follows."""

    def await_timeout(self, process: Process, call: Call, delay: int) -> None:
        """In `delay` ns (`process`, `call`) belongs into `timers`."""
