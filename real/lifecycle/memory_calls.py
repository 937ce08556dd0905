"""The memory steps of a lifecycle worker: real accesses to its partition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel.lifecycle.memory_steps import fate
from kernel.process.calls import Call
from kernel.process.memory_steps import Effect
from kernel.process.program import Program
from kernel.process.spec import ProcessSpec
from real.lifecycle.shared_objects import LifecycleSharedObjects
from real.memory.accesses import let_it_be_killed_by_a_fault
from real.memory.partition import Partition


class MemoryCalls:
    """The memory steps of one program, and its partition, if it has one.

    `table` has the function of each kind of memory step.
    """

    def __init__(self, objects: LifecycleSharedObjects, spec: ProcessSpec) -> None:
        """Map the machine's memory, inaccessible, if the program needs memory."""
        self._spec = spec
        self._partition: Partition | None = None
        self._effects: Mapping[int, Effect] = {}  # effect of each memory step, by number of call
        if objects.physical is not None and spec.memory:
            self._scale = objects.physical.scale
            self._partition = Partition.prepare(
                objects.physical, objects.shared, spec.index, len(objects.specs)
            )
        self.table: dict[str, Callable[[Call, Any], None]] = {
            "alloc": self._alloc,
            "free": self._free,
            "touch": self._touch,
        }

    def load(self) -> Program:
        """Load the program into its partition, which is known now.

        Return the program up to the memory step that ends it, or all of it if none does.
        """
        assert self._partition is not None
        self._partition.load()
        limit = self._partition.size // self._scale
        program, self._effects = fate(self._spec.program, self._spec.memory, limit)
        return program

    def check(self) -> None:
        """Check the partition at the end of the program, if there is one."""
        if self._partition is not None:
            self._partition.check()

    def _alloc(self, call: Call, order: Any) -> None:
        """Write to the last byte of what is allocated. If nothing is, the next call raises."""
        effect = self._effects[order["call"]]
        if effect.event == "alloc":
            self._write(effect.address + effect.size - 1)

    def _free(self, call: Call, order: Any) -> None:
        """Do nothing: a program does not touch what it frees."""

    def _touch(self, call: Call, order: Any) -> None:
        """Write to the address. If it lies outside the partition, the process gets SIGSEGV."""
        if self._effects[order["call"]].event == "fault":
            let_it_be_killed_by_a_fault()
        self._write(call.value)

    def _write(self, address: int) -> None:
        assert self._partition is not None
        self._partition.write(address * self._scale)
