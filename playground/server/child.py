"""What every child of a warden does first, and how it answers.

A child reads questions from stdin. Its answers go to what was its stdout; what a policy prints goes
to stderr. Before a policy is executed for the first time, the child gets a keeper, as a command.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TextIO

from commands.exit_status import exit_status_of
from kernel import current_call


def live(work: Callable[[TextIO], int]) -> None:
    """Do the work, which writes its answers to a stream and returns an exit status; then end."""
    if sys.platform == "linux":
        from real.host.syscalls import die_with

        die_with(int(sys.argv[1]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    current_call.before_reading = _keep
    status = exit_status_of(lambda: work(answers))
    if current_call.is_kept:
        from commands.keeper.command import finished

        finished(status)
    sys.exit(status)


def _keep() -> None:
    from commands.keeper.keep import keep

    keep()
