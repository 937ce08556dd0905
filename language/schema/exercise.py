"""The `exercise` section: what is asked about a run, and what differs from student to student."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WrapValidator, model_validator

from kernel.policies import POLICIES
from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.expectations import Expect, part_name
from language.schema.quantities import (
    DurationOrZero,
    LongText,
    Name,
    ProcessName,
    Read,
    Text,
    whole,
    word,
)
from language.schema.ranges import values_of
from language.source.wording import got, got_word, unknown
from translation import mark, tr

ALL = "all"
MOST_QUESTIONS = 50
MOST_POINTS = 1000
TIMES = ("completion", "turnaround", "waiting", "response", "first_run")
"""What is asked of each process, and is a time."""
COUNTS = ("preemptions", "missed", "exitcode", "swaps")
"""What is asked of each process, and is a whole number."""
MEANS = ("turnaround", "waiting", "response")
METRICS = (*TIMES, "arrival", "cpu")
"""Values of processes that can be required to be different."""


def _all(value: Any, _context: CheckContext) -> str:
    if value != ALL:
        raise ValueError(got_word("all", value))
    return ALL


All = Annotated[str, Read(_all, {"const": ALL})]


def _every_one(value: Any, handler: Any) -> Any:
    return [ALL] if value == ALL else handler(value)


Processes = Annotated[list[ProcessName], Field(min_length=1), WrapValidator(_every_one)]
"""`all`, which becomes [ALL], or a list of processes."""
Parts = Annotated[list[Annotated[str, Read(part_name, {"type": "string"})]], Field(min_length=1)]
MeanNames = Annotated[list[Annotated[str, word(*MEANS)]], Field(min_length=1)]


def _policy_name(value: Any, _context: CheckContext) -> str:
    if not isinstance(value, str) or value not in POLICIES:
        if isinstance(value, str):
            raise ValueError(unknown(tr("policy"), value, POLICIES))
        raise ValueError(got(tr("the name of a policy"), value))
    return value


PolicyName = Annotated[str, Read(_policy_name, {"enum": list(POLICIES)})]


class PolicyQuestion(Model):
    """A chart is shown; the student says which of these policies has made it."""

    among: Annotated[list[PolicyName], Field(min_length=2, max_length=20)]
    quantum: bool = Field(
        default=False, description=mark("Whether the student must name the quantum, too.")
    )


class Alternative(Model):
    """One alternative of a choice. It is right as `right` says, or if the run meets `when`."""

    text: Text
    right: bool = False
    when: Expect | None = None
    because: Text | None = Field(
        default=None,
        description=mark("The feedback for a student who wrongly chose this alternative."),
    )


class Choice(Model):
    """A question with alternatives of which exactly one is right."""

    text: LongText
    of: Annotated[list[Alternative], Field(min_length=2, max_length=20)]


class Seen(Model):
    """An observation whose value is asked: of a mapping only these keys."""

    process: ProcessName
    name: Text
    keys: Annotated[list[Name], Field(min_length=1, max_length=20)] | None = None


KINDS = (
    *("gantt", "order", *TIMES, "mean", "makespan", "dispatched", *COUNTS, "utilization", "idle"),
    *("placed", "waits", "prints", "observed", "deadlock", "policy", "choice"),
)
"""The kinds of questions, each a key of an entry of `ask`."""


class Question(Model):
    """One question: a kind with what is asked of it, its points, and perhaps a text."""

    gantt: All | None = Field(
        default=None, description=mark("Ask which process runs on each core, and when.")
    )
    order: All | None = Field(
        default=None, description=mark("Ask in which order the processes end.")
    )
    completion: Processes | None = None
    turnaround: Processes | None = None
    waiting: Processes | None = None
    response: Processes | None = None
    first_run: Processes | None = None
    mean: MeanNames | None = Field(default=None, description=mark("Means over all processes."))
    makespan: All | None = Field(
        default=None, description=mark("The time at which the last program ends.")
    )
    dispatched: All | None = Field(
        default=None,
        description=mark(
            "The student says for one decision after the other which process gets a core."
        ),
    )
    preemptions: Processes | None = None
    missed: Processes | None = Field(
        default=None, description=mark("How many deadlines each process misses.")
    )
    exitcode: Processes | None = None
    swaps: Processes | None = None
    utilization: Parts | None = Field(
        default=None,
        description=mark("Ask for this share of cpu, a core like core 0, or a device."),
    )
    idle: Parts | None = Field(
        default=None,
        description=mark("Ask for this share of cpu, a core like core 0, or a device."),
    )
    placed: Processes | None = Field(
        default=None, description=mark("Ask where in memory each program is placed.")
    )
    waits: All | None = Field(
        default=None, description=mark("Ask which programs have to wait for memory.")
    )
    prints: All | None = Field(
        default=None, description=mark("Ask which lines the programs print, in order.")
    )
    observed: Annotated[list[Seen], Field(min_length=1, max_length=50)] | None = None
    deadlock: All | None = Field(
        default=None, description=mark("Ask which processes wait for ever (a deadlock).")
    )
    policy: PolicyQuestion | None = None
    choice: Choice | None = None
    points: Annotated[int, whole(1, MOST_POINTS)] = 1
    text: LongText | None = Field(
        default=None, description=mark("The question's text, in place of the usual one.")
    )
    tolerance: DurationOrZero | None = Field(
        default=None,
        description=mark(
            "How far a time may be off. Default: 0; for means a hundredth of the unit."
        ),
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Question:
        asked = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(asked) != 1:
            found = tr(" and ").join(asked)
            raise ValueError(
                tr("must ask one thing, like completion: all (got {found})", found=found)
                if asked
                else tr("must ask one thing, like completion: all (got none)")
            )
        return self

    @property
    def kind(self) -> str:
        """The kind of the question: one of KINDS."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def asked(self) -> Any:
        """What is asked of the kind: [ALL], names, or a section of its own."""
        return getattr(self, self.kind)


