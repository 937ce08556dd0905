"""The programs of a scenario's processes, with their plans, calls and Process objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernel.process.calls import CALL, Call, Kinship
from kernel.process.program import Program
from language.expansion.children import Births, Thread
from language.expansion.plans import Plan, Planner, steps_of
from language.schema.groups import groups_of
from language.schema.process import ProcessEntry, Template
from language.schema.random_draws import Uniform01
from language.schema.scenario import Scenario
from language.schema.steps import CpuStep, Written


class Programs:
    """The programs of one scenario. `births` collects every process that they start."""

    def __init__(self, scenario: Scenario, births: Births) -> None:
        self.scenario, self.births = scenario, births
        self.groups = groups_of(scenario.groups)
        devices = {name: place for place, name in enumerate(scenario.machine.devices)}
        self._planner = Planner(devices, births.number)

    def plan(self, written: Template | Sequence[Written]) -> Plan:
        """Return the plan of an entry's program, or of a list of steps."""
        steps = written_steps_of(written) if isinstance(written, Template) else written
        return self._planner.plan(steps)

    def with_calls(
        self,
        index: int,
        name: str,
        entry: Template,
        plan: Plan,
        random: Uniform01,
        first: Call | None = None,
    ) -> tuple[Program, Kinship]:
        """Return a program with lifecycle steps, and the Process objects that it makes.

        It makes the call `first`, if any, before its steps.

        Raises EndlessError and NoMemoryError.
        """

        def called(program: str) -> Iterator[tuple[int, int]]:
            return steps_of(self.plan(self.scenario.programs[program]), random)

        steps = steps_of(plan, random)
        program, declared = self.births.program(index, name, steps, called, entry.memory > 0, first)
        return program, Kinship(declared=declared)

    def main_thread(
        self, process: ProcessEntry, row: int, index: int, name: str, arrival: int
    ) -> Program:
        """Return the program that starts the threads of a process and waits for them."""
        numbers = []
        for number, program in enumerate(process.threads or (), start=1):
            numbers.append(self.births.thread(name, number))
            self.births.process_of[numbers[-1][0]] = index
            self.births.threads.append(Thread(*numbers[-1], index, row, arrival, program))
        options = {"interpreter": self.scenario.interpreter_of(process)}
        begin = Call("threads", "", tuple(each for each, _ in numbers), options=options)
        calls = begin, Call("end")
        return Program.of([(CALL, 0), (CALL, 1)], calls)


def written_steps_of(entry: Template) -> Sequence[Written]:
    """Return the steps of an entry. A process with threads has none: see `main_thread`."""
    if entry.program is not None:
        return entry.program
    if isinstance(entry, ProcessEntry) and entry.threads is not None:
        return ()
    assert entry.cpu is not None  # the check of the scenario demands program or cpu
    return [CpuStep.model_construct(cpu=entry.cpu)]
