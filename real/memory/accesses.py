"""A program in its partition: its memory steps, which are real accesses.

One within the partition succeeds; one outside it has no page that the process may use, and the
operating system kills it with SIGSEGV, as the model says.
"""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Callable

from kernel.process.memory_steps import EXITCODES, Effect, effects
from kernel.process.program import CPU, Program
from real.host import syscalls
from real.memory.partition import Partition

BEFORE_THE_END = 200_000  # ns of its last burst that are left when it looks at its partition,
FOR_EACH_MIB = 100_000  # and so much more for each MiB of that

Access = tuple[int, Callable[[], None]]
"""What a worker does in the middle of a burst: at which offset (ns), and what."""


class MemoryAccesses:
    """What a program does in its partition, once it is known how large that is."""

    def __init__(self, program: Program, loaded: int, partition: Partition, scale: int) -> None:
        """`loaded` is the size of the program, in bytes of the scenario; a partition has `scale`
        times as many as its region there.
        """
        limit = partition.size // scale
        self.program, _ = program.fate(loaded, limit)  # as far as it gets
        self._effects = list(effects(program.memory_steps, loaded, limit))
        self._partition = partition
        self._scale = scale

    @property
    def ends_on_a_core(self) -> bool:
        """Not by a wait: it looks at its partition for the last time just before its end."""
        return self.program.places[-1] == CPU

    def in_bursts(self) -> dict[int, list[Access]]:
        """What to do in which step, but for what ends the program."""
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
        """The mark that ends the program, if one does: returns only if none does."""
        for effect in self._effects:
            if effect.event == "fault":
                let_it_be_killed_by_a_fault()
                self._do(effect)
            elif effect.event in EXITCODES:
                raise SystemExit(EXITCODES[effect.event])

    def _do(self, effect: Effect) -> None:
        """Write to the address that is touched, or to the last byte that is allocated."""
        if effect.event != "free":
            self._partition.write((effect.address + effect.size - 1) * self._scale)


def let_it_be_killed_by_a_fault() -> None:
    """This process is about to write where it must not: it dies of that, and nothing else comes."""
    faulthandler.disable()  # it would tell the story of a death that is no mishap
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)
    syscalls.forbid_core_dump()
