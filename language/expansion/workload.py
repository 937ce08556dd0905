"""From a checked scenario to the workload: every name written out, every draw made.

A process draws first its arrival (or the gap before it), then its steps in order, from its own
stream. Programs without draws are expanded once and shared by all of their `count`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from heapq import merge
from itertools import count as count_from
from typing import Any

from kernel.hardware import Costs, DeviceSpec, MemorySpec
from kernel.process.calls import CALL, Call, Kinship, LifecycleRules
from kernel.process.memory_steps import ALLOC, FREE, TOUCH
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import NOT_STARTED, ProcessSpec
from kernel.units import LARGEST
from kernel.workload import Drawn, SchedulerSpec, Workload
from language.expansion.children import (
    Births,
    CalledWithoutMemoryError,
    EndlessError,
    NoMemoryError,
    Thread,
    TooManyError,
)
from language.schema.affinity import allowed
from language.schema.distributions import Distribution
from language.schema.lifecycle_base import LifecycleStep
from language.schema.linux_classes import attributes
from language.schema.machine import MachineSection
from language.schema.memory import MemorySection
from language.schema.periodic import hyperperiod
from language.schema.process import Every, ProcessEntry, Template
from language.schema.random_draws import Draw, Uniform01, stream
from language.schema.scenario import Scenario
from language.schema.steps import (
    AllocStep,
    CpuStep,
    FreeStep,
    RepeatStep,
    TouchStep,
    Written,
    in_memory,
    is_alive,
)

Plan = tuple[tuple[int, int, "Draw | None", "Plan | None"], ...]
"""A program, ready to be made many times: (place, ns, None, None) is a fixed step, (place, 0, draw,
None) one to be drawn, and (times, 0, None, plan) a repetition. Memory steps have bytes for ns."""


class TooLongError(ValueError):
    """A process whose times do not fit the record. `index` is its place in the file."""

    def __init__(self, index: int) -> None:
        super().__init__("takes longer than 146 years, the longest time that is recorded")
        self.index = index


class NotDrawnError(ValueError):
    """A scenario whose processes cannot be made one by one."""


def workload(
    scenario: Scenario,
    scheduler: SchedulerSpec,
    source: Mapping[str, Any],
    children: int,
    drawn: bool = False,
) -> Workload:
    """The workload of a checked scenario, with at most so many started processes.

    With `drawn` its processes are made as they arrive, the same ones. Raises TooLongError (then
    while it runs), TooManyError, CalledWithoutMemoryError, NotDrawnError.
    """
    devices = tuple(
        DeviceSpec(name, device.units if isinstance(device.units, int) else None)
        for name, device in scenario.machine.devices.items()
    )
    return Workload(
        source=source,
        cores=scenario.machine.cores,
        devices=devices,
        memory=_memory(scenario.machine, scenario.memory),
        scheduler=scheduler,
        processes=() if drawn else tuple(_processes(scenario, children)),
        drawn=_drawn(scenario) if drawn else None,
        expect=scenario.expect.plain() if scenario.expect is not None else None,
        time_unit=scenario.time_unit,
        start_method=scenario.start_method,
        costs=_costs(scenario.machine),
        lifecycle=_life(scenario),
    )


def _is_alive(scenario: Scenario) -> bool:
    """Has anybody threads, or a step of the life of processes?"""
    if any(process.threads for process in scenario.processes):
        return True
    programs = [each.program or [] for each in (*scenario.processes, *scenario.programs.values())]
    return any(map(is_alive, programs))


def _life(scenario: Scenario) -> LifecycleRules | None:
    """The rules, if there is anything that they are for."""
    if not _is_alive(scenario):
        return None
    return LifecycleRules(
        start_method=scenario.start_method,
        variables=scenario.variables,
        barriers=scenario.barriers,
        stall_timeout=scenario.stall_timeout,
    )


def _memory(machine: MachineSection, memory: MemorySection | None) -> MemorySpec | None:
    if memory is None:
        return None if machine.memory is None else MemorySpec(machine.memory, scheme="variable")
    return memory.spec(machine.memory, list(machine.devices))


def _costs(machine: MachineSection) -> Costs:
    costs = machine.costs
    return Costs(
        costs.dispatch,
        costs.switch,
        costs.migration,
        costs.copy_per_mib,
        costs.fork,
        costs.spawn,
        costs.forkserver,
    )


def _processes(scenario: Scenario, children: int) -> Iterator[ProcessSpec]:
    """All processes in file order, index k is the k-th; then those that are started."""
    births = Births(_many(scenario), children, set())
    if _is_alive(scenario):
        births.names.update(name for process in scenario.processes for name in _names(process))
    for made in _entries(scenario, births):
        yield from made
    yield from _threads(scenario, births)
    yield from _children(scenario, births)


def _drawn(scenario: Scenario) -> Drawn:
    """The same, made on arrival. Raises NotDrawnError."""
    programs = [process.program or [] for process in scenario.processes]
    if any(process.threads for process in scenario.processes):
        raise NotDrawnError("threads")
    if any(map(is_alive, programs)):
        raise NotDrawnError("processes that start, or wait for, others")
    if any(map(in_memory, programs)):
        raise NotDrawnError("steps in memory (alloc, free, touch)")

    def make() -> Iterator[ProcessSpec]:
        nobody = Births(_many(scenario), 0, set())
        return merge(*map(_in_order, scenario.processes, _entries(scenario, nobody)), key=_arrival)

    return Drawn(_many(scenario), make)


def _in_order(process: ProcessEntry, made: Iterator[ProcessSpec]) -> Iterator[ProcessSpec]:
    """By arrival. Where each one's is drawn by itself, all of the entry are made beforehand."""
    chained = isinstance(process.arrival, int | Every)
    return made if chained else iter(sorted(made, key=_arrival))


