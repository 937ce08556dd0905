"""Control groups (cgroups): the `groups` section, and the `group` of a process.

A group may lie in another one, which stands above it in the file: so there is no circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from kernel.process.linux_attributes import USUAL_GROUP_WEIGHT, USUAL_PERIOD, Group
from kernel.units import format_duration
from kernel.workload import SchedulerSpec
from language.schema.context import CheckContext
from language.schema.distributions import Model
from language.schema.quantities import Read, name_of, time, whole
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import got, shown, unknown
from translation import mark, tr

MOST_GROUPS = 1000
MOST_WEIGHT = 10_000
LEAST_PERIOD, MOST_PERIOD = 1_000_000, 1_000_000_000  # ns, of cpu.max
LEAST_QUOTA = 1_000_000  # ns
MOST_QUOTA = 1_000_000_000_000  # ns

_any = time(1, mark("a duration above 0"))


def _between(least: int, most: int) -> Read:
    """Return the reader of a duration that Linux takes for `cpu.max`."""
    bounds = {"least": format_duration(least), "most": format_duration(most)}

    def convert(value: Any, context: CheckContext) -> int:
        ns: int = _any.convert(value, context)
        if not least <= ns <= most:
            raise ValueError(got(tr("a duration from {least} to {most}", **bounds), value))
        return ns

    return Read(convert, _any.schema)


def _new(value: Any, context: CheckContext) -> str:
    name = name_of(value, context)
    context.groups = (*context.groups, name)
    return name


def _known(value: Any, context: CheckContext) -> str:
    """Return the group of a process."""
    return _one_of(value, context.groups)


def _above(value: Any, context: CheckContext) -> str:
    """Return the group in which the group lies that is being checked."""
    above = context.groups[:-1]
    if value in context.groups and value not in above:
        raise ValueError(tr("a group does not lie in itself"))
    if not above and isinstance(value, str):
        raise ValueError(tr("unknown group {group}; write it above this one", group=shown(value)))
    return _one_of(value, above)


def _one_of(value: Any, groups: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        raise ValueError(got(tr("the name of one of groups"), value))
    if value in groups:
        return value
    if not groups:
        raise ValueError(
            tr(
                "unknown group {group}; write it under groups: {{{name}: {{}}}}",
                group=shown(value),
                name=value,
            )
        )
    raise ValueError(unknown(tr("group"), value, groups))


class GroupSection(Model):
    """A group of processes, with its share of the CPU and its limit."""

    weight: Annotated[int, whole(1, MOST_WEIGHT)] = Field(
        default=USUAL_GROUP_WEIGHT,
        description=mark("cpu.weight: the group's share among the groups beside it."),
    )
    quota: Annotated[int, _between(LEAST_QUOTA, MOST_QUOTA)] | None = Field(
        default=None, description=mark("cpu.max: CPU time in each period, on all cores together.")
    )
    period: Annotated[int, _between(LEAST_PERIOD, MOST_PERIOD)] = Field(
        default=USUAL_PERIOD,
        description=mark("The period in which the group may use its quota."),
        json_schema_extra={"default": "100ms"},
    )
    within: Annotated[str, Read(_above, {"type": "string"})] | None = Field(
        default=None,
        description=mark("The group that contains this one; it must be written above it."),
    )


Groups = Annotated[
    dict[
        Annotated[str, Read(_new, {"type": "string", "minLength": 1, "maxLength": 100})],
        GroupSection,
    ],
    Field(max_length=MOST_GROUPS),
]
GroupName = Annotated[str, Read(_known, {"type": "string"})]


def groups_of(sections: Mapping[str, GroupSection]) -> dict[str, Group]:
    """Return the groups by name, as the kernel's model has them."""
    made: dict[str, Group] = {}
    for name, section in sections.items():
        parent = None if section.within is None else made[section.within]
        made[name] = Group(name, section.weight, section.quota, section.period, parent)
    return made


def group_problems(file: str, root: Node, scheduler: SchedulerSpec) -> Iterator[Problem]:
    """Yield a problem if the operating system would schedule by groups, and the model not."""
    groups = root.child("groups")
    to_linux = scheduler.dispatch == "none" or scheduler.policy.left_to_the_machine
    if groups is not None and groups.value and to_linux and not scheduler.policy.has_groups:
        why = tr(
            "are only for policy: linux; {policy} does not know control groups",
            policy=scheduler.name,
        )
        yield root.key_problem(file, ("groups",), why)
