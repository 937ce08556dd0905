"""Waits: an actor waits for one thing at a time, in the line of all that wait for it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from translation import mark

Steps = Generator["Wait", bool, Any]
"""An algorithm that may wait. It yields each wait, and is sent whether what it waits for is there.

False: the timeout of the wait is over.
"""


class Sleeper(Protocol):
    """An actor, as far as a line needs to know it."""

    @property
    def wake(self) -> Callable[[], None]:
        """Return the function that lets the actor run, so that it looks again."""

    @property
    def process(self) -> int:
        """Return the index of the process to which the actor belongs."""


HELD = mark("held by {holders}")


class Reason(NamedTuple):
    """Why an actor waits, for the words of a deadlock and for the graph of who waits for whom."""

    what: str  # "for lock m"
    holders: Sequence[int] = ()  # indices of the processes on which it depends, dead or alive
    because: str | None = None  # "to which no process sends"; None: `link` with the holders' names
    link: str = HELD


class Awaited(Protocol):
    """A thing that actors wait for."""

    line: Line

    def reason(self) -> Reason:
        """Return why an actor waits for it."""

    def possible(self) -> bool:
        """Return whether an actor that waits for this thing may go on now."""

    def changed(self) -> None:
        """Wake the actors that may go on, the first ones first."""


@dataclass(slots=True, eq=False)
class Wait:
    """A wait for `on`, for at most `timeout` ns (None: for ever; at most 0: it only looks)."""

    on: Awaited
    timeout: int | None = None


class Line:
    """The actors that wait for one thing, first come, first served.

    An actor that was woken has left the line, and looks again when it runs. Nothing is handed to
    it: another actor may be faster. Then it waits again, behind the others.
    """

    __slots__ = ("order", "waiting", "woken")

    def __init__(self) -> None:
        self.waiting: dict[Sleeper, None] = {}
        self.order: Callable[[Any], int] | None = None
        """The actor for which it is least is woken first; of equals the one that came first."""
        self.woken: set[Sleeper] = set()
        """The actors that were woken, and have not looked yet."""

    def join(self, actor: Sleeper) -> None:
        """Put an actor at the end of the line."""
        self.waiting[actor] = None

    def leave(self, actor: Sleeper) -> bool:
        """Remove an actor. Return whether it had been woken."""
        self.waiting.pop(actor, None)
        if actor not in self.woken:
            return False
        self.woken.remove(actor)
        return True

    def wake(self, most: int | None) -> None:
        """Wake the first actors, until `most` are awake that have not looked (None: all)."""
        while self.waiting and (most is None or len(self.woken) < most):
            first = iter(self.waiting)
            actor = next(first) if self.order is None else min(first, key=self.order)
            del self.waiting[actor]
            self.woken.add(actor)
            actor.wake()


def finally_do(steps: Steps, clean_up: Callable[[], Steps]) -> Steps:
    """Do as `try: steps finally: clean_up` in a process. A killed process does not come to it.

    Python's own `finally` would be executed when a generator is thrown away.
    """
    try:
        found = yield from steps
    except Exception:
        yield from clean_up()
        raise
    yield from clean_up()
    return found
