"""The names of the objects that processes share, and of which kind each of them is.

A lock, a queue or an event is there when it is first used. All others are declared at the top of
the scenario. A name is one kind of object only; but a lock, a queue and a barrier may share one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from language.source.wording import either, shown, unknown
from translation import mark, tr

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

KINDS: Mapping[str, str] = {
    "semaphore": mark("semaphore"),
    "condition": mark("condition"),
    "barrier": mark("barrier"),
    "pipe": mark("pipe"),
    "pool": mark("pool"),
    "value": mark("value"),
    "array": mark("array"),
}
"""The kinds that must be declared, as messages name them."""
_ONE: Mapping[str, str] = {
    "lock": mark("a lock"),
    "semaphore": mark("a semaphore"),
    "event": mark("an event"),
    "condition": mark("a condition"),
    "barrier": mark("a barrier"),
    "queue": mark("a queue"),
    "pipe": mark("a pipe"),
    "pool": mark("a pool"),
    "value": mark("a value"),
    "array": mark("an array"),
}

STEPS_OF: Mapping[str, str] = {
    "lock": mark("lock and unlock"),
    "semaphore": mark("acquire and release"),
    "event": mark("set_event, clear_event and wait_event"),
    "condition": mark("wait, notify, notify_all, lock and unlock"),
    "barrier": mark("barrier, abort and reset"),
    "queue": mark("send and receive"),
    "pipe": mark("send, receive, poll and close_end"),
    "pool": mark("open_pool, submit, map, close_pool, join_pool, terminate_pool and shutdown"),
    "value": mark("read, write, add, lock and unlock"),
    "array": mark("read, write, add, lock and unlock"),
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
            raise ValueError(
                tr(
                    "{name} is {other} already; a name is one kind of object",
                    name=shown(name),
                    other=_a(other),
                )
            )
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
                tr(
                    "{name} is {other} (its steps: {steps}), not {wanted}",
                    name=shown(name),
                    other=_a(other),
                    steps=tr(STEPS_OF[other]),
                    wanted=either(map(_a, kinds)),
                )
            )
        if kinds[0] in DECLARED:
            known = [each for each, of in self.kinds.items() if kinds[0] in of]
            if known:
                raise ValueError(unknown(tr(KINDS[kinds[0]]), name, known))
            written = DECLARED[kinds[0]].format(name)
            raise ValueError(
                tr(
                    "unknown {kind} {name}; write {written}",
                    kind=tr(KINDS[kinds[0]]),
                    name=shown(name),
                    written=written,
                )
            )
        self.add(kinds[0], name)
        return kinds[0]


def _a(kind: str) -> str:
    return tr(_ONE[kind])
