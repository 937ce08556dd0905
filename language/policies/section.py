"""The `scheduler` section: find its policy, and read the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kernel import current_call
from kernel.errors import PolicyError
from kernel.policies import POLICIES
from kernel.scheduling import Policy
from kernel.scheduling.conventions import COMPLETED_IO, DRAWS
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.workload import SchedulerSpec
from language.policies import lookup as policies
from language.policies import parameters
from language.policies.confinement import confined
from language.policies.time_limit import ending
from language.schema import messages
from language.schema.affinity import has_pinned, queues_of
from language.schema.context import CheckContext
from language.schema.quantities import time_unit_of
from language.schema.scenario import Scheduler
from language.source.errors import Problem
from language.source.limits import LIMITS
from language.source.tree import Node
from translation import tr

OWN_KEYS = tuple(Scheduler.model_fields)
CONVENTIONS: dict[str, tuple[str, ...]] = {
    "ties": ("arrival-first", "expiry-first"),
    "draws": tuple(DRAWS),
    "completed_io": COMPLETED_IO,
}
"""The keys that name a convention for every policy, and the conventions."""
OURS = ("draws", "completed_io")
"""The conventions that a machine cannot be told if its own scheduler decides."""
DEFAULT = "fcfs"


def policy_of(
    file: str, root: Node, folder: Path, patience: int
) -> tuple[type[Policy] | None, list[Problem]]:
    """Return the class of the policy (None if it is not found), and the problems of its name.

    The path of an own policy is relative to `folder`, the scenario's folder; if an option names the
    policy, to the current folder. `patience` is the limit for own code, ns. None without a problem
    means that the whole section is wrong; `schema` reports that.
    """
    section = root.child("scheduler") or Node({})
    written = _policy_text(root)
    if written is None or not isinstance(section.value, dict):
        return None, []
    place = section.child("policy") or section
    try:
        here = place.option is not None
        return policies.find(written, Path() if here else folder, patience), []
    except ValueError as error:
        return None, [place.problem(file, ("scheduler", "policy"), str(error))]


def scheduler_of(
    file: str, root: Node, policy: type[Policy], patience: int
) -> tuple[SchedulerSpec | None, list[Problem]]:
    """Return the scheduler of a tree with that policy, and the problems of the section."""
    section = root.child("scheduler") or Node({})
    written = _policy_text(root) or DEFAULT
    known = parameters.names(policy)
    values = {
        key: None if node.value is None else node.plain()
        for key, node in _entries(section).items()
        if key in known
    }
    problems = [
        section.key_problem(
            file,
            ("scheduler", key),
            parameters.unknown_parameter(written, policy, key, list(OWN_KEYS)),
        )
        for key in _entries(section)
        if key not in known and key not in OWN_KEYS
    ]
    try:
        read = parameters.adapter(policy).validate_python(values, context=_context(root))
    except ValidationError as error:
        return None, problems + messages.problems(file, root, error, ("scheduler",))
    except ValueError as error:
        place = section.child("policy") or section
        return None, [*problems, place.problem(file, ("scheduler", "policy"), str(error))]
    values = {**parameters.defaults(policy), **read}
    own = written not in POLICIES
    queues = queues_of(root, several=policy.left_to_the_machine)
    node = section.child("queues")
    if node is not None and policy.left_to_the_machine and queues[0] == "global":
        message = tr(
            "{policy} has a queue for each core, as Linux does; leave it out", policy=written
        )
        problems.append(node.problem(file, ("scheduler", "queues"), message))
    problems += _foreign(file, section, policy, written)
    chosen = _chosen(section)
    chosen["queues"], chosen["balance"] = queues
    chosen["dispatch"] = _dispatch(section, policy)
    pinned = queues[0] == "global" and has_pinned(root)
    spec = SchedulerSpec(
        written, policy, values, own=own, patience=patience, pinned=pinned, **chosen
    )
    return spec, problems + _own_check(file, section, spec)


def _chosen(section: Node) -> dict[str, str]:
    """Return the conventions that the section names. `schema` reports the wrong ones."""
    written = {key: section.child(key) for key in CONVENTIONS}
    return {
        key: str(node.value)
        for key, node in written.items()
        if node is not None and node.value in CONVENTIONS[key]
    }


def _foreign(file: str, section: Node, policy: type[Policy], written: str) -> list[Problem]:
    """Return the problems of conventions that the machine's own scheduler does not have."""
    return [
        section.key_problem(
            file,
            ("scheduler", key),
            tr("{policy} schedules as Linux does, which has no {key}", policy=written, key=key),
        )
        for key in OURS
        if policy.left_to_the_machine and section.child(key) is not None
    ]


def _dispatch(section: Node, policy: type[Policy]) -> str:
    """Return `dispatch` as it is written, else the value that the policy implies."""
    node = section.child("dispatch")
    if node is not None and node.value in ("ours", "none"):
        return str(node.value)
    return "none" if policy.left_to_the_machine else "ours"


