"""The memory steps of a program, and what becomes of them in a region of a given size.

A memory step takes no time. It stands inside a CPU burst, at an offset, so that what is before and
behind it is one burst. Addresses are relative to the program's base, and the limit is the size of
the region that it was given: hardware with a base and a limit register compares just these two.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from typing import NamedTuple

ALLOC, FREE, TOUCH = -4, -5, -6
"""A step's place: a memory step. Its amount is bytes, or the address that is touched."""

EXITCODES = {"refused": 1, "misfreed": 1, "fault": -int(signal.SIGSEGV)}
"""How a program ends at a step with this effect."""


class MemoryStep(NamedTuple):
    """A memory step: when the CPU burst that is step `step` has had `offset` ns."""

    step: int
    offset: int
    kind: int  # ALLOC | FREE | TOUCH
    amount: int  # bytes; of a TOUCH the address


class Effect(NamedTuple):
    """What a step did: `alloc`, `free`, `touch`, or one of EXITCODES, with which it ends."""

    memory_step: MemoryStep
    event: str
    address: int  # of the first byte concerned, relative to the base
    size: int  # bytes


def effects(memory_steps: Iterable[MemoryStep], loaded: int, limit: int) -> Iterator[Effect]:
    """Yield what the memory steps do, in order, up to and with the one that ends the program.

    `loaded` is the program itself, in bytes, which it holds from the start; `limit` is its region.
    What it allocates lies behind that, and it may free only what it has allocated.
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
