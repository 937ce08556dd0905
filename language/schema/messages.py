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
from language.schema.machine import CostsSection, DeviceSection, MachineSection, ServersFrom
from language.schema.memory import MemorySection
from language.schema.process import Every, ProcessEntry, Template
from language.schema.process_object_steps import Called, Join, Observe, Start
from language.schema.scenario import Scenario
from language.schema.shared_object_steps import Receive, Send
from language.schema.steps import Repetition
from language.schema.swapping import Swap
from language.source.errors import MOST, Problem
from language.source.tree import Node
from language.source.wording import KeyPath, got, nearest, unknown

_MODELS: Mapping[str, type[BaseModel]] = {
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
    "programs": Template,
    "start": Start,
    "join": Join,
    "call": Called,
    "observe": Observe,
    "send": Send,
    "receive": Receive,
}
"""The model of a mapping, by the last key of the path to it. The model has the known keys."""


def problems(file: str, root: Node, error: ValidationError, base: KeyPath = ()) -> list[Problem]:
    """Return a problem for each error that pydantic found, below `base` in the tree."""
    errors = error.errors(include_url=False)[: MOST + 1]
    meant = {_meant(e["loc"]) for e in errors if e["type"] == "extra_forbidden"}
    return [
        _problem(file, root, (*base, *e["loc"]), e)
        for e in errors
        if e["type"] != "missing" or e["loc"] not in meant
    ]


def _meant(loc: KeyPath) -> KeyPath:
    """Return the path of the key that was probably meant by an unknown key.

    That key is then not reported as missing.
    """
    path = tuple(part for part in loc if not str(part).startswith("<"))
    return (*loc[:-1], nearest(str(loc[-1]), _known_keys(path)) or "")


def _problem(file: str, root: Node, loc: KeyPath, error: Mapping[str, Any]) -> Problem:
    of_key = loc[-1:] == ("[key]",)
    path, node, parent = _walk(root, loc)
    message = _message(error, path)
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


def _message(error: Mapping[str, Any], path: KeyPath) -> str:
    value, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "value_error":
            message = str(context["error"])
        case "missing":
            message = "is missing"
        case "extra_forbidden":
            message = unknown("key", str(path[-1]), _known_keys(path))
        case "list_type":
            message = got("a list", value)
        case "dict_type" | "model_type" | "model_attributes_type":
            message = got("a mapping", value)
        case "too_short" | "too_long":
            message = _length(error["type"], context)
        case _:
            message = f"{error['msg'][:1].lower()}{error['msg'][1:]}"
    return message


def _length(kind: str, context: Mapping[str, Any]) -> str:
    wanted, has = context.get("min_length", context.get("max_length")), context["actual_length"]
    most = "at least" if kind == "too_short" else "at most"
    many = f"must have {most} {wanted} {'entry' if wanted == 1 else 'entries'}"
    return many if has is None else f"{many} (got {has})"


def _known_keys(path: KeyPath) -> list[str]:
    """Return the keys that are allowed in the mapping of the last key of `path`."""
    above = [part for part in path[:-1] if isinstance(part, str)]
    if above[-2:-1] and above[-2] in LATENCIES:
        return list(Bounds.model_fields)
    model = _MODELS.get(above[-1] if above else "")
    if above[-2:-1] in (["devices"], ["programs"]):
        model = DeviceSection if above[-2] == "devices" else Template
    fields = model.model_fields if model else {}
    return [name for name, field in fields.items() if field.annotation is not Any]  # Any: later
