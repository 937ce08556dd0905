"""The errors of pydantic as messages of one line, with a place and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from language.schema.assignment import Assignment, AssignmentLimits, Check
from language.schema.estimates import Average, Estimated
from language.schema.exercise import (
    Alternative,
    Choice,
    Exercise,
    PolicyQuestion,
    Question,
    Require,
)
from language.schema.expectations import LATENCIES, Bounds, Expect, Means
from language.schema.experiment import Experiment
from language.schema.groups import GroupSection
from language.schema.lock_steps import Acquired, Counted
from language.schema.machine import CostsSection, DeviceSection, MachineSection, ServersFrom
from language.schema.memory import MemorySection
from language.schema.message_steps import PipeEnd, PipePoll, PipeReceive, PipeSend, Receive, Send
from language.schema.pool_steps import Got, Mapped, Submitted
from language.schema.process import Every, ProcessEntry, Template
from language.schema.process_object_steps import Called, Join, Observe, Start
from language.schema.quantities import Read
from language.schema.scenario import Scenario
from language.schema.shared_memory_steps import (
    AddToItem,
    AddToValue,
    ReadItem,
    ReadValue,
    WriteItem,
    WriteValue,
)
from language.schema.shared_objects import (
    ArraySection,
    ConditionSection,
    LockSection,
    PipeSection,
    PoolSection,
    QueueSection,
    SemaphoreSection,
    ValueSection,
)
from language.schema.signalling_steps import AwaitedEvent, Met, Notified, Waited
from language.schema.steps import Repetition
from language.schema.swapping import Swap
from language.source.errors import MOST, Problem
from language.source.tree import Node
from language.source.wording import KeyPath, got, nearest, unknown
from translation import tr, tr_n

Models = Mapping[str, type[BaseModel] | tuple[type[BaseModel], ...]]
"""The models of a mapping, by the last key of the path to it. A model has the known keys."""

_MODELS: Models = {
    "": Scenario,
    "machine": MachineSection,
    "costs": CostsSection,
    "memory": MemorySection,
    "estimate": Estimated,
    "exponential": Average,
    "processes": ProcessEntry,
    "arrival": Every,
    "swap": Swap,
    "changes": ServersFrom,
    "repeat": Repetition,
    "expect": Expect,
    "assignment": Assignment,
    "checks": Check,
    "limits": AssignmentLimits,
    "exercise": Exercise,
    "ask": Question,
    "policy": PolicyQuestion,
    "choice": Choice,
    "of": Alternative,
    "when": Expect,
    "require": Require,
    "mean": Means,
    "experiment": Experiment,
    "programs": Template,
    "start": Start,
    "join": Join,
    "call": Called,
    "observe": Observe,
    "lock": Acquired,
    "acquire": Counted,
    "wait_event": AwaitedEvent,
    "wait": Waited,
    "notify": Notified,
    "barrier": Met,
    "send": (Send, PipeSend),
    "receive": (Receive, PipeReceive),
    "poll": PipePoll,
    "submit": Submitted,
    "map": Mapped,
    "get": Got,
    "close_end": PipeEnd,
    "read": (ReadValue, ReadItem),
    "write": (WriteValue, WriteItem),
    "add": (AddToValue, AddToItem),
}

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "devices": DeviceSection,
    "programs": Template,
    "locks": LockSection,
    "semaphores": SemaphoreSection,
    "conditions": ConditionSection,
    "queues": QueueSection,
    "pipes": PipeSection,
    "pools": PoolSection,
    "values": ValueSection,
    "arrays": ArraySection,
    "groups": GroupSection,
}
"""The model of a mapping below a name that the scenario gives, by the key above that name."""


_LIKE: Mapping[str, str] = {
    "groups": "{web: {weight: 200}}",
    "semaphores": "{s: 2}",
    "conditions": "{c: {lock: m}}",
    "pipes": "{p: {duplex: true}}",
    "pools": "{p: 2}",
    "submit": "{pool: p, task: t}",
    "map": "{pool: p, tasks: [t, t]}",
    "values": "{n: 0}",
    "arrays": "{a: [0, 0]}",
    "poll": "{pipe: p, end: 0}",
    "close_end": "{pipe: p, end: 0}",
    "write": "{value: n, set: 5}",
}
"""A mapping as it may be written, by the key whose value it is."""


def problems(
    file: str,
    root: Node,
    error: ValidationError,
    base: KeyPath = (),
    models: Models = _MODELS,
) -> list[Problem]:
    """Return a problem for each error that pydantic found, below `base` in the tree.

    `models` has the model of each mapping by the last key of the path to it.
    """
    errors = error.errors(include_url=False)[: MOST + 1]
    meant = {_meant(e["loc"], models) for e in errors if e["type"] == "extra_forbidden"}
    return [
        _problem(file, root, (*base, *e["loc"]), e, models)
        for e in errors
        if e["type"] != "missing" or e["loc"] not in meant
    ]


def _meant(loc: KeyPath, models: Models) -> KeyPath:
    """Return the path of the key that was probably meant by an unknown key.

    That key is then not reported as missing.
    """
    path = tuple(part for part in loc if not str(part).startswith("<"))
    return (*loc[:-1], nearest(str(loc[-1]), _known_keys(path, models)) or "")


def _problem(
    file: str,
    root: Node,
    loc: KeyPath,
    error: Mapping[str, Any],
    models: Models,
) -> Problem:
    of_key = loc[-1:] == ("[key]",)
    path, node, parent = _walk(root, loc)
    message = _message(error, path, models)
    if node is None:  # the key is missing
        return parent.problem(file, path, message)
    if (of_key or error["type"] == "extra_forbidden") and path:
        return parent.key_problem(file, path, message)
    return node.problem(file, path, message)


def _walk(root: Node, loc: KeyPath) -> tuple[KeyPath, Node | None, Node]:
    """Return the path without pydantic's additions, the node at the path, and the node above it.

    Pydantic adds `[key]` and the tags of unions, which all have the form `<tag>` here.
    """
    path: list[int | str] = []
    node: Node | None = root
    parent = root
    for part in loc:
        if node is None:
            break
        child = node.child(part)
        if child is None and isinstance(part, str) and part[:1] in "<[":
            continue
        path.append(part)
        parent = node
        node = child
    return tuple(path), node, parent


def _message(error: Mapping[str, Any], path: KeyPath, models: Models) -> str:
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "value_error":
            message = str(context["error"])
        case "missing":
            message = tr("is missing")
        case "extra_forbidden":
            message = unknown(tr("key"), str(path[-1]), _known_keys(path, models))
        case "list_type":
            message = got(tr("a list"), value)
        case "dict_type" | "model_type" | "model_attributes_type":
            like = _LIKE.get(str(path[-1]), "") if path else ""
            wanted = tr("a mapping, like {example}", example=like) if like else tr("a mapping")
            message = got(wanted, value)
        case "bool_type":
            message = tr("input should be a valid boolean")
        case "literal_error":
            message = tr("input should be {expected}", expected=context["expected"])
        case "too_short" | "too_long":
            message = _length(error["type"], context)
        case _:
            message = f"{error['msg'][:1].lower()}{error['msg'][1:]}"
    return message


def _length(kind: str, context: Mapping[str, Any]) -> str:
    wanted, has = context.get("min_length", context.get("max_length")), context["actual_length"]
    if has is None:
        return tr_n("must have at most {n} entry", "must have at most {n} entries", wanted)
    if kind == "too_short":
        return tr_n(
            "must have at least {n} entry (got {has})",
            "must have at least {n} entries (got {has})",
            wanted,
            has=has,
        )
    return tr_n(
        "must have at most {n} entry (got {has})",
        "must have at most {n} entries (got {has})",
        wanted,
        has=has,
    )


def _known_keys(path: KeyPath, models: Models) -> list[str]:
    """Return the keys that are allowed in the mapping of the last key of `path`."""
    above = [part for part in path[:-1] if isinstance(part, str)]
    if above[-2:-1] and above[-2] in LATENCIES:
        return list(Bounds.model_fields)
    found = models.get(above[-1] if above else "", ())
    if len(above) > 1 and above[-2] in _SECTIONS:
        found = _SECTIONS[above[-2]]
    known: dict[str, None] = {}
    for model in found if isinstance(found, tuple) else (found,):
        for name, field in model.model_fields.items():
            if not any(isinstance(each, Read) and each.schema is None for each in field.metadata):
                known[field.alias or name] = None
    return list(known)
