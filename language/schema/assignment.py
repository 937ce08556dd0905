"""The `assignment` section: a policy to be written, the hidden workloads, and what is checked."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.exercise import PolicyName
from language.schema.lifecycle_values import Truth
from language.schema.quantities import Positive, Read, Tolerance, size, whole, word
from language.source.wording import got, unknown
from translation import mark, tr

KINDS = (
    *("plain", "ties", "io", "cores", "gaps", "many"),
    *("priorities", "starvation", "interactive", "shares"),
)
"""The kinds of hidden workloads; `docs/assignments.md` says what each is for."""
MEASURES = ("turnaround", "waiting", "response")
"""Means that a check may bound, by those of another policy."""
BOARD = (*MEASURES, "makespan", "longest_wait", "preemptions")
"""Measures of the leaderboard."""
RULES = ("same_schedule", "longest_wait", "priorities", "shares", *MEASURES)
"""What a check can be: it has one of these keys."""
MOST_WORKLOADS = 100
MOST_TIMES = 1000.0
LEAST_MEMORY = 64 << 20  # bytes; Python itself, with what is offered, takes half of it

Kind = Annotated[str, word(*KINDS)]


def _kind(value: Any, _context: CheckContext) -> str:
    if value not in KINDS:
        raise ValueError(unknown(tr("kind of workload"), str(value), KINDS))
    return str(value)


def _submit(value: Any, _context: CheckContext) -> tuple[str, str]:
    """Return file and class of `mine.py:Mine`."""
    if not isinstance(value, str) or not re.fullmatch(r"\w[\w-]{0,60}\.py:[^\W\d]\w{0,60}", value):
        raise ValueError(got(tr("a file and a class, like mine.py:Mine"), value))
    file, _, name = value.partition(":")
    return file, name


def _times(value: Any, _context: CheckContext) -> float:
    whole_or_decimal = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not whole_or_decimal or not 0 < value <= MOST_TIMES:
        raise ValueError(got(tr("a number above 0, like 1.2 for at most 1.2 times"), value))
    return float(value)


Times = Annotated[float, Read(_times, {"type": "number", "exclusiveMinimum": 0})]
Submit = Annotated[
    tuple[str, str], Read(_submit, {"type": "string", "pattern": r"^\w[\w-]*\.py:\w+$"})
]


class Check(Model):
    """One rule that the policy is held to on the hidden workloads, with its points."""

    same_schedule: Truth | None = Field(
        default=None,
        description=mark(
            "At each time the policy runs the same process as the scenario's scheduler."
        ),
    )
    longest_wait: Positive | None = Field(
        default=None,
        description=mark("The longest time for which a process may be ready without running."),
    )
    priorities: (
        Annotated[Literal["always", "when-picked"], word("always", "when-picked")] | None
    ) = Field(
        default=None, description=mark("No process runs while a more important one is ready.")
    )
    shares: Tolerance | None = Field(
        default=None,
        description=mark("How far a process's CPU time may be off its share by tickets, like 3%."),
    )
    turnaround: Times | None = Field(
        default=None,
        description=mark("How many times as large as under `of` the mean may be, like 1.2."),
    )
    waiting: Times | None = None
    response: Times | None = None
    of: PolicyName | None = Field(
        default=None,
        description=mark("The policy with whose means this policy's means are compared."),
    )
    on: Annotated[list[Kind], Field(min_length=1)] | None = Field(
        default=None,
        description=mark("The kinds of workloads on which this is checked. Default: all."),
    )
    points: Annotated[int, whole(1, 1000)] = 1

    @property
    def rule(self) -> str:
        """Return the one of RULES that it is."""
        return next(name for name in RULES if getattr(self, name) is not None)

    @model_validator(mode="after")
    def _is_one_rule(self) -> Self:
        written = [name for name in RULES if getattr(self, name) is not None]
        if len(written) != 1:
            rules, has = ", ".join(RULES), ", ".join(written)
            raise ValueError(
                tr("must have one of {rules} (it has {has})", rules=rules, has=has)
                if written
                else tr("must have one of {rules} (it has none)", rules=rules)
            )
        if self.same_schedule is False:
            raise ValueError(tr("same_schedule: must be true; leave the check out otherwise"))
        if (self.of is not None) != (written[0] in MEASURES):
            means = ", ".join(MEASURES)
            raise ValueError(
                tr(
                    "the checks {means} need the key 'of' with a policy, like of: srtf; no other "
                    "check has this key",
                    means=means,
                )
            )
        if self.shares is not None and self.on != ["shares"]:
            raise ValueError(
                tr(
                    "shares needs on: [shares]: only in workloads of that kind all processes "
                    "always compute"
                )
            )
        return self


class AssignmentLimits(Model):
    """What a submission may use on one hidden workload."""

    cpu: Positive = Field(
        default=2_000_000_000,
        description=mark("CPU time that the policy may use on one workload."),
        json_schema_extra={"default": "2s"},
    )
    time: Positive = Field(
        default=10_000_000_000,
        description=mark("Time that all answers of the policy may take on one workload."),
        json_schema_extra={"default": "10s"},
    )
    memory: Annotated[int, size(LEAST_MEMORY, mark("a size of at least 64MiB"))] = Field(
        default=256 << 20, json_schema_extra={"default": "256MiB"}
    )
    decisions: Annotated[int, whole(100, 10**6)] = Field(
        default=50_000, description=mark("How many times the policy may be asked on one workload.")
    )


class Assignment(Model):
    """A policy as homework. The scenario's scheduler is the model solution."""

    submit: Submit = Field(
        default=("mine.py", "Mine"),
        description=mark("The file and the class that students hand in."),
        json_schema_extra={"default": "mine.py:Mine"},
    )
    workloads: Annotated[
        dict[Annotated[str, Read(_kind, {"enum": list(KINDS)})], Annotated[int, whole(1, 50)]],
        Field(min_length=1),
    ] = Field(
        default={"plain": 2, "ties": 3, "io": 3, "cores": 2},
        description=mark("Kinds of hidden workloads, and how many of each."),
    )
    checks: Annotated[list[Check], Field(min_length=1, max_length=20)]
    hides: list[Annotated[str, word("burst", "left")]] = Field(
        default=[], description=mark("Attributes of a process that are hidden from the policy.")
    )
    leaderboard: list[Annotated[str, word(*BOARD)]] = Field(
        default=[], description=mark("Measures that are reported, summed up over all workloads.")
    )
    limits: AssignmentLimits = Field(default_factory=AssignmentLimits.model_construct)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if sum(self.workloads.values()) > MOST_WORKLOADS:
            raise ValueError(
                tr("workloads: must be at most {most}, all kinds together", most=MOST_WORKLOADS)
            )
        for number, check in enumerate(self.checks):
            for kind in check.on or ():
                if kind not in self.workloads:
                    known = ", ".join(self.workloads)
                    raise ValueError(
                        tr(
                            "checks.{number}.on: {kind} is not one of the kinds under workloads "
                            "({known})",
                            number=number,
                            kind=kind,
                            known=known,
                        )
                    )
        return self
