"""The model of a scenario file.

The check of a file and the JSON Schema are both made from the models. A checked scenario has times
in ns and sizes in bytes. The order of `Scenario`'s fields is the order of the check, see `context`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from kernel.policies import OTHER_NAMES, POLICIES
from kernel.process.interpreters import running_interpreter
from kernel.process.start_methods import DEFAULT, default_start_method
from kernel.scheduling.conventions import COMPLETED_IO, DRAWS
from language.schema.assignment import Assignment
from language.schema.distributions import Model
from language.schema.exercise import Exercise
from language.schema.expectations import Expect
from language.schema.experiment import Experiment
from language.schema.groups import Groups
from language.schema.levels import LEVELS
from language.schema.lifecycle_values import Truth, Variables, learn_programs
from language.schema.machine import MachineSection
from language.schema.memory import MemorySection
from language.schema.process import InterpreterKind, ProcessEntry, Template
from language.schema.quantities import LongText, Name, Positive, Text, TimeUnit, whole, word
from language.schema.shared_objects import (
    Arrays,
    Barriers,
    Conditions,
    Locks,
    Pipes,
    Pools,
    Queues,
    Semaphores,
    Values,
)
from translation import mark

MOST_SEED = 2**63 - 1


class Scheduler(Model):
    """Which process runs next, and for how long. Other keys are the parameters of the policy."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, defer_build=True)

    policy: Text = Field(
        default="fcfs", description=mark("The policy: its name, or file.py:ClassName.")
    )
    ties: Annotated[
        Literal["arrival-first", "expiry-first"], word("arrival-first", "expiry-first")
    ] = Field(
        default="arrival-first",
        description=mark("Whether arrivals or quantum expiries come first at one instant."),
    )
    draws: Annotated[Literal["ready-order", "arrival", "name", "pid"], word(*DRAWS)] = Field(
        default="ready-order", description=mark("Which of equal processes is ahead in the queue.")
    )
    completed_io: Annotated[Literal["before-arrivals", "after-arrivals"], word(*COMPLETED_IO)] = (
        Field(
            default="before-arrivals",
            description=mark("Whether processes whose I/O is over come before or after arrivals."),
        )
    )
    queues: Annotated[Literal["global", "per-core"], word("global", "per-core")] = Field(
        default="global", description=mark("Whether there is one ready queue, or one per core.")
    )
    balance: Annotated[Literal["none", "steal", "push"], word("none", "steal", "push")] = Field(
        default="none",
        description=mark("How waiting processes move between the queues of the cores."),
    )
    dispatch: Annotated[Literal["ours", "none"], word("ours", "none")] = Field(
        default="ours", description=mark("none: the operating system schedules the real processes.")
    )


