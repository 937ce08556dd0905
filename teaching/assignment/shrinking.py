"""The smallest case that still fails, found by leaving out and by making smaller.

Delta debugging (Zeller and Hildebrandt, 2002) over the structure of a case: processes first, then
cores and steps, then times. Each step is kept if the smaller case fails in the same way. Hypothesis
shrinks only what its own strategies have drawn, so it could not begin with a hidden workload.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from teaching.assignment.cases import CPU_STEP, DISK, IO_STEP, Case, Steps, Task, renamed

MOST_TRIES = 200


def shrunk(case: Case, fails: Callable[[Case], bool], tries: int = MOST_TRIES) -> Case:
    """Return a smaller case that fails, too, after at most so many `tries`."""
    left, seen = tries, {case}
    going_on = True
    while going_on and left > 0:
        going_on = False
        for smaller in _smaller(case):
            if smaller in seen or smaller.size >= case.size:
                continue
            seen.add(smaller)
            left -= 1
            if fails(smaller):
                case, going_on = smaller, True
                break
            if left <= 0:
                break
    named = renamed(case)
    return named if named == case or fails(named) else case


def _smaller(case: Case) -> Iterator[Case]:
    """Yield smaller cases, those that leave out most first."""
    yield from _fewer_tasks(case)
    yield _mapped(case, lambda task: replace(task, priority=0, tickets=100))
    yield _mapped(case, lambda task: replace(task, steps=_without_disk(task.steps)))
    yield _mapped(case, lambda task: replace(task, arrival=0))
    yield _mapped(case, lambda task: replace(task, steps=task.steps[:1]))
    unit = case.unit
    yield _mapped(case, lambda task: replace(task, steps=_all(task.steps, lambda _ns: unit)))
    yield _mapped(case, lambda task: replace(task, steps=_all(task.steps, _half(unit))))
    for cores in range(1, case.cores):
        yield replace(case, cores=cores)
    for at, task in enumerate(case.tasks):
        for smaller in _simpler(task, case.unit):
            yield replace(case, tasks=(*case.tasks[:at], smaller, *case.tasks[at + 1 :]))
    first = min(task.arrival for task in case.tasks)
    yield _mapped(case, lambda task: replace(task, arrival=task.arrival - first))


def _mapped(case: Case, change: Callable[[Task], Task]) -> Case:
    return replace(case, tasks=tuple(map(change, case.tasks)))


def _all(steps: Steps, change: Callable[[int], int]) -> Steps:
    return tuple((kind, change(ns)) for kind, ns in steps)


def _half(unit: int) -> Callable[[int], int]:
    return lambda ns: max(1, ns // unit // 2) * unit


def _without_disk(steps: Steps) -> Steps:
    return tuple((IO_STEP if kind == DISK else kind, ns) for kind, ns in steps)


def _fewer_tasks(case: Case) -> Iterator[Case]:
    """Yield the case without a half of its processes, a quarter, and so on."""
    many = len(case.tasks)
    size = many // 2
    while size:
        for at in range(0, many, size):
            rest = case.tasks[:at] + case.tasks[at + size :]
            if rest:
                yield replace(case, tasks=rest)
        size //= 2


def _simpler(task: Task, unit: int) -> Iterator[Task]:
    """Yield the task with fewer steps, smaller times, and usual attributes."""
    yield from (replace(task, steps=steps) for steps in _fewer_steps(task.steps))
    for at, (kind, ns) in enumerate(task.steps):
        if kind == DISK:
            yield replace(task, steps=_with(task.steps, at, (IO_STEP, ns)))
        for shorter in _shorter(ns, unit):
            yield replace(task, steps=_with(task.steps, at, (kind, shorter)))
    yield from (replace(task, arrival=at) for at in (0, *_shorter(task.arrival, unit)))
    if task.priority:
        yield replace(task, priority=0)
        yield replace(task, priority=1)
    if task.tickets != 100:
        yield replace(task, tickets=100)


def _fewer_steps(steps: Steps) -> Iterator[Steps]:
    """Yield the program without its last steps, its first ones, or one I/O and the burst after."""
    for keep in range(1, len(steps), 2):
        yield steps[:keep]
    for cut in range(len(steps) - 1 - len(steps) % 2, 0, -2):
        yield steps[cut + 1 :]
    for at in range(1, len(steps) - 1, 2):
        merged = (CPU_STEP, steps[at - 1][1] + steps[at + 1][1])
        yield (*steps[: at - 1], merged, *steps[at + 2 :])


def _with(steps: Steps, at: int, step: tuple[str, int]) -> Steps:
    return (*steps[:at], step, *steps[at + 1 :])


def _shorter(ns: int, unit: int) -> Iterator[int]:
    """Yield shorter times above 0: one unit, the half, one unit less."""
    whole = ns // unit
    for units in dict.fromkeys((1, 2, whole // 2, whole - 1)):
        if 0 < units < whole:
            yield units * unit
