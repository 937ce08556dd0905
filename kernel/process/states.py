"""The states of a process, and why it left one; the code that a record keeps of both."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """Where a process is in its life. The values are the codes of the record's `state` column."""

    NEW = 0  # arrived, waiting for memory
    READY = 1
    RUNNING = 2
    BLOCKED = 3
    SUSPENDED = 4  # swapped out, or its partition is being moved
    ZOMBIE = 5  # ended, not yet joined
    UNBORN = 6  # not yet arrived; never recorded
    DEAD = 7  # gone; never recorded


UNBORN, NEW, READY, RUNNING, BLOCKED, SUSPENDED, ZOMBIE, DEAD = (
    State.UNBORN,
    State.NEW,
    State.READY,
    State.RUNNING,
    State.BLOCKED,
    State.SUSPENDED,
    State.ZOMBIE,
    State.DEAD,
)


WHYS = (
    "admitted",  # new → ready: a partition was found
    "dispatched",  # ready → running
    "blocked",  # running → blocked
    "expired",  # running → ready: its quantum was up
    "preempted",  # running → ready: a better one came
    "interrupted",  # running → ready: a process outside the scenario took its core (real only)
    "resumed",  # ready → running: and gave it back (real only); or suspended → what it was
    "yielded",  # running → ready
    "woke",  # blocked → ready
    "ended",  # the program's last step is done
    "killed",  # a signal ended it
    "stopped",  # the run was stopped first
    "continued",  # blocked → blocked: the next wait follows without a core
    "released",  # blocked, or running → ready: a periodic process's next job is due
    "suspended",  # ready, running or blocked → suspended: it is swapped out, or moved in memory
    "reaped",  # zombie → gone: its parent, or the reaper, has waited for it
)
"""Why an interval ended: the words of the record's `why` column, whose codes are their places."""


WHY = {word: code for code, word in enumerate(WHYS)}


def tag(state: int, why: str, core: int = -1, device: int = -1) -> int:
    """All but the times of an interval in one integer, which is what a record keeps of it.

    Tags of one state and reason differ by multiples of ON_CORE and AT_DEVICE.
    """
    return state + WHY[why] * _WHY_STEP + (core + 1) * ON_CORE + (device + 1) * AT_DEVICE


def untag(tag: int) -> tuple[int, int, int, int]:
    """(state, core, device, place in WHYS) of a tag."""
    device, rest = divmod(tag, AT_DEVICE)
    core, rest = divmod(rest, ON_CORE)
    why, state = divmod(rest, _WHY_STEP)
    return state, core - 1, device - 1, why


_WHY_STEP = 1 << 4


ON_CORE = 1 << 10


AT_DEVICE = 1 << 26