def _own_check(file: str, section: Node, spec: SchedulerSpec) -> list[Problem]:
    """Return the objection of the policy's own check, at the parameter that it names first."""
    try:
        said = _said_by_check(spec)
    except Exception as error:  # the constructor of an own class may raise any error
        what = tr(
            "{policy} cannot be made: {error}: {message}",
            policy=spec.policy.__name__,
            error=type(error).__name__,
            message=error,
        )
        place = section.child("policy") or section
        message = str(error) if isinstance(error, PolicyError) else what
        return [place.problem(file, ("scheduler", "policy"), message)]
    if said is None:
        return []
    name, _, message = said.partition(": ")
    if name not in spec.parameters:
        return [section.problem(file, ("scheduler",), said)]
    place = section.child(name) or section
    return [place.problem(file, ("scheduler", name), message)]


def _said_by_check(spec: SchedulerSpec) -> str | None:
    """Return the objection of the policy's `check`; None if it accepts the parameters."""
    with policy_errors_of(spec.policy), confined(spec.name, own=spec.own), ending(spec.patience):
        policy = spec.build()
        try:
            with current_call.asking("check") if spec.own else nullcontext():
                policy.check()
        except ValueError as error:
            return " ".join(str(error).split()) or tr(
                "the parameters of the policy contradict each other"
            )
    return None


def _context(root: Node) -> CheckContext:
    """Return a context with the scenario's time unit, which a bare number counts."""
    return CheckContext(LIMITS["steps"], LIMITS["processes"], time_unit_of(root))


def _entries(section: Node) -> dict[str, Node]:
    return section.value if isinstance(section.value, dict) else {}


def _policy_text(root: Node) -> str | None:
    """Return the policy as written, or the default; None if it is written but is no text."""
    node = (root.child("scheduler") or Node({})).child("policy")
    if node is None:
        return DEFAULT
    return node.value if isinstance(node.value, str) else None


def forget_old_policy(written: Node, root: Node, policy: type[Policy]) -> tuple[Node, list[str]]:
    """Return the tree and remarks. If an option names another policy, drop unknown parameters.

    Only parameters that the file sets are dropped, not parameters that the command line sets. The
    remarks say which parameters were dropped.
    """
    old, new = _policy_text(written), _policy_text(root)
    if new is None or new == old:
        return root, []
    foreign = OURS if policy.left_to_the_machine else ()
    known = {*OWN_KEYS, *parameters.names(policy)}.difference(foreign)
    remarks: list[str] = []
    section = root.child("scheduler") or Node({})
    gone = [k for k, node in _entries(section).items() if k not in known and node.option is None]
    if gone:
        left = {k: node for k, node in _entries(section).items() if k not in gone}
        root = _replaced(root, "scheduler", replace(section, value=left))
        remarks.append(
            tr(
                "{policy} has no {keys}: what the scenario says about it is ignored",
                policy=new,
                keys=", ".join(gone),
            )
        )
    return root, remarks


# A change of only these keys does not change the outcome, so the file's expectations are kept.
OUTCOME_ASIDE = ("expect", "experiment", "title", "topic", "level", "about", "time_unit")


def expects(root: Node) -> bool:
    """Return whether the file has expectations, and not only the command line."""
    expect = root.child("expect")
    return expect is not None and any(node.option is None for node in _entries(expect).values())


def reads_the_same(written: Node, root: Node) -> bool:
    """Return whether both trees are equal, except for keys that do not change the outcome."""
    one, other = (
        {key: value for key, value in _plain(tree).items() if key not in OUTCOME_ASIDE}
        for tree in (written, root)
    )
    return one == other


def in_unit_of(written: Node, root: Node) -> Node:
    """Return `written` with the time unit of `root`, which also scales its expectations."""
    return _replaced(written, "time_unit", root.child("time_unit"))


def without_expectations(
    written: Node, root: Node, changes: Sequence[str], costs: str | None
) -> tuple[Node, list[str]]:
    """Return `root` without the expectations of the file, and a remark.

    `changes` are the options that have changed the `written` scenario; `costs` is the value of
    --costs. Expectations of the command line are kept.
    """
    expect = root.child("expect") or Node({})
    stay = {k: node for k, node in _entries(expect).items() if node.option is not None}
    old, new = _policy_text(written), _policy_text(root)
    if old != new:
        remark = tr(
            "expect is not checked: it was written for {old}, not for {new}",
            old=old or DEFAULT,
            new=new,
        )
    else:
        remark = tr(
            "expect is not checked: it was written for the scenario without {options}",
            options=", ".join([*changes, *_charged(root, costs)]),
        )
    root = _replaced(root, "expect", replace(expect, value=stay) if stay else None)
    return root, [remark]


def charges_the_same(root: Node, costs: str | None) -> bool:
    """Return whether the model charges the written costs with this value of --costs."""
    return not _charged(root, costs)


def _charged(root: Node, costs: str | None) -> list[str]:
    """Return the option --costs in a list, if the model then charges other costs than written."""
    machine = root.child("machine")
    written = machine is not None and machine.child("costs") is not None
    same = costs is None or (costs == "ideal" and not written)
    return [] if same else [f"--costs {costs}"]


def _plain(tree: Node) -> dict[str, Any]:
    plain = tree.plain()
    return plain if isinstance(plain, dict) else {}


def _replaced(root: Node, key: str, node: Node | None) -> Node:
    entries = {k: v for k, v in _entries(root).items() if k != key}
    if node is not None:
        entries[key] = node
    return replace(root, value=entries)
