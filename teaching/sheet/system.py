"""What is given on a sheet: the machine, the policy with its rule for ties, the processes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from kernel.process.memory_steps import ALLOC, FREE, TOUCH
from kernel.process.program import CPU, RELEASE, WAIT
from kernel.process.spec import ProcessSpec
from kernel.units import format_duration, format_size
from kernel.workload import Workload
from report.sections.memory import memory_words
from report.sections.sentences import equals_words, instant_words, policy_words
from teaching.posed import Posed
from teaching.sheet.blocks import Block, Code, Facts, Heading, Table
from teaching.sheet.programs import program_lines
from timeline.number_formats import size_words
from timeline.record.description import describe_memory
from translation import mark, tr, tr_n

MEMORY_STEPS = {ALLOC: "alloc", FREE: "free", TOUCH: "touch"}


def given(posed: Posed, *, hides_policy: bool) -> Iterator[Block]:
    """Yield the blocks that say what is given. With `hides_policy` the policy is not said."""
    yield Heading(tr("Given"))
    yield Facts(list(_machine(posed, hides_policy)))
    workload = posed.right.workload
    if workload.lifecycle is not None:
        yield Code("\n".join(program_lines(posed)))
        if len(workload.processes) > 1 or workload.memory is not None:
            yield from _process_table(posed, programs=False)
    else:
        yield from _process_table(posed, programs=True)


def _machine(posed: Posed, hides_policy: bool) -> Iterator[tuple[str, str]]:
    workload, scheduler = posed.right.workload, posed.run.scheduler
    label, _, words = tr("times: in {unit}", unit=posed.times.name).partition(": ")
    yield label, words  # "times" alone is how often, in other catalogues
    yield tr("machine"), ", ".join(_hardware(workload))
    if workload.memory is not None:
        about = describe_memory(workload.memory, workload.devices)
        size = format_size(workload.memory.size)
        yield tr("memory"), tr("{size}: {scheme}", size=size, scheme=memory_words(about))
        for name, title in (("partitions", mark("partitions")), ("holes", mark("holes"))):
            if about.get(name):
                sizes = ", ".join(map(size_words, about[name]))
                yield tr(title), tr("{sizes}, in the order of addresses", sizes=sizes)
    if hides_policy:
        return
    policy = workload.scheduler.policy
    yield tr("policy"), policy_words(scheduler)
    yield tr("its rule"), first_sentence(policy)
    yield tr("ties"), equals_words(scheduler)
    yield tr("one instant"), instant_words(scheduler)
    if workload.cores > 1:
        yield tr("free cores"), tr("the core with the lowest number picks first")
    costs = {name: ns for name, ns in _costs(workload) if ns}
    if costs:
        amounts = ", ".join(f"{name} {format_duration(ns)}" for name, ns in costs.items())
        yield tr("costs"), amounts


def first_sentence(policy: type) -> str:
    """Return what a policy says of itself, in the language in use."""
    paragraph = " ".join((inspect.getdoc(policy) or "").split("\n\n")[0].split())
    return tr(paragraph).rstrip(".。")


def _costs(workload: Workload) -> Iterator[tuple[str, int]]:
    for name in ("dispatch", "switch", "migration", "fork", "spawn"):
        yield name, getattr(workload.costs, name)


def _hardware(workload: Workload) -> Iterator[str]:
    yield tr_n("{n:,} core", "{n:,} cores", workload.cores)
    for device in workload.devices:
        if device.units == 1:
            yield tr(
                "{device} (serves one request at a time, first come first served)",
                device=device.name,
            )
        elif device.units is None:
            yield tr("{device} (serves all requests at once)", device=device.name)
        else:
            yield tr(
                "{device} (serves {units} requests at a time)",
                device=device.name,
                units=device.units,
            )


# -- processes -------------------------------------------------------------------------------------


def _process_table(posed: Posed, *, programs: bool) -> Iterator[Table]:
    workload, times = posed.right.workload, posed.times
    specs = [spec for spec in workload.processes if programs or not spec.kinship.thread]
    columns: list[tuple[str, list[str], bool]] = [(tr("process"), [s.name for s in specs], True)]
    arrivals = ["" if s.kinship.parent >= 0 else times.shown(s.arrival) for s in specs]
    columns.append((tr("arrival"), arrivals, False))
    columns += [
        (heading, cells, False)
        for heading, cells in _attributes(specs, posed)
        if any(cell not in ("", "0") for cell in cells)
    ]
    if programs:
        words = [steps_words(spec, posed) for spec in specs]
        if all(words_of(spec, posed) is not None for spec in specs):
            times_of_all = [words_of(spec, posed) or "" for spec in specs]
            columns.append((tr("CPU time"), times_of_all, False))
        else:
            columns.append((tr("program"), words, True))
    elif len(columns) == 2 and set(arrivals) <= {"", "0"}:
        return
    rows = list(zip(*(cells for _, cells, _ in columns), strict=True))
    left = [at for at, (_, _, is_left) in enumerate(columns) if is_left]
    yield Table([heading for heading, _, _ in columns], rows, left)


def _attributes(specs: Sequence[ProcessSpec], posed: Posed) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns of attributes that the policy or the scheme looks at."""
    scheduler, times = posed.right.workload.scheduler, posed.times
    if scheduler.name == "priority" or _differ(specs, "priority"):
        yield tr("priority"), [str(spec.priority) for spec in specs]
    if scheduler.name in ("fair", "linux", "cfs") or _differ(specs, "nice"):
        nice = [str(spec.nice) for spec in specs]
        yield tr("nice"), nice if _differ(specs, "nice") else []
    if scheduler.name in ("lottery", "stride"):
        yield tr("tickets"), [str(spec.tickets) for spec in specs]
    if posed.right.workload.memory is not None:
        yield tr("memory"), [size_words(spec.memory) for spec in specs]
    periods = ["" if spec.period is None else times.shown(spec.period) for spec in specs]
    yield tr("period"), periods
    yield tr("jobs"), ["" if spec.period is None else str(_jobs(spec)) for spec in specs]
    yield tr("deadline"), ["" if s.deadline is None else times.shown(s.deadline) for s in specs]
    dropped = any(spec.aborts for spec in specs)
    yield tr("late jobs"), [tr("dropped") if s.aborts else "" for s in specs] if dropped else []
    cores = [",".join(map(str, spec.cores)) if spec.cores is not None else "" for spec in specs]
    yield tr("cores"), cores


