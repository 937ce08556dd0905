"""An rt-app workload as a scenario: each thread a process, with what it did on an ideal machine.

A thread whose loop ends with a timer becomes a periodic process. A thread whose phases have other
processors or another class becomes a process for each of these, which hand over by messages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from kernel.units import format_duration
from language.convert.imports.draft import Draft, DraftProcess, Names, Step, Value
from language.convert.imports.folding import fold
from language.convert.imports.lenient_json import parse
from language.convert.imports.options import ImportOptions
from language.convert.imports.rt_app.ideal import (
    IdealMachine,
    IdealThread,
    StepWords,
    TooManyEventsError,
    is_endless,
)
from language.convert.imports.rt_app.workload import ENDLESS, Reading, RtAppWorkload, Shape, Task
from language.convert.imports.source import Source
from translation import tr

_USUAL_DURATION = 2_000_000_000  # ns, of a workload that never ends
_SLICES = (100_000, 100_000_000)  # ns, the least and the most that Linux takes
_USUAL_RT_PRIORITY = 10


def read_rt_app(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a workload. Raises ScenarioError with the place of each mistake."""
    workload = Reading(source).read(parse(source, source.text()))
    draft = Draft("", ["a workload of rt-app; a thread became a process"])
    machine = IdealMachine(workload, _duration(workload, options, draft))
    try:
        threads = machine.execute()
    except TooManyEventsError as error:
        source.fail(
            None,
            None,
            tr("the thread {thread} does too much in that time; give --duration", thread=error),
        )
    made = _Processes(draft)
    for task in workload.tasks:
        made.add([thread for thread in threads if thread.task is task])
    if not draft.processes:
        source.fail(None, None, tr("no thread does anything before the duration is over"))
    _describe(draft, workload, machine)
    return draft


def _duration(workload: RtAppWorkload, options: ImportOptions, draft: Draft) -> int:
    """Return how long the workload is executed, ns."""
    asked = options.duration or workload.duration
    if not is_endless(workload):
        return asked if asked != ENDLESS else 1 << 62
    if asked == ENDLESS:
        asked = _USUAL_DURATION
        draft.remarks.append("the workload never ends (duration -1): 2s of it; give --duration")
    draft.remarks.append(
        "an ideal machine, on which each thread has a core of its own, tells how often endless "
        f"loops go round in {format_duration(asked)}, and which signals no thread waits for: these "
        "are lost in rt-app and left out here"
    )
    return asked


class _Processes:
    """Writes the threads of a workload as processes of a draft."""

    def __init__(self, draft: Draft) -> None:
        self._draft, self._names = draft, Names()

    def add(self, threads: Sequence[IdealThread]) -> None:
        """Add the threads of a task. Equal ones that exchange no messages become a `count`."""
        threads = [thread for thread in threads if thread.steps]
        entries = [self._entries(thread) for thread in threads]
        first = entries[0][0] if entries else None
        if first is not None and len(entries) > 1 and all(map(_alone, entries)):
            same = {(repr(entry.keys), repr(entry.program)) for (entry,) in entries}
            if len(same) == 1:
                first.name = self._names.unique(threads[0].task.name)
                first.keys = {"count": len(entries), **first.keys}
                self._draft.processes.append(first)
                return
        for entry in entries:
            self._draft.processes += entry

    def _entries(self, thread: IdealThread) -> list[DraftProcess]:
        """Return a process for each shape of the thread, the first shape first."""
        shapes = list(dict.fromkeys(shape for shape, _ in thread.steps))
        if len(shapes) == 1:
            return [self._single(thread, shapes[0])]
        self._draft.remarks.append(
            f"{thread.name}: its phases have different processors or classes; each of these is a "
            "process, and they hand over by messages"
        )
        names = [thread.name, *(f"{thread.name}:{n}" for n in range(2, len(shapes) + 1))]
        programs: dict[Shape, list[StepWords]] = {shape: [] for shape in shapes}
        before = shapes[0]
        for shape, step in thread.steps:
            if shape != before:
                name = names[shapes.index(shape)]
                programs[before].append(("send", f"{name} goes on"))
                programs[shape].append(("receive", f"{name} goes on"))
                before = shape
            programs[shape].append(step)
        return [
            DraftProcess(
                self._names.unique(name), self._keys(thread, shape, 1), _program(programs[shape])
            )
            for name, shape in zip(names, shapes, strict=True)
        ]

    def _single(self, thread: IdealThread, shape: Shape) -> DraftProcess:
        name = self._names.unique(thread.name)
        body, jobs = _periodic(thread)
        period = _period(thread.task)
        if body is None or (shape.policy == "deadline" and shape.period != period):
            steps = [step for _, step in thread.steps]
            return DraftProcess(name, self._keys(thread, shape, 1), _program(steps))
        keys = self._keys(thread, shape, jobs)
        if shape.policy != "deadline":
            keys |= {"period": format_duration(period), "jobs": jobs}
        return DraftProcess(name, keys, _program(body))

    def _keys(self, thread: IdealThread, shape: Shape, jobs: int) -> dict[str, Value]:
        """Return the keys of arrival and scheduling."""
        keys: dict[str, Value] = {}
        if thread.steps[0][1] != ("receive", thread.name) and thread.arrival:
            keys["arrival"] = format_duration(thread.arrival)
        if shape.policy != "other":
            keys["class"] = shape.policy
        if shape.policy in ("fifo", "rr"):
            keys["rt_priority"] = shape.priority or _USUAL_RT_PRIORITY
        elif shape.policy != "deadline" and shape.priority:
            keys["nice"] = shape.priority
        if shape.policy == "deadline":
            times = {"runtime": shape.runtime, "period": shape.period, "deadline": shape.deadline}
            keys |= {key: format_duration(time) for key, time in times.items() if time}
            keys["jobs"] = jobs
        elif _SLICES[0] <= shape.runtime <= _SLICES[1] and shape.policy in ("other", "batch"):
            keys["slice"] = format_duration(shape.runtime)
        if shape.cpus is not None and shape.policy != "deadline":  # Linux refuses it pinned
            keys["cores"] = list(shape.cpus) if len(shape.cpus) > 1 else shape.cpus[0]
        return keys


