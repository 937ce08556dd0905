"""The memory steps of a program, as real accesses to its partition.

An access within the partition succeeds. An access outside it hits no page that the process may use.
Then the operating system kills the process with SIGSEGV, as the model says.
"""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Callable

from kernel.process.memory_steps import EXITCODES, Effect, effects
from kernel.process.program import CPU, Program
from real.host import syscalls
from real.memory.partition import Partition

BEFORE_THE_END = 200_000  # ns before the end of the last burst at which the partition is checked
FOR_EACH_MIB = 100_000  # ns by which the check is earlier for each MiB of the partition

Access = tuple[int, Callable[[], None]]
"""An access in the middle of a burst: at which offset in the burst (ns), and the function of it."""


class MemoryAccesses:
    """The accesses of a program to its partition. Made when the partition's size is known."""

    def __init__(self, program: Program, loaded: int, partition: Partition, scale: int) -> None:
        """Take the size of the program itself, `loaded`, in bytes of the scenario.

        The partition has `scale` times as many bytes as its region in the scenario.
        """
        limit = partition.size // scale
        self.program, _ = program.fate(loaded, limit)  # cut at the memory step that ends it
        self._effects = list(effects(program.memory_steps, loaded, limit))
        self._partition = partition
        self._scale = scale

    @property
    def ends_on_a_core(self) -> bool:
        """Return whether the last step is a burst: then the partition is checked in that burst."""
        return self.program.places[-1] == CPU

    def in_bursts(self) -> dict[int, list[Access]]:
        """Return the accesses in bursts, by step, without the access that ends the program.

        The check of the partition is one of them, if the last step is a burst.
        """
        found: dict[int, list[Access]] = {}
        for effect in self._effects:
            if effect.event not in EXITCODES:
                access = effect.memory_step.offset, lambda effect=effect: self._do(effect)
                found.setdefault(effect.memory_step.step, []).append(access)
        if self.ends_on_a_core:
            last = len(self.program.places) - 1
            before = BEFORE_THE_END + FOR_EACH_MIB * self._partition.size // 2**20
            at = max(0, self.program.durations[last] - before)
            accesses = [*found.get(last, []), (at, self._partition.check)]
            found[last] = sorted(accesses, key=lambda access: access[0])
        return found

    def end(self) -> None:
        """Execute the memory step that ends the program. Returns only if there is none."""
        for effect in self._effects:
            if effect.event == "fault":
                let_it_be_killed_by_a_fault()
                self._do(effect)
            elif effect.event in EXITCODES:
                raise SystemExit(EXITCODES[effect.event])

    def _do(self, effect: Effect) -> None:
        """Write to the address that is touched, or to the last byte that is allocated.

        A free does nothing.
        """
        if effect.event != "free":
            self._partition.write((effect.address + effect.size - 1) * self._scale)


def let_it_be_killed_by_a_fault() -> None:
    """Let a later fault kill the calling process without a message or a core file."""
    faulthandler.disable()  # it would print a traceback, and the death is intended
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    syscalls.forbid_core_dump()
