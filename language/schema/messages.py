"""The errors of pydantic as messages of one line, with a place and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from language.schema.known_keys import MODELS, Models, known_keys, unknown_key
from language.source.errors import MOST, Problem
from language.source.tree import Node
from language.source.wording import KeyPath, got, nearest
from translation import tr, tr_n

_TIMES, _COUNTS = "{A: 20ms, B: 50ms}", "{A: 0, B: 1}"
_LIKE: Mapping[str, str] = {
    "machine": "{cores: 2}",
    "devices": "{disk: {units: 1}}",
    "scheduler": "{policy: rr, quantum: 20ms}",
    "memory": "{partitions: [8MiB, 4MiB]}",
    "expect": "{completion: {A: 20ms}}",
    **dict.fromkeys(("completion", "turnaround", "waiting", "response", "first_run"), _TIMES),
    **dict.fromkeys(("preemptions", "missed", "exitcode", "swaps"), _COUNTS),
    **dict.fromkeys(("utilization", "idle"), "{cpu: 89.4%}"),
    **dict.fromkeys(("wakeup", "burst", "slack"), "{A: {max: 5ms}}"),
    "mean": "{turnaround: 20ms}",
    "gantt": "{0: [A 0-20, B 20-50]}",
    "placed": "{A: 500KiB@64KiB}",
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
_LISTS_LIKE: Mapping[str, str] = {
    "processes": "[{name: A, cpu: 20ms}]",
    "program": "[{cpu: 20ms}, {io: 5ms}]",
    **dict.fromkeys(("order", "dispatched", "waits", "deadlock"), "[A, B]"),
    "gantt": "[A 0-20, B 20-50]",
}
"""A list as it may be written, by the key whose value it is, or in whose mapping it stands."""


def problems(
    file: str,
    root: Node,
    error: ValidationError,
    base: KeyPath = (),
    models: Models = MODELS,
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
    return (*loc[:-1], nearest(str(loc[-1]), known_keys(path, models)) or "")


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
            message = unknown_key(str(path[-1]), known_keys(path, models), models)
        case "list_type":
            above = (_LISTS_LIKE.get(str(part), "") for part in path[:-3:-1])
            like = next(filter(None, above), "")
            wanted = tr("a list, like {example}", example=like) if like else tr("a list")
            message = got(wanted, value)
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
