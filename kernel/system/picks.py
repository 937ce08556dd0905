"""The answer of a policy to `pick`, and the errors for wrong answers."""

from __future__ import annotations

from kernel.errors import PolicyError
from kernel.process.control_block import Process
from translation import tr

Pick = tuple[Process, int | None] | None
"""A process and the ns that it may run (None: until its burst ends). None: no process."""


def no_pick(answer: object, ready: int) -> PolicyError:
    """Return the error of a policy whose answer is no pick, while `ready` processes are ready."""
    return PolicyError(
        tr(
            "pick() must return (process, length) while {ready} are ready, not {answer!r}",
            ready=ready,
            answer=answer,
        )
    )


def not_ready(process: Process) -> PolicyError:
    """Return the error of a policy that picked a process that is not ready."""
    return PolicyError(tr("pick() chose {process!r}, which is not ready", process=process))
