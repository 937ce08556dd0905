"""The names of the objects that processes share, and of which kind each of them is.

A lock, a queue or an event is there when it is first used. All others are declared at the top of
the scenario. A name is one kind of object only; but a lock, a queue and a barrier may share one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from language.source.wording import either, shown, unknown

APART = frozenset({"lock", "queue", "barrier"})
"""Kinds of objects that no step confuses, so that they may have the same name."""

DECLARED: Mapping[str, str] = {
    "semaphore": "semaphores: {{{}: 2}}",
    "condition": "conditions: {{{}: {{lock: m}}}}",
    "barrier": "barriers: {{{}: 2}}",
    "pipe": "pipes: {{{}: {{duplex: true}}}}",
    "pool": "pools: {{{}: 2}}",
    "value": "values: {{{}: 0}}",
    "array": "arrays: {{{}: [0, 0]}}",
}
"""How an object of each kind is declared. Kinds that are not here need no declaration."""

STEPS_OF: Mapping[str, str] = {
    "lock": "lock and unlock",
    "semaphore": "acquire and release",
    "event": "set_event, clear_event and wait_event",
    "condition": "wait, notify, notify_all, lock and unlock",
    "barrier": "barrier, abort and reset",
    "queue": "send and receive",
    "pipe": "send, receive, poll and close_end",
    "pool": "open_pool, submit, map, close_pool, join_pool, terminate_pool and shutdown",
    "value": "read, write, add, lock and unlock",
    "array": "read, write, add, lock and unlock",
}
"""The steps of each kind of object, for messages."""


@dataclass(slots=True)
class SharedNames:
    """The names of one scenario's shared objects, as far as they are known."""

    kinds: dict[str, set[str]] = field(default_factory=dict)  # by name
    queue_kinds: dict[str, str] = field(default_factory=dict)  # of the declared queues
    lengths: dict[str, int] = field(default_factory=dict)  # of the arrays
    lockless: set[str] = field(default_factory=set)  # values and arrays without a lock

    def add(self, kind: str, name: str) -> None:
        """Note that `name` is an object of this kind. Raises ValueError if it is of another."""
        others = self.kinds.get(name, set()) - {kind}
        if others and not others | {kind} <= APART:
            other = min(others - APART or others)
            raise ValueError(f"{shown(name)} is {_a(other)} already; a name is one kind of object")
        self.kinds.setdefault(name, set()).add(kind)

    def use(self, name: str, *kinds: str) -> str:
        """Return the kind of `name`, which a step uses as an object of one of `kinds`.

        Raises ValueError if it is of another kind, or if it is not declared and must be.
        """
        there = self.kinds.get(name, set())
        for kind in kinds:
            if kind in there:
                return kind
        if there and not there | {kinds[0]} <= APART:
            other = min(there - APART or there)
            raise ValueError(
                f"{shown(name)} is {_a(other)} (its steps: {STEPS_OF[other]}), "
                f"not {either(map(_a, kinds))}"
            )
        if kinds[0] in DECLARED:
            known = [each for each, of in self.kinds.items() if kinds[0] in of]
            if known:
                raise ValueError(unknown(kinds[0], name, known))
            written = DECLARED[kinds[0]].format(name)
            raise ValueError(f"unknown {kinds[0]} {shown(name)}; write {written}")
        self.add(kinds[0], name)
        return kinds[0]


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "ae" else f"a {kind}"
