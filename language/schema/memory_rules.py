"""Rules between the keys of the memory section. They are checked on the tree, which has places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kernel.memory import is_power_of_two
from kernel.units import format_rate, format_size, parse_rate, parse_size
from language.schema.memory import SCHEME_OF, implied
from language.source.errors import Problem
from language.source.tree import Node
from language.source.wording import either
from translation import mark, tr

LONGEST_TRANSFER = 3600
"""The longest time, in s, that a transfer of all memory to the swap device may take."""
WORDS = {
    "fixed": mark("fixed partitions"),
    "variable": mark("variable partitions"),
    "buddy": mark("buddy memory"),
}


_ONE_PARTITION = mark(
    "has no meaning with queues: per-partition, where each program has one partition; leave it out"
)


def memory_problems(file: str, root: Node) -> list[Problem]:
    """Return the problems between keys of the memory section, and with the machine's memory."""
    memory = root.child("memory")
    if memory is None or not isinstance(memory.value, dict):
        return []
    scheme = _scheme(memory)
    if scheme is None:
        return []
    problems = [
        memory.key_problem(file, ("memory", key), message)
        for key, message in _misplaced(memory.value, scheme)
    ]
    machine = root.child("machine") or Node({})
    size = machine.child("memory")
    if not problems:
        lacking = _lacking(memory, scheme, size)
        problems += [memory.problem(file, ("memory",), lacking)] if lacking else []
    problems += _swap_problems(file, memory, size)
    if scheme == "buddy" and size is not None and not _may_be_halved(size):
        message = tr(
            "must be a power of two for buddy memory, like 64MiB (got {size})",
            size=format_size(parse_size(size.plain())),
        )
        problems.append(size.problem(file, ("machine", "memory"), message))
    return problems


def has_memory(root: Node) -> bool:
    """Return whether the scenario models memory."""
    machine = root.child("machine")
    size = None if machine is None else machine.child("memory")
    return size is not None or root.child("memory") is not None


def _scheme(memory: Node) -> str | None:
    """Return the scheme as it is written or implied; None if the written name is no scheme."""
    written = memory.child("scheme")
    if written is not None:
        text = written.value if isinstance(written.value, str) else ""
        return text if text in WORDS else None
    return implied(key for key in SCHEME_OF if memory.child(key) is not None)


def _misplaced(memory: Mapping[str, Node], scheme: str) -> list[tuple[str, str]]:
    """Return (key, message) of each key that has no meaning under this scheme."""
    found = [
        (
            key,
            tr(
                "belongs to scheme: {home}, and this is {scheme}; leave it out",
                home=home,
                scheme=tr(WORDS[scheme]),
            ),
        )
        for key, home in SCHEME_OF.items()
        if key in memory and home != scheme
    ]
    queues = memory.get("queues")
    own = queues is not None and queues.value == "per-partition"
    if own and scheme != "fixed":
        message = tr(
            "per-partition belongs to scheme: fixed, not {scheme}", scheme=tr(WORDS[scheme])
        )
        found.append(("queues", message))
    elif own:
        found += [(key, tr(_ONE_PARTITION)) for key in ("fit", "admission") if key in memory]
    compaction = memory.get("compaction")
    if scheme != "variable" and compaction is not None and compaction.value == "when-needed":
        message = tr(
            "when-needed belongs to scheme: variable, not {scheme}, where nothing is moved",
            scheme=tr(WORDS[scheme]),
        )
        found.append(("compaction", message))
    fit = memory.get("fit")
    if "next_from" in memory and (scheme != "variable" or fit is None or fit.value != "next"):
        found.append(
            (
                "next_from",
                tr("only has a meaning for variable partitions with fit: next; leave it out"),
            )
        )
    if scheme == "buddy" and "fit" in memory:
        message = tr("has no meaning for buddy memory, which has only one rule; leave it out")
        found.append(("fit", message))
    return found


def _lacking(memory: Node, scheme: str, size: Node | None) -> str | None:
    """Return the message about a key that the scheme needs; None if it has all keys."""
    if scheme == "fixed":
        there = memory.child("partitions") is not None
        return None if there else tr("must have partitions, like partitions: [16MiB, 48MiB]")
    if scheme == "variable":
        if size is not None or memory.child("holes") is not None:
            return None
        return tr(
            "needs a size; write machine: {memory: 64MiB}, or holes, like holes: [8MiB, 4MiB]"
        )
    if memory.child("min_block") is None:
        return tr("must have min_block, like min_block: 64KiB")
    return None if size is not None else tr("needs a size; write machine: {memory: 64MiB}")


def _swap_problems(file: str, memory: Node, size: Node | None) -> list[Problem]:
    """Return a problem if the rate is so low that a transfer takes longer than LONGEST_TRANSFER."""
    swap = memory.child("swap")
    rate = swap.child("rate") if swap is not None else None
    if rate is None:
        return []
    sizes = [size, *(child for key in ("partitions", "holes") for child in _list(memory, key))]
    try:
        speed, most = parse_rate(rate.plain()), sum(parse_size(n.plain()) for n in sizes if n)
    except (ValueError, TypeError, AttributeError):
        return []  # the check of these keys reports it
    if speed < 1 or most <= speed * LONGEST_TRANSFER:
        return []
    least = format_rate(-(-most // LONGEST_TRANSFER))
    message = tr(
        "must be fast enough to move all of memory within an hour, {least} or more (got {rate!r})",
        least=least,
        rate=rate.plain(),
    )
    return [rate.problem(file, ("memory", "swap", "rate"), message)]


def _list(memory: Node, key: str) -> list[Node]:
    child = memory.child(key)
    return child.value if child is not None and isinstance(child.value, list) else []


def _may_be_halved(size: Node) -> bool:
    """Return whether the size is a power of two. A text that is no size counts as one."""
    try:
        return is_power_of_two(parse_size(size.plain()))
    except (ValueError, TypeError, AttributeError):
        return True  # the check of the size reports it


# -- another scheme from the command line -------------------------------------------------------


def forget_old_scheme(written: Node, root: Node) -> tuple[Node, list[str]]:
    """Return the tree and remarks. If an option names another scheme, drop keys that do not fit it.

    Only keys that the file sets are dropped, not keys that the command line sets. The remarks say
    which keys were dropped.
    """
    before, memory = written.child("memory"), root.child("memory")
    if before is None or memory is None or not isinstance(memory.value, dict):
        return root, []
    old, new = _scheme(before), _scheme(memory)
    same = all(_value(before, key) == _value(memory, key) for key in ("queues", "fit"))
    if new is None or (old == new and same):
        return root, []
    keys = memory.value
    gone = [key for key, _ in _misplaced(keys, new) if keys[key].option is None]
    if not gone:
        return root, []
    kept = {key: node for key, node in keys.items() if key not in gone}
    changed = next(
        (key for key in ("queues", "fit") if _value(memory, key) != _value(before, key)), ""
    )
    what = f"{changed}: {_value(memory, changed)}" if old == new else tr(WORDS[new])
    remark = tr(
        "{policy} has no {keys}: what the scenario says about it is ignored",
        policy=what,
        keys=either(gone),
    )
    assert isinstance(root.value, dict)
    return replace(root, value={**root.value, "memory": replace(memory, value=kept)}), [remark]


def _value(memory: Node, key: str) -> object:
    node = memory.child(key)
    return None if node is None else node.value