class Scenario(Model):
    """One scenario: a machine, a policy, and the programs that share it."""

    title: Text | None = Field(
        default=None, description=mark("The title. Default: the name of the file.")
    )
    topic: Text | None = Field(
        default=None,
        description=mark("The heading under which the command lessons lists the scenario."),
    )
    level: Annotated[Literal["beginner", "intermediate", "advanced"], word(*LEVELS)] | None = Field(
        default=None,
        description=mark("How much a student must know before; the command lessons shows it."),
    )
    about: LongText | None = Field(
        default=None,
        description=mark("A text on what to look at; it is printed before the result."),
    )
    time_unit: TimeUnit = Field(
        default=1_000_000,
        description=mark("The unit of numbers without a unit."),
        json_schema_extra={"default": "1ms"},
    )
    seed: Annotated[int, whole(0, MOST_SEED)] = Field(
        default=0, description=mark("The seed of all random draws.")
    )
    machine: MachineSection = Field(default_factory=MachineSection.model_construct)
    memory: MemorySection | None = Field(
        default=None,
        description=mark(
            "How memory is managed. Default: one hole of machine.memory, or no memory."
        ),
    )
    scheduler: Scheduler = Field(default_factory=Scheduler.model_construct)
    locks: Locks = Field(
        default=[],
        description=mark("The locks: Lock or RLock; one that is not declared is a Lock."),
    )
    semaphores: Semaphores = Field(
        default={}, description=mark("The semaphores, and how often each can be acquired.")
    )
    conditions: Conditions = Field(
        default={}, description=mark("The condition variables and their locks.")
    )
    barriers: Barriers = Field(
        default={}, description=mark("The barriers, and how many processes each waits for.")
    )
    queues: Queues = Field(
        default=[],
        description=mark("The queues: SimpleQueue (the default), Queue or JoinableQueue."),
    )
    pipes: Pipes = Field(default={}, description=mark("Pipes with two ends, 0 and 1."))
    pools: Pools = Field(default={}, description=mark("The pools, and how many workers each has."))
    values: Values = Field(default={}, description=mark("Whole numbers in shared memory."))
    arrays: Arrays = Field(
        default={}, description=mark("Arrays of whole numbers in shared memory.")
    )
    programs: Annotated[
        dict[Name, Template], Field(max_length=1000), BeforeValidator(learn_programs)
    ] = Field(
        default={},
        description=mark(
            "Programs of processes that other processes start, with a process's keys."
        ),
    )
    variables: Variables = Field(
        default={},
        description=mark("The global variables of every program, as they are when it is imported."),
    )
    groups: Groups = Field(
        default={},
        description=mark("Control groups (cgroups), for policy linux: weights and limits."),
    )
    processes: Annotated[list[ProcessEntry], Field(min_length=1)]
    expect: Expect | None = Field(default=None, description=mark("The expected results of a run."))
    exercise: Exercise | None = Field(
        default=None, description=mark("What students are asked about a run, with variants.")
    )
    assignment: Assignment | None = Field(
        default=None,
        description=mark("A policy that students write, and the checks that it must pass."),
    )
    experiment: Experiment | None = Field(
        default=None, description=mark("What the command sweep varies, repeats and measures.")
    )
    start_method: Annotated[
        Literal["fork", "spawn", "forkserver", "default"],
        word("fork", "spawn", "forkserver", "default"),
    ] = Field(
        default="fork",
        description=mark("How processes start others; default: as this Python does on Linux."),
    )
    interpreter: InterpreterKind | None = Field(
        default=None,
        description=mark("The interpreters that execute threads. Default: as in this Python."),
    )
    main_guard: Truth = Field(
        default=True,
        description=mark(
            'Whether the program is guarded by `if __name__ == "__main__"`; not for fork.'
        ),
    )
    stall_timeout: Positive = Field(
        default=5_000_000_000,
        description=mark("If no process does anything for this time, a real run is deadlocked."),
        json_schema_extra={"default": "5s"},
    )

    @property
    def starts_by(self) -> str:
        """Return the start method: fork, spawn or forkserver."""
        return default_start_method() if self.start_method == DEFAULT else self.start_method

    def interpreter_of(self, process: ProcessEntry) -> str:
        """Return which interpreters execute the threads of a process, see INTERPRETERS."""
        return process.interpreter or self.interpreter or running_interpreter()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file."""
    schema: dict[str, Any] = _given(Scenario.model_json_schema())
    policy = schema["$defs"]["Scheduler"]["properties"]["policy"]
    others = [name for names in OTHER_NAMES.values() for name in names]
    policy["anyOf"] = [{"enum": list(POLICIES)}, {"pattern": r"\.py:\w+$"}, {"enum": others}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _given(schema: Any) -> Any:
    """Return the schema without null as a value: a key without a value is left out instead."""
    if isinstance(schema, list):
        return [_given(value) for value in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _given(value) for key, value in schema.items() if (key, value) != ("default", None)
    }
    branches = kept.get("anyOf", ())
    rest = [branch for branch in branches if branch != {"type": "null"}]
    if len(rest) < len(branches):
        kept.pop("anyOf")
        kept.update(rest[0] if len(rest) == 1 else {"anyOf": rest})
    return kept