def _arrival(spec: ProcessSpec) -> tuple[int, int]:
    return spec.arrival, spec.index


def _many(scenario: Scenario) -> int:
    """The processes of the file."""
    return sum(process.count or 1 for process in scenario.processes)


def _entries(scenario: Scenario, births: Births) -> Iterator[Iterator[ProcessSpec]]:
    """The processes of each entry of the file."""
    hyper = hyperperiod(p.period for p in scenario.processes if p.period is not None)
    total = 0  # ns, as if every step waited for every other

    def made(row: int, process: ProcessEntry, first: int) -> Iterator[ProcessSpec]:
        nonlocal total
        try:
            for spec, length in _instances(
                row, process, scenario, count_from(first), hyper, births
            ):
                total += length
                if spec.arrival + total > LARGEST:
                    raise TooLongError(row)
                yield spec
        except OverflowError:
            raise TooLongError(row) from None
        except EndlessError:
            raise TooManyError(("processes", row, "program"), births.limit) from None
        except NoMemoryError:
            raise CalledWithoutMemoryError(("processes", row, "program")) from None

    first = 0
    for row, process in enumerate(scenario.processes):
        yield made(row, process, first)
        first += process.count or 1


def _children(scenario: Scenario, births: Births) -> Iterator[ProcessSpec]:
    """Those that are started, and those that they start, in the order in which they are met."""
    places = _places(scenario)
    while births.waiting:
        child = births.waiting.popleft()
        template = scenario.programs[child.start.program]
        plan = _plan(_written(template), places, births)
        random = stream(scenario.seed, child.name)
        try:
            program, kin = _family(
                child.index, child.name, template, plan, random, scenario, births
            )
            if scenario.start_method != "fork" and not scenario.main_guard:
                program, kin = _UNGUARDED, NOT_STARTED
        except EndlessError:
            path = ("programs", child.start.program)
            raise TooManyError(path, births.limit) from None
        except NoMemoryError:
            raise CalledWithoutMemoryError(("programs", child.start.program, "program")) from None
        yield ProcessSpec(
            child.index,
            child.name,
            0,
            program,
            template.memory,
            template.priority,
            template.nice,
            template.tickets,
            allowed(template.cores),
            kinship=replace(kin, parent=child.parent),
        )


def _threads(scenario: Scenario, births: Births) -> Iterator[ProcessSpec]:
    """The threads of all processes, in file order."""
    places, total = _places(scenario), 0
    for thread in births.threads:
        owner, written = scenario.processes[thread.row], thread.program
        steps = _written(scenario.programs[written]) if isinstance(written, str) else written
        plan = _plan(steps, places, births)
        random = stream(scenario.seed, thread.name)
        program, kin = _family(thread.index, thread.name, owner, plan, random, scenario, births)
        total += sum(program.durations)
        if thread.arrival + total > LARGEST:
            raise TooLongError(thread.row)
        yield ProcessSpec(
            thread.index,
            thread.name,
            thread.arrival,
            program,
            priority=owner.priority,
            nice=owner.nice,
            tickets=owner.tickets,
            cores=allowed(owner.cores),
            kinship=replace(kin, parent=thread.owner, thread=True),
            linux=attributes(owner),
        )


def _main_thread(
    process: ProcessEntry, row: int, index: int, name: str, arrival: int, births: Births
) -> Program:
    """It starts the threads of a process and waits for them."""
    numbers = []
    for number, program in enumerate(process.threads or (), start=1):
        numbers.append(births.thread(name, number))
        births.threads.append(Thread(*numbers[-1], index, row, arrival, program))
    calls = Call("threads", "", tuple(each for each, _ in numbers)), Call("end")
    return Program.of([(CALL, 0), (CALL, 1)], calls)


_UNGUARDED = Program.of([(CPU, 1), (CALL, 0)], (Call("unguarded"),))
"""What a spawned child does that imports a program which starts processes while it is imported."""


def _places(scenario: Scenario) -> dict[str, int]:
    """Devices by name."""
    return {name: place for place, name in enumerate(scenario.machine.devices)}


