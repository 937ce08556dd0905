"""Memory steps of programs that also start and join processes: calls, like all that takes no time.

They are decided as everywhere (`kernel.process.memory_steps`), but they happen in the order of the
calls, each on its own: a child that dies of one is a zombie for its parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kernel.process.calls import CALL, Call
from kernel.process.memory_steps import ALLOC, FREE, TOUCH, Effect, MemoryStep, effects
from kernel.process.program import Program

KINDS = {ALLOC: "alloc", FREE: "free", TOUCH: "touch"}
"""By the place of a memory step: the kind of call that it is."""
PLACES = {kind: place for place, kind in KINDS.items()}

RAISES = {"refused": "MemoryError", "misfreed": "ValueError"}
"""What becomes of a program at a memory step with this effect: an exception that is not caught."""


def fate(program: Program, loaded: int, limit: int) -> tuple[Program, Mapping[int, Effect]]:
    """Return what is executed of a program in a region of `limit` bytes, and its effects.

    The effects of memory steps are by number of the call. `loaded` is the size of the program
    itself. The program is cut behind the step that ends it; where that is an exception, it is
    raised there.
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
    """Yield the memory steps, each at the number of its call."""
    for place, number in zip(program.places, program.durations, strict=True):
        if place == CALL and program.calls[number].kind in PLACES:
            call = program.calls[number]
            yield MemoryStep(number, 0, PLACES[call.kind], call.value)
