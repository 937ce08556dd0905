"""The memory steps of a program, and their effects in a region of a given size.

A memory step takes no time. It is inside a CPU burst, at an offset, so the CPU time before and
after it is one burst. Addresses are relative to the program's base. The limit is the size of the
program's region: hardware with a base and a limit register makes the same comparison.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kernel.process.signals import SIGSEGV

ALLOC, FREE, TOUCH = -4, -5, -6
"""A step's place: a memory step. Its amount is bytes, or the address that is touched."""

EXITCODES = {"refused": 1, "misfreed": 1, "fault": -SIGSEGV}
"""The exit code of a program that ends by this effect of a memory step."""


class MemoryStep(NamedTuple):
    """A memory step, made when the CPU burst that is step `step` has run for `offset` ns."""

    step: int
    offset: int
    kind: int  # ALLOC | FREE | TOUCH
    amount: int  # bytes; of a TOUCH the address


class Effect(NamedTuple):
    """What a memory step did: `alloc`, `free`, `touch`, or one of EXITCODES: the program ends."""

    memory_step: MemoryStep
    event: str
    address: int  # of the first byte concerned, relative to the base
    size: int  # bytes


def effects(memory_steps: Iterable[MemoryStep], loaded: int, limit: int) -> Iterator[Effect]:
    """Yield the effects of the memory steps in order, until one of them ends the program.

    `loaded` is the size of the program itself, `limit` that of its region, both in bytes. The
    program allocates memory behind itself, and may free only what it has allocated.
    """
    held = loaded
    for step in memory_steps:
        effect = _effect(step, held, loaded, limit)
        yield effect
        if effect.event in EXITCODES:
            return
        if step.kind != TOUCH:
            held += step.amount if step.kind == ALLOC else -step.amount


def _effect(step: MemoryStep, held: int, loaded: int, limit: int) -> Effect:
    amount = step.amount
    if step.kind == TOUCH:
        return Effect(step, "touch" if amount < limit else "fault", amount, 1)
    if step.kind == ALLOC:
        return Effect(step, "alloc" if held + amount <= limit else "refused", held, amount)
    if amount > held - loaded:
        return Effect(step, "misfreed", held, amount)
    return Effect(step, "free", held - amount, amount)
