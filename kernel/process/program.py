"""A program: its steps in order, each at a place and of a length in ns."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kernel.process.calls import CALL, Call
from kernel.process.memory_steps import ALLOC, EXITCODES, FREE, TOUCH, MemoryStep, effects

CPU = -2
"""A step's place: on a core."""


WAIT = -1
"""A step's place: an I/O wait that never queues. 0 and above: a device of the machine."""


RELEASE = -3
"""A step's place: the wait for the release of a periodic process's next job. Its duration is 0."""


MEMORY_STEPS = frozenset({ALLOC, FREE, TOUCH})
TRACK = -8
"""Not a step: the amount is the track of the device step that comes next."""


@dataclass(frozen=True, slots=True)
class Program:
    """The steps of a program: step i takes `durations[i]` ns (at least 1) at `places[i]`.

    Neighbouring CPU steps are one burst and already merged, so no two CPU steps are adjacent.
    `memory_steps` are in order, and each is inside a CPU burst. A step at the place CALL takes no
    time: it is `calls[duration]`, and the step before it is a CPU burst or a call.
    """

    places: array[int]
    durations: array[int]
    memory_steps: tuple[MemoryStep, ...] = ()
    calls: tuple[Call, ...] = ()
    tracks: Mapping[int, int] = field(default_factory=dict)  # by step, of requests to a device

    @classmethod
    def of(cls, steps: Iterable[tuple[int, int]], calls: tuple[Call, ...] = ()) -> Program:
        """Make a program of (place, ns) pairs; neighbouring CPU steps are merged into one burst.

        A memory step is (its kind, its amount). It belongs to the burst before it, or to the one
        after it if there is none before. Without either it gets a burst of 0 ns: it needs a core.
        """
        places, durations = array("h"), array("q")
        memory_steps: list[MemoryStep] = []
        tracks: dict[int, int] = {}
        track: int | None = None
        waiting: list[tuple[int, int]] = []  # memory steps that do not follow a CPU step

        def settle(place: int | None) -> None:
            """Put the waiting memory steps into the burst that begins now, or into an empty one."""
            memory_steps.extend(MemoryStep(len(places), 0, *step) for step in waiting)
            waiting.clear()
            if place != CPU:
                places.append(CPU)
                durations.append(0)

        for place, amount in steps:
            if place == TRACK:
                track = amount
                continue
            in_burst = bool(places) and places[-1] == CPU
            if place in MEMORY_STEPS:
                if in_burst:
                    memory_steps.append(MemoryStep(len(places) - 1, durations[-1], place, amount))
                else:
                    waiting.append((place, amount))
                continue
            if place == CPU and in_burst:
                durations[-1] += amount
                continue
            if waiting:
                settle(place)
            if place == CALL and not (places and places[-1] in (CPU, CALL)):
                places.append(CPU)
                durations.append(0)
            if track is not None:
                tracks[len(places)], track = track, None
            places.append(place)
            durations.append(amount)
        if waiting:
            settle(None)
        return cls(places, durations, tuple(memory_steps), calls, tracks)

    def fate(self, loaded: int, limit: int) -> tuple[Program, int]:
        """Return the part that is executed in a region of `limit` bytes, and the exit code.

        `loaded` is the size of the program itself, bytes. The program is cut at the memory step
        that ends it; its last burst is as long as the offset of that step. Only memory steps that
        succeed are in the part that is returned.
        """
        if not self.memory_steps:
            return self, 0
        *done, last = effects(self.memory_steps, loaded, limit)
        code = EXITCODES.get(last.event, 0)
        if not code:
            return self, 0
        step, offset = last.memory_step.step, last.memory_step.offset
        places, durations = self.places[: step + 1], self.durations[: step + 1]
        durations[step] = offset
        done_steps = tuple(effect.memory_step for effect in done)
        return Program(places, durations, done_steps, tracks=self.tracks), code

    @property
    def demand(self) -> int:
        """Return the CPU time of all steps together, ns."""
        return sum(d for p, d in zip(self.places, self.durations, strict=True) if p == CPU)
