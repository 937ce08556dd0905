"""Memory steps of programs that make calls: here they are calls, too.

Their effects are those of `kernel.process.memory_steps`, but they happen in the order of the calls.
A child that a memory step ends is a zombie until its parent has waited for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kernel.process.calls import CALL, Call
from kernel.process.memory_steps import ALLOC, FREE, TOUCH, Effect, MemoryStep, effects
from kernel.process.program import Program

KINDS = {ALLOC: "alloc", FREE: "free", TOUCH: "touch"}
"""The kind of call of a memory step, by the step's place."""
PLACES = {kind: place for place, kind in KINDS.items()}

RAISES = {"refused": "MemoryError", "misfreed": "ValueError"}
"""The exception, not caught, with which a memory step of this effect ends the program."""


def fate(program: Program, loaded: int, limit: int) -> tuple[Program, Mapping[int, Effect]]:
    """Return the part of a program that is executed in a region of `limit` bytes, and its effects.

    The effects of memory steps are by the index of the call. `loaded` is the size of the program
    itself, bytes. The program is cut after the step that ends it. If an exception ends it, a call
    that raises the exception follows there.
    """
    found = {
        effect.memory_step.step: effect for effect in effects(_memory_steps(program), loaded, limit)
    }
    steps = list(zip(program.places, program.durations, strict=True))
    for number, effect in found.items():
        if effect.event == "fault":
            return Program.of(steps[: steps.index((CALL, number)) + 1], program.calls), found
        if effect.event in RAISES:
            calls = (*program.calls, Call("raise", "", RAISES[effect.event]))
            cut = steps[: steps.index((CALL, number)) + 1]
            return Program.of([*cut, (CALL, len(program.calls))], calls), found
    return program, found


def _memory_steps(program: Program) -> Iterator[MemoryStep]:
    """Yield the memory steps; `step` is the index of the call."""
    for place, number in zip(program.places, program.durations, strict=True):
        if place == CALL and program.calls[number].kind in PLACES:
            call = program.calls[number]
            yield MemoryStep(number, 0, PLACES[call.kind], call.value)