def _jobs(spec: ProcessSpec) -> int:
    """Return how many jobs a periodic process releases."""
    return 1 + sum(place == RELEASE for place in spec.program.places)


def _differ(specs: Sequence[ProcessSpec], name: str) -> bool:
    return len({getattr(spec, name) for spec in specs}) > 1


def words_of(spec: ProcessSpec, posed: Posed) -> str | None:
    """Return the CPU time of a program that is one burst; None for any other program."""
    program = spec.program
    one = list(program.places) == [CPU] or (spec.period and list(program.places[:1]) == [CPU])
    if not one or program.memory_steps or (len(program.places) > 1 and not spec.period):
        return None
    if spec.period and any(place not in (CPU, RELEASE) for place in program.places):
        return None
    return posed.times.shown(program.durations[0])


def steps_words(spec: ProcessSpec, posed: Posed) -> str:
    """Return the program as text, like `CPU 5, disk 3, CPU 2`; of a periodic process one job."""
    times, devices = posed.times, posed.right.workload.devices
    program, words = spec.program, []
    steps: dict[int, list[Any]] = {}
    for step in program.memory_steps:
        steps.setdefault(step.step, []).append(step)
    for at, (place, ns) in enumerate(zip(program.places, program.durations, strict=True)):
        if place == RELEASE:
            break
        if place == CPU:
            done = 0
            for step in steps.get(at, ()):
                if step.offset > done:
                    words.append(f"CPU {times.shown(step.offset - done)}")
                    done = step.offset
                words.append(f"{MEMORY_STEPS[step.kind]} {size_words(step.amount)}")
            if ns > done:
                words.append(f"CPU {times.shown(ns - done)}")
        else:
            name = "I/O" if place == WAIT else devices[place].name
            words.append(f"{name} {times.shown(ns)}")
    return ", ".join(words)
