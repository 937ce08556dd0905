"""Plans: programs whose random draws are not made yet. A process's program is made from a plan.

All processes of an entry share one plan. If it has no draws, they also share one program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kernel.process.calls import CALL
from kernel.process.memory_steps import ALLOC, FREE, TOUCH
from kernel.process.program import CPU, RELEASE, TRACK, WAIT, Program
from language.schema.distributions import Distribution
from language.schema.lifecycle_base import LifecycleStep
from language.schema.random_draws import Draw, Uniform01
from language.schema.steps import (
    AllocStep,
    CpuStep,
    FreeStep,
    IoStep,
    RepeatStep,
    TouchStep,
    Written,
)

Plan = tuple[tuple[int, int, "Draw | None", "Plan | None"], ...]
"""A tuple of steps. (place, ns or bytes, None, None) is a fixed step, (place, 0, draw, None) is a
random step, (times, 0, None, plan) is a repetition."""


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans from written steps.

    `devices` has the place of each device by name. `number` returns the number that stands for a
    lifecycle step.
    """

    devices: Mapping[str, int]
    number: Callable[[LifecycleStep], int]

    def plan(self, steps: Sequence[Written]) -> Plan:
        """Return the plan of the steps."""
        return tuple(planned for step in steps for planned in (*_track(step), self._planned(step)))

    def _planned(self, step: Written) -> tuple[int, int, Draw | None, Plan | None]:
        match step:
            case RepeatStep():
                return step.repeat.times, 0, None, self.plan(step.repeat.do)
            case LifecycleStep():
                return CALL, self.number(step), None, None
            case AllocStep():
                return ALLOC, step.alloc, None, None
            case FreeStep():
                return FREE, step.free, None, None
            case TouchStep():
                return TOUCH, step.touch, None, None
            case CpuStep():
                place, written = CPU, step.cpu
            case _ if isinstance(step.io, dict):
                device, written = next(iter(step.io.items()))
                place = self.devices[device]
            case _:
                place, written = WAIT, step.io
        amount = amount_of(written)
        return (place, amount, None, None) if isinstance(amount, int) else (place, 0, amount, None)


def _track(step: Written) -> Plan:
    """Return the track of a request to a device, if it has one."""
    track = step.track if isinstance(step, IoStep) else None
    return () if track is None else ((TRACK, track, None, None),)


def amount_of(written: int | Distribution) -> int | Draw:
    """Return the amount (ns), or the function that draws it."""
    return written if isinstance(written, int) else written.draw()


def with_jobs(plan: Plan, jobs: int) -> Plan:
    """Return a plan of `jobs` jobs. Before each job but the first it waits for the release."""
    if jobs == 1:
        return plan
    return ((jobs - 1, 0, None, (*plan, (RELEASE, 0, None, None))), *plan)


def has_draws(plan: Plan) -> bool:
    """Return whether any step is random."""
    return any(draw is not None or (inner and has_draws(inner)) for _p, _ns, draw, inner in plan)


def program_of(plan: Plan, random: Uniform01) -> Program:
    """Return the program, with its draws made."""
    return Program.of(steps_of(plan, random))  # an iterator, as millions of pairs take much memory


def steps_of(plan: Plan, random: Uniform01) -> Iterator[tuple[int, int]]:
    """Yield (place, ns or bytes) of every step. Repetitions are written out, with new draws."""
    for place, ns, draw, inner in plan:
        if inner is not None:
            for _ in range(place):
                yield from steps_of(inner, random)
        elif draw is None:
            yield place, ns
        else:
            yield place, draw(random)


def no_draw() -> float:
    """Raise AssertionError. It takes the place of the random stream of a program without draws."""
    raise AssertionError("a program without draws drew a number")
