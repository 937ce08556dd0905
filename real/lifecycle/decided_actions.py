"""The actions of one instant, as the lifecycle rules have decided them, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kernel.lifecycle.process_tree import Status
from kernel.process.calls import Call
from kernel.process.control_block import Process

RETURNS, WAITS = "returns", "waits"
"""What a call does, by the rules: it returns, if it does not end the process; or it waits."""

BREAKS = frozenset({"start", "restart", "unguarded", "call", "open_pool", "submit", "work"})
"""Kinds of calls after which a worker waits for the next order, although its program goes on.

A process that is started must be known before the next call, which may name it. A program that is
called takes the next orders itself. A worker of a pool does, too, in its next task.
"""
SIGNALS = frozenset({"terminate", "kill", "interrupt"})
"""Kinds of calls that send a signal."""
LATER = frozenset({"dies", "reaped", "adopted"})
"""Actions that come after the calls in a row among which the rules have them."""
MOST_CALLS = 200
"""How many calls one order has at most: an order is one message of limited length."""


class DecidedAction(NamedTuple):
    """An action that the rules have decided, and that is to be carried out."""

    what: str  # "call", "dies", "fed", or an event of the process tree: "born", "adopted", "reaped"
    process: Process
    by: str = ""
    call: Call | None = None
    outcome: str = RETURNS  # of a call
    order: dict[str, Any] = {}  # what the worker must know for the call; {}: it needs no order
    expected: tuple[tuple[str, Any], ...] = ()  # what the call says, by the rules
    victims: tuple[tuple[int, str], ...] = ()  # processes to which it sends a signal, and which
    task: int | None = None  # the number of the task that a worker of a pool takes in it


@dataclass(slots=True)
class ActionList:
    """The actions of one instant, in the order in which they are to be carried out."""

    actions: list[DecidedAction] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)  # of all processes, as the call begins
    victims: tuple[tuple[int, str], ...] = ()  # of the call that is being decided
    _next_call: int = 0  # place among the actions of the call that is being decided
    _said: list[tuple[str, Any]] = field(default_factory=list)  # by that call, by the rules

    def begin_call(self, statuses: list[Status], victims: tuple[tuple[int, str], ...] = ()) -> None:
        """Remember the place of the next call: its consequences are added before it is."""
        self._next_call = len(self.actions)
        self.statuses, self.victims = statuses, victims
        self._said.clear()

    def say(self, name: str, value: Any) -> None:
        """Note what the call that is being decided says, by the rules."""
        self._said.append((name, value))

    def add_call(
        self,
        process: Process,
        call: Call,
        outcome: str,
        order: dict[str, Any],
        task: int | None = None,
    ) -> None:
        """Add the call in front of its consequences."""
        refused = call.kind in SIGNALS and self._said  # they say only what they raise
        action = DecidedAction(
            "call",
            process,
            call=call,
            outcome=outcome,
            order=order,
            expected=tuple(self._said),
            victims=() if refused else self.victims,
            task=task,
        )
        self.actions.insert(self._next_call, action)
        self._next_call += 1

    def add(self, what: str, process: Process, by: str = "") -> None:
        """Add an event of the process tree, or a death."""
        self.actions.append(DecidedAction(what, process, by))

    def take(self) -> Iterator[list[DecidedAction]]:
        """Remove all actions, and yield them in groups.

        A group is one action, or calls of one process in a row that are made by one order. The
        deaths and reapings among them come after the group: the calls are made as a plain program
        makes them, whatever the rules say of their consequences.
        """
        actions, self.actions = self.actions, []
        group: list[DecidedAction] = []
        noted: list[DecidedAction] = []
        for action in actions:
            if group and group[0].call is not None and action.what in LATER:
                noted.append(action)
            elif group and _goes_on(group, action):
                group.append(action)
            else:
                yield from _closed(group, noted)
                group, noted = [action], []
        yield from _closed(group, noted)


def _closed(
    group: list[DecidedAction], noted: list[DecidedAction]
) -> Iterator[list[DecidedAction]]:
    if group:
        yield group
    yield from ([action] for action in noted)


def _goes_on(group: list[DecidedAction], action: DecidedAction) -> bool:
    """Return whether the call `action` belongs to the calls in a row of `group`."""
    last = group[-1]
    if last.call is None or action.call is None or action.process is not last.process:
        return False
    if last.call.kind in BREAKS or last.outcome != RETURNS or not action.order or not last.order:
        return False
    return len(group) < MOST_CALLS and not _kills_a_terminated(group, action)


def _kills_a_terminated(group: list[DecidedAction], action: DecidedAction) -> bool:
    """Return whether a call sends SIGKILL to a process that has got SIGTERM from the same row.

    That process, which may be stopped, first acts on its SIGTERM: see `HeldVictims`.
    """
    terminated = {index for each in group for index, kind in each.victims if kind == "terminate"}
    return any(kind == "kill" and index in terminated for index, kind in action.victims)
