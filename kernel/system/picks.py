"""What a policy answers when a core asks it for a process, and what it must not answer."""

from __future__ import annotations

from kernel.errors import PolicyError
from kernel.process.control_block import Process

Pick = tuple[Process, int | None] | None
"""A process and how many ns it may run (None: until its burst ends). None: no process."""


def no_pick(answer: object, ready: int) -> PolicyError:
    """Return the error of a policy whose answer is no pick, while `ready` processes are ready."""
    return PolicyError(
        f"pick() must return (process, length) while {ready} are ready, not {answer!r}"
    )


def not_ready(process: Process) -> PolicyError:
    """Return the error of a policy that picked a process that is not ready."""
    return PolicyError(f"pick() chose {process!r}, which is not ready")