def _alone(entries: Sequence[DraftProcess]) -> bool:
    """Return whether a thread is one process that exchanges no messages."""
    return len(entries) == 1 and not any(
        kind in repr(entries[0].program) for kind in ("send", "receive")
    )


def _period(task: Task) -> int:
    """Return the period (ns) of the timer that ends the only loop of a task; 0: there is none."""
    events = task.phases[0].events if len(task.phases) == 1 else []
    timers = [event for event in events if event.kind == "timer"]
    if len(timers) != 1 or events[-1] is not timers[0] or not timers[0].name.startswith("unique"):
        return 0
    return timers[0].time


def _periodic(thread: IdealThread) -> tuple[list[StepWords] | None, int]:
    """Return the steps of one job, and how many jobs there are; None: it is not periodic."""
    if not _period(thread.task) or thread.late or len(thread.bodies) < 2:
        return None, 0
    bodies, start = [], 0
    for end in thread.bodies:
        bodies.append([step for _, step in thread.steps[start:end]][:-1])  # without the timer
        start = end
    rest = [step for _, step in thread.steps[start:]]
    if rest and rest[-1][0] == "io":
        rest = rest[:-1]
    if rest == bodies[0]:  # the duration ended while it waited for the timer
        bodies.append(rest)
    elif rest:
        return None, 0
    return (
        (bodies[0], len(bodies))
        if bodies[0] and bodies.count(bodies[0]) == len(bodies)
        else (None, 0)
    )


def _program(steps: Sequence[StepWords]) -> list[Step]:
    """Return the steps of a scenario; waits behind which nothing comes are left out."""
    last = len(steps)
    while last and steps[last - 1][0] == "io":
        last -= 1
    joined: list[StepWords] = []
    for kind, value in steps[:last] or steps:
        if kind == "cpu" and joined and joined[-1][0] == "cpu":  # what stood between was lost
            joined[-1] = ("cpu", int(joined[-1][1]) + int(value))
        else:
            joined.append((kind, value))
    return fold([_step(kind, value) for kind, value in joined])


def _step(kind: str, value: int | str) -> Step:
    if isinstance(value, int):
        return {kind: format_duration(value)}
    if kind == "send":
        return {"send": {"queue": value, "value": 1}}
    return {"yield": True} if kind == "yield" else {kind: value}


def _describe(draft: Draft, workload: RtAppWorkload, machine: IdealMachine) -> None:
    """Write the machine and the scheduler, and what is left out."""
    steps = [each for thread in machine.threads for each in thread.steps]
    cpus = [cpu for shape in {shape for shape, _ in steps} for cpu in shape.cpus or ()]
    draft.remarks.append(
        f"cores: {'as many as cpus names' if cpus else 'as few as can be'}; rt-app uses all "
        "processors of the machine on which it runs: --cores changes it"
    )
    if workload.left_out:
        draft.remarks.append(f"left out: {'; '.join(workload.left_out)}")
    draft.remarks.append("left out: calibration, logs, traces, what rt-app does to lock its memory")
    draft.sections["machine"] = {"cores": max(1 + max(cpus, default=0), _for_deadlines(machine))}
    draft.sections["scheduler"] = {"policy": "linux"}
    barriers = sorted({str(value) for _, (kind, value) in steps if kind == "barrier"})
    if barriers:
        draft.sections["barriers"] = {name: machine.barriers[name] for name in barriers}


def _for_deadlines(machine: IdealMachine) -> int:
    """Return how many cores Linux wants for the reservations of class deadline: 90 % of each."""
    shapes = [thread.steps[0][0] for thread in machine.threads if thread.steps]
    reserved = [shape for shape in shapes if shape.policy == "deadline" and shape.period]
    asked = sum((Fraction(shape.runtime, shape.period) for shape in reserved), Fraction(0))
    return math.ceil(asked / Fraction(9, 10))
