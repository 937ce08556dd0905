"""An entry of `processes`, which makes one process or `count` processes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    create_model,
    model_validator,
)

from kernel.process.interpreters import INTERPRETERS
from language.schema.affinity import AllowedCores
from language.schema.context import CheckContext, context_of
from language.schema.distributions import (
    Choice,
    Exponential,
    Length,
    Model,
    Normal,
    Uniform,
    key_of,
    kind_of_length,
)
from language.schema.groups import GroupName
from language.schema.linux_classes import Class, RtPriority, Slice
from language.schema.memory import check_program_size
from language.schema.periodic import MOST_JOBS, jobs_of
from language.schema.quantities import (
    DISTRIBUTIONS,
    DurationOrZero,
    Name,
    Positive,
    Read,
    Size,
    later,
    whole,
    word,
)
from language.schema.steps import Program
from language.schema.threads import Threads
from language.source.wording import got, unknown
from translation import mark, tr

MOST_COUNT = 10**12


class Every(Model):
    """The processes arrive one after the other, each after a gap; the first one also."""

    every: Length = Field(
        description=mark("The time between two arrivals: a duration or a distribution.")
    )


def _kind_of_arrival(value: Any) -> str:
    return "<every>" if isinstance(value, dict) and "every" in value else kind_of_length(value)


def _refuse_arrival(value: Any, _context: CheckContext) -> Any:
    if key := key_of(value):
        raise ValueError(unknown(tr("kind of arrival"), key, ["every", *DISTRIBUTIONS]))
    raise ValueError(got(tr("a duration like 20ms, one distribution, or {every: 20ms}"), value))


Arrival = Annotated[
    Annotated[DurationOrZero, Tag("<fixed>")]
    | Annotated[Exponential, Tag("<exponential>")]
    | Annotated[Uniform, Tag("<uniform>")]
    | Annotated[Normal, Tag("<normal>")]
    | Annotated[Choice, Tag("<choice>")]
    | Annotated[Every, Tag("<every>")]
    | Annotated[Any, Read(_refuse_arrival), Tag("<bad>")],
    Discriminator(_kind_of_arrival),
]


def _fitting(memory: int, info: ValidationInfo) -> int:
    context_of(info).asks = memory > 0
    return check_program_size(memory, context_of(info))


def _rising(releases: list[int]) -> list[int]:
    if releases[0] != 0:
        raise ValueError(
            tr("must begin with 0: the first job is released when the process arrives")
        )
    if any(after <= before for before, after in pairwise(releases)):
        raise ValueError(
            tr("must be in the order of time: each job is released after the one before it")
        )
    return releases


InterpreterKind = Annotated[Literal["gil", "free-threaded", "per-interpreter"], word(*INTERPRETERS)]


class Template(Model):
    """What a process does, and how important it is. A started process has only these keys."""

    memory: Annotated[Size, AfterValidator(_fitting)] = Field(
        default=0, description=mark("The memory that the process needs. 0: it needs no partition.")
    )
    priority: Annotated[int, whole(-(10**9), 10**9)] = Field(
        default=0, description=mark("The priority. A smaller number is more important.")
    )
    nice: Annotated[int, whole(-20, 19)] = Field(
        default=0, description=mark("The nice value of Unix, for policies that use it.")
    )
    tickets: Annotated[int, whole(1, 10**9)] = Field(
        default=100, description=mark("The tickets of the process, for policies that give shares.")
    )
    cpu: Length | None = Field(
        default=None, description=mark("A program that is one CPU burst of this length.")
    )
    program: Program | None = Field(
        default=None, description=mark("The steps of the program, in their order.")
    )
    cores: AllowedCores = Field(
        default="all", description=mark("The cores that the process may use: all, or a list.")
    )

    def steps(self) -> int:
        """Return how many steps one process or one job has, with repetitions written out."""
        return sum(step.count() for step in self.program) if self.program else 1

    @model_validator(mode="before")
    @classmethod
    def _learn(cls, written: Any, info: ValidationInfo) -> Any:
        """Note whether the process asks for memory. With `memory`, its check decides that."""
        there = isinstance(written, dict) and "memory" in written
        context_of(info).asks = None if there else False
        return written


class _Process(Template):
    """A process: when it arrives, what it does, how important it is."""

    name: Name = Field(
        description=mark("The name, which must be unique. With `count`, the start of the names.")
    )
    arrival: Arrival = Field(
        default=0, description=mark("The time at which the process arrives, or {every: gap}.")
    )
    count: Annotated[int, whole(1, MOST_COUNT)] | None = Field(
        default=None, description=mark("How many such processes there are: name-1, name-2, ...")
    )
    period: Positive | None = Field(
        default=None,
        description=mark("The time from the release of one job to the release of the next."),
    )
    deadline: Positive | None = Field(
        default=None,
        description=mark("The time from a release to its deadline. Default: the period, if any."),
    )
    jobs: Annotated[int, whole(1, MOST_COUNT)] | None = Field(
        default=None,
        description=mark(
            "How many jobs a periodic process has. Default: those of one hyperperiod."
        ),
    )
    releases: (
        Annotated[
            list[DurationOrZero], Field(min_length=1, max_length=MOST_JOBS), AfterValidator(_rising)
        ]
        | None
    ) = Field(
        default=None,
        description=mark("The time of each release, in place of a period; the first is 0."),
    )
    on_miss: Annotated[Literal["continue", "abort"], word("continue", "abort")] = Field(
        default="continue",
        description=mark("Whether a job that misses its deadline goes on, or its rest is dropped."),
    )
    rt_priority: RtPriority | None = Field(
        default=None,
        description=mark("The priority in class fifo or rr: larger is more important. Default: 1."),
    )
    slice: Slice | None = Field(
        default=None,
        description=mark("The process's own slice in Linux's fair classes, 100us to 100ms."),
    )
    runtime: Positive | None = Field(
        default=None,
        description=mark("In class deadline: the CPU time that it may use in each period."),
    )
    group: GroupName | None = Field(
        default=None,
        description=mark("The control group of the process, one of `groups`; for policy linux."),
    )
    daemon: Annotated[
        Any,
        later(mark("only processes that are started can be daemons; write it in the start step")),
    ] = None
    threads: Threads | None = Field(
        default=None,
        description=mark(
            "Its threads: programs that share its memory and Python's interpreter lock."
        ),
    )
    interpreter: InterpreterKind | None = Field(
        default=None,
        description=mark("The interpreters that execute its threads. Default: the scenario's."),
    )

    def steps(self) -> int:
        """Return the number of steps of its program or of all threads.

        Each thread counts as one step more; the steps of a named program are not counted.
        """
        if self.threads is None:
            return super().steps()
        inline = (thread for thread in self.threads if not isinstance(thread, str))
        return len(self.threads) + sum(step.count() for thread in inline for step in thread)

    def jobs_in(self, hyperperiod: int) -> int:
        """Return the number of jobs of one process. Raises ValueError if it must be written."""
        if self.releases is not None:
            return len(self.releases)
        return jobs_of(self.jobs, self.period, hyperperiod)

    @model_validator(mode="after")
    def _within_limits(self, info: ValidationInfo) -> Self:
        """Count processes and steps before they are expanded. Raises ValueError at a limit."""
        context, count = context_of(info), self.count or 1
        made = count * (1 + len(self.threads or ()))  # a thread counts as a process
        before, context.processes = context.processes, context.processes + made
        if before <= context.process_limit < context.processes:
            raise ValueError(
                tr(
                    "the scenario expands to {many:,} processes, more than {most:,} (the limit "
                    "processes)",
                    many=context.processes,
                    most=context.process_limit,
                )
            )
        jobs = self.jobs_in(context.hyperperiod)
        steps = jobs * self.steps() + jobs - 1  # a release between two jobs is a step, too
        before, context.steps = context.steps, context.steps + count * steps
        if before <= context.step_limit < context.steps:
            raise ValueError(
                tr(
                    "the scenario expands to {many:,} steps, more than {most:,} (the limit steps)",
                    many=context.steps,
                    most=context.step_limit,
                )
            )
        return self


if TYPE_CHECKING:

    class ProcessEntry(_Process):
        """An entry of `processes`, with the key `class`, which is a keyword of Python."""

else:
    ProcessEntry = create_model(
        "ProcessEntry",
        __base__=_Process,
        __doc__=_Process.__doc__,
        **{"class": (Class, Field(default="other", description=mark("Linux's scheduling class.")))},
    )
