"""A program in its partition: it fills it, does its memory steps there, and looks after it.

A memory step is a real access. One within the partition succeeds; one outside it has no page that
the process may use, and the operating system kills it with SIGSEGV, as the model says.
"""

from __future__ import annotations

import ctypes
import faulthandler
import signal
from collections.abc import Callable, Iterator

from kernel.marks import EXITCODES, Effect, effects
from kernel.memory import Region
from kernel.workload import CPU, Program
from real import linux
from real.memory import PhysicalMemory

WHOLE = 64  # pages: a partition of no more is verified whole, in 20 us
SAMPLED = 16  # pages of a larger one, in 30 us
BEFORE_THE_END = 200_000  # ns of its last burst that are left when a program verifies its partition

Errand = tuple[int, Callable[[], None]]
"""What a worker does in the middle of a burst: at which offset (ns), and what."""


class Tenant:
    """One worker's program in its partition. Addresses are real, sizes real bytes."""

    def __init__(self, memory: PhysicalMemory, machine: int, region: Region, pattern: int) -> None:
        """`machine` is the address of the machine's memory, `region` is as `memory.place` gave it.

        Opens the partition and fills it with the byte `pattern`.
        """
        self._base = machine + region.base
        self._size = region.size
        self._scale = memory.scale
        self._pattern = pattern
        self.wrong_at: int | None = None  # where a byte was not its own, from the base
        memory.load(machine, region, pattern)

    def errands(self, program: Program, loaded: int) -> dict[int, list[Errand]]:
        """What to do in which step. `loaded` is the size of the program, in the scenario's bytes.

        In its last burst it verifies the partition too.
        """
        found: dict[int, list[Errand]] = {}
        for effect in self._effects(program, loaded):
            if effect.event not in EXITCODES:
                errand = effect.mark.offset, lambda effect=effect: self._do(effect)
                found.setdefault(effect.mark.step, []).append(errand)
        cut, _ = program.fate(loaded, self._limit)
        steps = reversed(range(len(cut.places)))
        last = next((step for step in steps if cut.places[step] == CPU), None)
        if last is not None:
            at = max(0, cut.durations[last] - BEFORE_THE_END)
            errands = [*found.get(last, []), (at, self.verify)]
            found[last] = sorted(errands, key=lambda errand: errand[0])
        return found

    def end(self, program: Program, loaded: int) -> None:
        """The mark that ends the program, if one does: returns only if none does."""
        for effect in self._effects(program, loaded):
            if effect.event == "fault":
                faulthandler.disable()  # it would tell the story of a death that is no mishap
                signal.signal(signal.SIGSEGV, signal.SIG_DFL)
                linux.forbid_core_dump()
                self._do(effect)
            elif effect.event in EXITCODES:
                raise SystemExit(EXITCODES[effect.event])

    def verify(self) -> None:
        """Are all bytes of the partition still its own? `wrong_at` says where one is not.

        A large partition is not read as a whole: the first, the last and some pages between.
        """
        pages, page = self._size // linux.PAGE, linux.PAGE
        if pages <= WHOLE:
            stretches = [(0, self._size)]
        else:
            stretches = [(pages * k // SAMPLED * page, page) for k in range(SAMPLED - 1)]
            stretches.append((self._size - page, page))
        for at, size in stretches:
            if not linux.is_filled(self._base + at, size, self._pattern):
                self.wrong_at = at
                return

    @property
    def _limit(self) -> int:
        return self._size // self._scale

    def _effects(self, program: Program, loaded: int) -> Iterator[Effect]:
        return effects(program.marks, loaded, self._limit)

    def _do(self, effect: Effect) -> None:
        """Write to the address that is touched, or to the last byte that is allocated."""
        if effect.event != "free":
            address = (effect.address + effect.size - 1) * self._scale
            ctypes.memset(self._base + address, self._pattern, 1)
