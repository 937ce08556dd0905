"""What a line of a scheduler's trace says. Times are ns on the trace's clock."""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN = -1
"""A thread or priority that the trace does not tell."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A processor went from one thread to another; 0 is the idle thread."""

    at: int
    cpu: int
    previous: int
    previous_name: str
    previous_priority: int  # the kernel's: 100 to 139 of fair threads, less of others
    state: str  # of the previous thread: R if it could go on
    following: int
    following_name: str
    following_priority: int


@dataclass(frozen=True, slots=True)
class Waking:
    """A thread was woken, or begun (`new`). `waker`: the thread that did it; UNKNOWN: not known.

    An interrupt is no thread: what it wakes has waited for a device or a timer.
    """

    at: int
    cpu: int  # on which the waker runs
    thread: int
    name: str
    priority: int
    waker: int
    new: bool = False


@dataclass(frozen=True, slots=True)
class Fork:
    """A thread made another one."""

    at: int
    cpu: int
    parent: int
    child: int
    name: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The tracer lost events here."""

    at: int


Event = Switch | Waking | Fork | Lost