def _range(value: Any, _context: CheckContext) -> Any:
    """Return a list of values to choose from, or the mapping {from, to, step}, unchanged."""
    if isinstance(value, list) and 1 < len(value) <= 1000:
        return value
    if isinstance(value, dict):
        values_of(value)
        return value
    raise ValueError(got(tr("a list of two values or more, or {from: 2, to: 9}"), value))


Range = Annotated[
    Any,
    Read(
        _range,
        {
            "anyOf": [
                {"type": "array", "minItems": 2},
                {"type": "object", "required": ["from", "to"]},
            ]
        },
    ),
]


class Require(Model):
    """Conditions that a variant must meet; others are drawn again."""

    preemptions: Annotated[int, whole(0, 10**6)] | None = Field(
        default=None, description=mark("The least number of preemptions in all.")
    )
    distinct: Annotated[list[Annotated[str, word(*METRICS)]], Field(min_length=1)] | None = Field(
        default=None,
        description=mark("Measures in which no two processes may have the same value."),
    )
    no_ties: Literal[True] | None = Field(
        default=None, description=mark("The answer must not depend on the rule for ties.")
    )
    differs: Annotated[list[Text], Field(min_length=1, max_length=20)] | None = Field(
        default=None,
        description=mark("Policies or misconceptions under which the answer must be another."),
    )
    waits: Annotated[int, whole(0, 10**6)] | None = Field(
        default=None, description=mark("The least number of programs that wait for memory.")
    )
    missed: Annotated[int, whole(0, 10**6)] | None = Field(
        default=None, description=mark("The aim is the least number of missed deadlines.")
    )
    idle: bool | None = Field(
        default=None, description=mark("Whether a core must be idle before the end.")
    )
    slices: Annotated[int, whole(1, 10**6)] | None = Field(
        default=None, description=mark("The largest number of running intervals in the chart.")
    )
    makespan: DurationOrZero | None = Field(
        default=None, description=mark("The longest makespan that is allowed.")
    )
    round: Literal[True] | None = Field(
        default=None, description=mark("The means must have at most two decimals of the time unit.")
    )
    expect: Expect | None = Field(
        default=None,
        description=mark("Results that each variant must have, written as under `expect`."),
    )


def _unlike(questions: list[Question]) -> list[Question]:
    """Raise ValueError if two questions would have their answers in the same place."""
    several = ("choice", *TIMES, *COUNTS, "placed", "utilization", "idle", "mean", "observed")
    kinds = [question.kind for question in questions]
    for kind in kinds:
        if kind not in several and kinds.count(kind) > 1:
            raise ValueError(
                tr("asks for {kind} twice; each kind can be asked only once", kind=kind)
            )
    return questions


class Exercise(Model):
    """Questions about the run of the scenario, and what differs from student to student."""

    task: LongText | None = Field(
        default=None, description=mark("A text that is printed above the questions.")
    )
    ask: Annotated[
        list[Question],
        Field(min_length=1, max_length=MOST_QUESTIONS),
        AfterValidator(_unlike),
    ]
    vary: Annotated[dict[Name, Range], Field(max_length=100)] = Field(
        default={},
        description=mark("What differs from student to student: a key's path, and its values."),
    )
    require: Require = Field(default_factory=Require.model_construct)
    accept: Annotated[list[Text], Field(max_length=20)] = Field(
        default=[],
        description=mark("Other conventions under which answers count, by their names."),
    )
