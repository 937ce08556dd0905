"""How the hidden workloads of each kind are made from a seed.

Times are multiples of a unit, half a quantum of the scheduler: so arrivals, ends of I/O and
expiries meet often. Draws use only `Random.random`, which gives the same in every Python.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256

from kernel.units import ms
from kernel.workload import SchedulerSpec
from teaching.assignment.cases import CPU_STEP, DISK, IO_STEP, Case, Steps, Task, name_of

_USUAL_UNIT = ms(10)
_LEAST_UNIT = ms(1)


class Draw:
    """The draws of one case."""

    def __init__(self, seed: int, kind: str, number: int) -> None:
        text = f"{seed} {kind} {number}".encode()
        self._random = random.Random(int.from_bytes(sha256(text).digest(), "big"))
        self.seed = int.from_bytes(sha256(b"policy " + text).digest()[:7], "big")

    def whole(self, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        return least + int(self._random.random() * (most - least + 1))

    def one_of(self, values: tuple[int, ...]) -> int:
        """Return one of the values."""
        return values[self.whole(0, len(values) - 1)]


def cases(workloads: Mapping[str, int], seed: int, scheduler: SchedulerSpec) -> list[Case]:
    """Return the hidden workloads: so many of each kind. The same seed gives the same ones."""
    return [
        case_of(kind, number, seed, unit_of(scheduler))
        for kind, many in workloads.items()
        for number in range(1, many + 1)
    ]


def case_of(kind: str, number: int, seed: int, unit: int) -> Case:
    """Return the hidden workload of that kind and number; `unit` in ns."""
    draw = Draw(seed, kind, number)
    cores, tasks = _KINDS[kind](draw)
    made = tuple(
        Task(
            name_of(at),
            task.arrival * unit,
            tuple((step, length * unit) for step, length in task.steps),
            task.priority,
            task.tickets,
        )
        for at, task in enumerate(tasks)
    )
    return Case(kind, number, made, cores, draw.seed, unit)


def unit_of(scheduler: SchedulerSpec) -> int:
    """Return half of the scheduler's quantum, ns, or 10 ms if it has none."""
    quantum = scheduler.parameters.get("quantum")
    if quantum is None:
        quanta = scheduler.parameters.get("quanta")
        quantum = quanta[0] if isinstance(quanta, list) and quanta else None
    if isinstance(quantum, int) and quantum >= 2 * _LEAST_UNIT and quantum % 2 == 0:
        return quantum // 2
    return _USUAL_UNIT


Made = tuple[int, list[Task]]
"""How many cores, and the processes, with times in units; their names are given later."""


def _task(arrival: int, *steps: tuple[str, int], priority: int = 0, tickets: int = 100) -> Task:
    return Task("", arrival, steps, priority, tickets)


def _with_io(draw: Draw, bursts: int, *, queues: bool) -> Steps:
    """Return a program of so many bursts with I/O between them; `queues`: some of it at a disk."""
    steps: list[tuple[str, int]] = []
    for burst in range(bursts):
        if burst:
            at = DISK if queues and draw.whole(0, 1) else IO_STEP
            steps.append((at, draw.whole(1, 5)))
        steps.append((CPU_STEP, draw.whole(1, 5)))
    return tuple(steps)


def _plain(draw: Draw) -> Made:
    tasks = []
    for at in range(draw.whole(4, 6)):
        arrival = draw.whole(0, 3) + 2 * at if at else 0
        tasks.append(_task(arrival, (CPU_STEP, draw.whole(1, 9)), priority=draw.whole(0, 5)))
    return 1, tasks


def _ties(draw: Draw) -> Made:
    bursts = draw.whole(2, 4), draw.whole(2, 6)
    return 1, [
        _task(
            draw.one_of((0, 0, 2, 2, 4, 6)) if at else 0,
            (CPU_STEP, draw.one_of(bursts)),
            priority=draw.whole(1, 2),
        )
        for at in range(draw.whole(4, 6))
    ]


def _io(draw: Draw) -> Made:
    return 1, [
        _task(
            draw.whole(0, 4) if at else 0,
            *_with_io(draw, draw.whole(1, 3), queues=True),
            priority=draw.whole(0, 3),
        )
        for at in range(draw.whole(3, 5))
    ]


def _cores(draw: Draw) -> Made:
    return draw.whole(2, 3), [
        _task(
            draw.whole(0, 5) if at else 0,
            *_with_io(draw, draw.whole(1, 2), queues=False),
            priority=draw.whole(0, 3),
        )
        for at in range(draw.whole(5, 8))
    ]


def _gaps(draw: Draw) -> Made:
    tasks, arrival = [], 0
    for _ in range(draw.whole(3, 5)):
        length = draw.whole(1, 4)
        tasks.append(_task(arrival, (CPU_STEP, length), priority=draw.whole(0, 3)))
        arrival += length + draw.whole(-1, 3)
    return 1, tasks


def _many(draw: Draw) -> Made:
    return draw.whole(1, 2), [
        _task(
            draw.whole(0, 40),
            *_with_io(draw, draw.one_of((1, 1, 2)), queues=False),
            priority=draw.whole(0, 5),
        )
        for _ in range(30)
    ]


def _priorities(draw: Draw) -> Made:
    """Make less important processes, and important ones that arrive while they run."""
    tasks = [_task(0, (CPU_STEP, draw.whole(6, 10)), priority=9)]
    for at in range(draw.whole(3, 5)):
        bursts = _with_io(draw, draw.whole(1, 2), queues=False)
        tasks.append(_task(draw.whole(1, 3) + 2 * at, *bursts, priority=draw.whole(1, 8)))
    return 1, tasks


def _starvation(draw: Draw) -> Made:
    """Make a long, unimportant process, and important ones that leave no time to it."""
    tasks = [_task(0, (CPU_STEP, draw.whole(6, 12)), priority=9, tickets=10)]
    arrival = draw.whole(0, 1)
    for _ in range(draw.whole(16, 24)):
        tasks.append(_task(arrival, (CPU_STEP, draw.whole(2, 3)), priority=draw.whole(1, 3)))
        arrival += 2
    return 1, tasks


def _interactive(draw: Draw) -> Made:
    """Make long computations beside processes that compute briefly and wait long."""
    tasks = [_task(0, (CPU_STEP, draw.whole(20, 40)), priority=5) for _ in range(2)]
    for _ in range(draw.whole(2, 3)):
        steps: list[tuple[str, int]] = []
        for _ in range(draw.whole(4, 7)):
            steps += [(CPU_STEP, 1), (IO_STEP, draw.whole(3, 6))]
        tasks.append(_task(draw.whole(0, 6), *steps, (CPU_STEP, 1), priority=1))
    return 1, tasks


def _shares(draw: Draw) -> Made:
    """Make processes that only compute, from the beginning, with different tickets."""
    tickets = (100, 200, 300, 400)
    return 1, [
        _task(0, (CPU_STEP, 200), tickets=draw.one_of(tickets)) for _ in range(draw.whole(3, 4))
    ]


_KINDS: Mapping[str, Callable[[Draw], Made]] = {
    "plain": _plain,
    "ties": _ties,
    "io": _io,
    "cores": _cores,
    "gaps": _gaps,
    "many": _many,
    "priorities": _priorities,
    "starvation": _starvation,
    "interactive": _interactive,
    "shares": _shares,
}


def kinds() -> Iterator[str]:
    """Yield the kinds that can be made."""
    return iter(_KINDS)
