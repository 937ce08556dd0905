"""The call that an own policy is answering, in cells that another process may share.

`CheckedPolicy` writes into them with each call; reading a file of policies is a call, too. Without
a keeper (see `commands/keeper`) the cells are this process's alone, and only its own timer looks
at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

ASKED: Final = 0
"""The call that is being answered: a number plus the place in WHAT of the method that is called.
The numbers are multiples of PER_CALL, and differ for each call. Below 0: no call is being answered,
and the last one was this number without its sign."""
SERIES: Final = 1
"""How many series of call numbers have begun. Each `CheckedPolicy` has its own,
so no number comes twice."""
PATIENCE: Final = 2
"""ns that one answer may take."""
SPARED: Final = 3
"""The first of MOST_SPARED cells with the ids of processes that clean up by themselves; 0: none."""
MOST_SPARED: Final = 8
CELLS: Final = SPARED + MOST_SPARED

PER_CALL: Final = 1 << 6
_LONGEST_SERIES: Final = 1 << 44
WHAT: Final = (
    "",
    "the file",
    "check",
    "__init__",
    "overrides",
    "setup",
    "ready",
    "removed",
    "pick",
    "seeks_idle_core",
    "ran",
    "loses",
    "review",
    "next_review",
    "keys",
)
"""What can be called, in the order of its numbers."""
NUMBERS: Final = {name: number for number, name in enumerate(WHAT)}
READING: Final = NUMBERS["the file"]

SHOWN: Final = 400
"""Bytes of the name of a policy that fit into the cells behind CELLS."""

SECOND: Final = 1_000_000_000
cells: memoryview[int] = memoryview(bytearray(8 * CELLS)).cast("q")
name: memoryview[int] = memoryview(bytearray(SHOWN))
"""The policy that was called last, as a message names it: UTF-8, ended by a 0."""

cells[PATIENCE] = 10 * SECOND


before_reading: Callable[[], None] | None = None
"""Called before the first file of policies is executed; None: already called, or nothing to do."""
is_kept = False
"""Does a keeper (another process) watch this one?"""


def begin() -> None:
    """Prepare for the first file of policies that is about to be executed."""
    global before_reading
    if before_reading is not None:
        before, before_reading = before_reading, None
        before()


def share(shared: memoryview) -> None:
    """Use the bytes `shared` as the cells from now on: at least 8 * CELLS + SHOWN, all 0."""
    global cells, name, is_kept  # noqa: PLW0603 - one process has one current call
    numbers = shared[: 8 * CELLS].cast("q")
    numbers[PATIENCE] = cells[PATIENCE]
    is_kept = True
    cells, name = numbers, shared[8 * CELLS : 8 * CELLS + SHOWN]


def set_policy(policy: str, patience: int) -> None:
    """Note the policy that is asked from now on, and how long each answer may take (ns)."""
    cells[PATIENCE] = patience
    told = policy.encode("utf-8", "surrogateescape")[: SHOWN - 1] + b"\0"
    name[: len(told)] = told


def policy_name(text: bytes) -> str:
    """Return the policy's name that the bytes of `name` hold."""
    return text.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def series() -> int:
    """Return a number from which on a `CheckedPolicy` counts its calls, in steps of PER_CALL."""
    cells[SERIES] += 1
    return cells[SERIES] * _LONGEST_SERIES


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Note that something of an own policy is executed without `CheckedPolicy`."""
    asked = series() + NUMBERS[what]
    cells[ASKED] = asked
    try:
        yield
    finally:
        cells[ASKED] = -asked


def is_asked() -> bool:
    """Return whether code of an own policy is being executed. The caller may interrupt it."""
    return cells[ASKED] > 0


def what_of(asked: int) -> str:
    """Return the entry of WHAT that the value of the cell ASKED stands for."""
    return WHAT[abs(asked) % PER_CALL]


def spare(pid: int) -> None:
    """Add a process that is not to be killed: it ends and cleans up when this one dies."""
    for at in range(SPARED, SPARED + MOST_SPARED):
        if cells[at] == 0:
            cells[at] = pid
            return


def spare_no_more(pid: int) -> None:
    """Remove a process that has ended: its id may be given to another one."""
    for at in range(SPARED, SPARED + MOST_SPARED):
        if cells[at] == pid:
            cells[at] = 0


def spared() -> set[int]:
    """Return the processes that are not to be killed."""
    return {pid for pid in cells[SPARED : SPARED + MOST_SPARED] if pid}
