"""The processes that other processes start, and the threads of processes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kernel.process.calls import CALL, Call
from kernel.process.program import CPU, Program
from kernel.process.spec import NOT_STARTED, ProcessSpec
from kernel.units import LARGEST
from language.expansion.children import own_attributes
from language.expansion.errors import (
    CalledWithoutMemoryError,
    EndlessError,
    NoMemoryError,
    TooLongError,
    TooManyError,
)
from language.expansion.pools import worker_of_pool
from language.expansion.programs import Programs
from language.schema.affinity import allowed
from language.schema.linux_classes import attributes
from language.schema.random_draws import stream

_UNGUARDED = Program.of([(CPU, 1), (CALL, 0)], (Call("unguarded"),))
"""The program of a spawned child whose main module, without a guard, starts processes on import."""


def started_processes(programs: Programs) -> Iterator[ProcessSpec]:
    """Yield the started processes, breadth first: after them the processes that they start.

    Raises TooManyError, LargePoolError and CalledWithoutMemoryError.
    """
    scenario, births = programs.scenario, programs.births
    while births.waiting:
        child = births.waiting.popleft()
        if child.start is None:
            yield worker_of_pool(programs, child)
            continue
        template = scenario.programs[child.start.program]
        plan = programs.plan(template)
        random = stream(scenario.seed, child.name)
        try:
            first = own_attributes(child.start)
            program, kin = programs.with_calls(
                child.index, child.name, template, plan, random, first
            )
            if scenario.starts_by != "fork" and not scenario.main_guard:
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


def threads(programs: Programs) -> Iterator[ProcessSpec]:
    """Yield the threads of all processes, in file order. Raises TooLongError."""
    scenario, total = programs.scenario, 0
    for thread in programs.births.threads:
        owner, written = scenario.processes[thread.row], thread.program
        plan = programs.plan(scenario.programs[written] if isinstance(written, str) else written)
        random = stream(scenario.seed, thread.name)
        program, kin = programs.with_calls(thread.index, thread.name, owner, plan, random)
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
            linux=attributes(owner, programs.groups),
        )