def _family(
    index: int,
    name: str,
    entry: Template,
    plan: Plan,
    random: Uniform01,
    scenario: Scenario,
    births: Births,
) -> tuple[Program, Kinship]:
    """A program with life steps, and the Process objects that it makes."""

    def called(program: str) -> Iterator[tuple[int, int]]:
        inner = _plan(_written(scenario.programs[program]), _places(scenario), births)
        return _steps(inner, random)

    steps = _steps(plan, random)
    program, declared = births.program(index, name, steps, called, entry.memory > 0)
    return program, Kinship(declared=declared)


def _instances(
    row: int,
    process: ProcessEntry,
    scenario: Scenario,
    indices: Iterator[int],
    hyper: int,
    births: Births,
) -> Iterator[tuple[ProcessSpec, int]]:
    """The processes that one entry of the file makes, each with the longest it can take alone, ns.

    That is the sum of its steps, after the release of its last job.
    """
    jobs = process.jobs_in(hyper)
    plan = _jobs(_plan(_written(process), _places(scenario), births), jobs)
    threaded = process.threads is not None
    waits = (jobs - 1) * (process.period or 0)
    alive = is_alive(process.program or []) or (
        in_memory(process.program or []) and _is_alive(scenario)
    )
    shared = None if alive or threaded or _draws(plan) else _program(plan, _never)
    length = sum(shared.durations) if shared is not None else 0
    cores = allowed(process.cores)
    chained = isinstance(process.arrival, Every)
    when = _amount(process.arrival.every if isinstance(process.arrival, Every) else process.arrival)
    arrival = 0
    for name in _names(process):
        random = _never if shared and isinstance(when, int) else stream(scenario.seed, name)
        moment = when if isinstance(when, int) else when(random)
        arrival = arrival + moment if chained else moment
        index, kin = next(indices), NOT_STARTED
        if alive:
            program, kin = _family(index, name, process, plan, random, scenario, births)
        elif threaded:
            program = _main_thread(process, row, index, name, arrival, births)
        else:
            program = shared or _program(plan, random)
        yield (
            ProcessSpec(
                index,
                name,
                arrival,
                program,
                process.memory,
                process.priority,
                process.nice,
                process.tickets,
                cores,
                process.period,
                process.deadline or process.period,
                kinship=kin,
                linux=attributes(process),
            ),
            waits + (length if shared else sum(program.durations)),
        )


def _names(process: ProcessEntry) -> Iterator[str]:
    """`batch-1`, `batch-2`, ... if a count is written, else the name itself."""
    if process.count is None:
        return iter([process.name])
    return (f"{process.name}-{k}" for k in range(1, process.count + 1))


def _written(process: Template) -> Sequence[Written]:
    if process.program is not None:
        return process.program
    if isinstance(process, ProcessEntry) and process.threads is not None:
        return ()  # see _main_thread
    assert process.cpu is not None  # checked: one of the two is there
    return [CpuStep.model_construct(cpu=process.cpu)]


def _amount(amount: int | Distribution) -> int | Draw:
    return amount if isinstance(amount, int) else amount.draw()


def _plan(steps: Sequence[Written], places: Mapping[str, int], births: Births) -> Plan:
    return tuple(_planned(step, places, births) for step in steps)


def _jobs(plan: Plan, jobs: int) -> Plan:
    """The plan so many times, with the wait for a release before each but the first."""
    if jobs == 1:
        return plan
    return ((jobs - 1, 0, None, (*plan, (RELEASE, 0, None, None))), *plan)


def _planned(
    step: Written, places: Mapping[str, int], births: Births
) -> tuple[int, int, Draw | None, Plan | None]:
    if isinstance(step, RepeatStep):
        return step.repeat.times, 0, None, _plan(step.repeat.do, places, births)
    if isinstance(step, LifecycleStep):
        return CALL, births.number(step), None, None
    if isinstance(step, AllocStep):
        return ALLOC, step.alloc, None, None
    if isinstance(step, FreeStep):
        return FREE, step.free, None, None
    if isinstance(step, TouchStep):
        return TOUCH, step.touch, None, None
    if isinstance(step, CpuStep):
        place, written = CPU, step.cpu
    elif isinstance(step.io, dict):
        device, written = next(iter(step.io.items()))
        place = places[device]
    else:
        place, written = WAIT, step.io
    amount = _amount(written)
    return (place, amount, None, None) if isinstance(amount, int) else (place, 0, amount, None)


def _draws(plan: Plan) -> bool:
    """Whether any step is random."""
    return any(draw is not None or (inner and _draws(inner)) for _p, _ns, draw, inner in plan)


def _program(plan: Plan, random: Uniform01) -> Program:
    return Program.of(_steps(plan, random))  # millions of steps are never a list of pairs


def _steps(plan: Plan, random: Uniform01) -> Iterator[tuple[int, int]]:
    """(place, ns or bytes) of every step, repetitions written out, each draw made afresh."""
    for place, ns, draw, inner in plan:
        if inner is not None:
            for _ in range(place):
                yield from _steps(inner, random)
        elif draw is None:
            yield place, ns
        else:
            yield place, draw(random)


def _never() -> float:
    raise AssertionError("a program without draws drew a number")
