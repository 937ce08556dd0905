"""A number of the sheet that was misread: another number of the sheet stands in its place.

These are looked for only when no misconception explains an answer. They are made for one variant.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace

from kernel.process.program import CPU, WAIT
from kernel.process.spec import ProcessSpec
from kernel.workload import Workload
from teaching.misconceptions.misconception import Misconception
from teaching.times import Times
from translation import mark, tr

MOST = 150
"""Most numbers that are tried; each is a run of the model."""


def misread(workload: Workload) -> Iterator[Misconception]:
    """Yield the misconceptions in which one time of the sheet is read as another one of it."""
    if workload.lifecycle is not None or any(s.program.memory_steps for s in workload.processes):
        return
    left = MOST
    for spec in workload.processes:
        for words, changed in _one_number(spec, workload):
            if not left:
                return
            left -= 1
            yield _misconception(words, changed)


def _misconception(words: str, changed: ProcessSpec) -> Misconception:
    def change(workload: Workload) -> Workload:
        others = (changed if spec.index == changed.index else spec for spec in workload.processes)
        return replace(workload, processes=tuple(others))

    return Misconception(
        *(f"misread {words}", tr("another sheet: {reading}", reading=words)),
        *(mark("read it again"), change),
    )


def _one_number(spec: ProcessSpec, workload: Workload) -> Iterator[tuple[str, ProcessSpec]]:
    """Yield each change of one time of a process, with its words."""
    times = Times(workload.time_unit)
    program = spec.program
    seen: set[tuple[int, int]] = set()
    for step, (place, ns) in enumerate(zip(program.places, program.durations, strict=True)):
        if place != CPU and place < WAIT:
            continue
        for other in _numbers(workload, place):
            if other == ns or (step, other) in seen or not other:
                continue
            seen.add((step, other))
            durations = array("q", program.durations)
            durations[step] = other
            words = tr(
                "{process} has {step} {time} in place of {other}",
                process=spec.name,
                step=_place(place, workload),
                time=times.shown(other),
                other=times.shown(ns),
            )
            yield words, replace(spec, program=replace(program, durations=durations))
    for other in sorted({each.arrival for each in workload.processes} - {spec.arrival}):
        words = tr(
            "{process} arrives at {time} in place of {other}",
            process=spec.name,
            time=times.shown(other),
            other=times.shown(spec.arrival),
        )
        yield words, replace(spec, arrival=other)


def _numbers(workload: Workload, place: int) -> list[int]:
    """Return the times of the sheet at steps of the same kind, CPU or I/O."""
    return sorted(
        {
            ns
            for spec in workload.processes
            for at, ns in zip(spec.program.places, spec.program.durations, strict=True)
            if (at == CPU) == (place == CPU) and at >= CPU
        }
    )


def _place(place: int, workload: Workload) -> str:
    if place == CPU:
        return "CPU"
    return "I/O" if place == WAIT else workload.devices[place].name
