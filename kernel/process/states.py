"""The states of a process, the reasons for leaving one, and their codes in a record."""

from __future__ import annotations

from enum import IntEnum


class State(IntEnum):
    """The state of a process. The values are the codes of the record's `state` column."""

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
    "expired",  # running → ready: its slice was over
    "preempted",  # running → ready: a better one came
    "interrupted",  # running → ready: a process outside the scenario took its core (real only)
    "resumed",  # ready → running: the core was given back (real only); suspended → what it was
    "yielded",  # running → ready
    "woke",  # blocked → ready
    "ended",  # the program's last step is done
    "killed",  # a signal ended it
    "stopped",  # the run was stopped first
    "continued",  # blocked → blocked: another wait follows at once
    "released",  # blocked, or running → ready: a periodic process's next job is due
    "suspended",  # ready, running or blocked → suspended: it is swapped out, or moved in memory
    "reaped",  # zombie → gone: its parent, or the reaper, has waited for it
    "aborted",  # ready or running → ready, blocked or gone: its job was dropped at the deadline
)
"""Why an interval ended: the words of the record's `why` column. The index is the code."""


WHY = {word: code for code, word in enumerate(WHYS)}


def tag(state: int, why: str, core: int = -1, device: int = -1) -> int:
    """Return one integer with all of an interval but its times and process, as a record keeps it.

    Tags of one state and reason differ by multiples of ON_CORE and AT_DEVICE.
    """
    return state + WHY[why] * _WHY_STEP + (core + 1) * ON_CORE + (device + 1) * AT_DEVICE


def untag(tag: int) -> tuple[int, int, int, int]:
    """Return (state, core, device, index in WHYS) of a tag."""
    device, rest = divmod(tag, AT_DEVICE)
    core, rest = divmod(rest, ON_CORE)
    why, state = divmod(rest, _WHY_STEP)
    return state, core - 1, device - 1, why


_WHY_STEP = 1 << 4


ON_CORE = 1 << 10


AT_DEVICE = 1 << 26
