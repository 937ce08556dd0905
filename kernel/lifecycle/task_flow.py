"""Where the worker of a pool goes on in its program, which has the tasks of the pool in a row.

    work, steps of task 0, work, steps of task 1, ..., work, end

The call `work` puts the result of a task and takes another one, whose steps follow then.
"""

from __future__ import annotations

from kernel.process.calls import CALL
from kernel.process.program import Program

WORK = "work"


def before_task(program: Program, number: int) -> int:
    """Return the step behind which the task with that number begins."""
    return _works(program)[number]


def before_result(program: Program, step: int) -> int:
    """Return the step before the next `work`, at which the task of this step is over."""
    return next(work for work in _works(program) if work > step) - 1


def _works(program: Program) -> list[int]:
    return [
        step
        for step, (place, number) in enumerate(zip(program.places, program.durations, strict=True))
        if place == CALL and program.calls[number].kind == WORK
    ]
