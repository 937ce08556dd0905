"""The workers of pools: each has all tasks of its pool in its program, and is given some of them.

The texts of the programs show which tasks are handed in. Which worker is given which task, only
the run decides. See `kernel.lifecycle.task_flow`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kernel.process.calls import CALL, Call, Kinship
from kernel.process.spec import ProcessSpec
from language.expansion.children import Child, Steps
from language.expansion.errors import EndlessError, TooManyError
from language.expansion.plans import steps_of
from language.expansion.pool_tasks import PoolTasks
from language.expansion.programs import Programs
from language.schema.lifecycle_base import LifecycleStep
from language.schema.own_state_steps import ExitStep, OsExitStep, RaiseStep
from language.schema.process import Template
from language.schema.process_object_steps import CallStep, InterruptStep, KillStep, TerminateStep
from language.schema.random_draws import Uniform01, stream
from language.schema.scenario import Scenario
from language.schema.shared_objects import PoolSection
from language.schema.steps import written_steps

SIGNALS = (TerminateStep, KillStep, InterruptStep)
"""Steps by which a process is sent a signal."""


class WorkStep(LifecycleStep):
    """Not written: a worker puts the result of a task, and takes the next one."""

    pool: str

    def to_call(self) -> Call:
        """Return the kernel's call."""
        return Call("work", self.pool)


def pools_of(scenario: Scenario) -> dict[str, PoolTasks]:
    """Return the pools of a scenario, to which no tasks have been handed in."""

    def spare(name: str, one: PoolSection | int) -> Callable[[Sequence[str]], int]:
        if isinstance(one, PoolSection) and one.kind == "executor":
            return lambda _: 0
        signalled = _signalled(scenario, f"{name}/")
        return lambda tasks: signalled + sum(_ends_worker(scenario, task, set()) for task in tasks)

    return {
        name: PoolTasks(
            name,
            "pool" if isinstance(one, int) else one.kind,
            one if isinstance(one, int) else one.workers,
            spare(name, one),
        )
        for name, one in scenario.pools.items()
    }


def _signalled(scenario: Scenario, start: str) -> int:
    """Return how many processes whose names begin like that may be sent signals."""
    entries: list[Template] = [*scenario.processes, *scenario.programs.values()]
    steps = (step for entry in entries for step in written_steps(entry.program or []))
    signals = (step for step in steps if isinstance(step, SIGNALS))
    return len({name for step in signals if (name := step.to_call().name).startswith(start)})


def _ends_worker(scenario: Scenario, program: str, seen: set[str]) -> bool:
    """Return whether a task, or a program that it calls, ends the process in which it runs."""
    seen.add(program)
    for step in written_steps(scenario.programs[program].program or []):
        if isinstance(step, ExitStep | OsExitStep):
            return True
        if isinstance(step, RaiseStep) and step.raise_ in ("SystemExit", "KeyboardInterrupt"):
            return True
        called = step.program if isinstance(step, CallStep) else program
        if called not in seen and _ends_worker(scenario, called, seen):
            return True
    return False


def worker_of_pool(programs: Programs, child: Child) -> ProcessSpec:
    """Return a worker of a pool. Raises LargePoolError and TooManyError."""
    births, scenario = programs.births, programs.scenario
    tasks = births.pools[child.pool].tasks
    work = births.number(WorkStep.model_construct(pool=child.pool))
    random: Uniform01 = stream(scenario.seed, child.pool)

    def called(program: str) -> Steps:
        return steps_of(programs.plan(scenario.programs[program]), random)

    def steps() -> Steps:
        nonlocal random
        yield CALL, work
        for number, task in enumerate(tasks):  # whichever worker it is, a task takes the same time
            random = stream(scenario.seed, f"{child.pool}, task {number}")
            yield from called(task)
            yield CALL, work

    try:
        program, declared = births.program(
            child.index,
            child.name,
            births.pools[child.pool].counted(steps()),
            called,
            False,
            tasks=True,
        )
    except EndlessError:
        raise TooManyError(("pools", child.pool), births.limit) from None
    kinship = Kinship(child.parent, declared, pool=child.pool)
    return ProcessSpec(child.index, child.name, 0, program, kinship=kinship)
