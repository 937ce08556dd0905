"""The end of a run: its processes are killed, and its changes of the machine are undone.

The guardian does it. If the guardian was killed, or takes too long, the leader of the process group
does it. If the supervisor is alive, it then does it, too. So it may be done more than once, and by
two processes at the same time.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass

from real.host.leftovers import DYING, Leftovers

Undo = Callable[[], None]
"""A function that undoes one change of the machine. It may be called more than once, and when there
is nothing to undo."""


@dataclass(slots=True)
class Cleanup:
    """How the processes of one run are found, and what is undone when none of them lives."""

    pipe: int  # inode of the guardian's pipe
    mark: str | None  # mark of the programs that the run executes; None: it executes none
    undo: tuple[Undo, ...]
    group: int = 0  # the process group of the workers; 0: it does not exist yet

    def leftovers(self) -> Leftovers:
        """Return the processes of the run, without the caller and the leader of the group.

        The leader may still be needed: it cleans up if the guardian does not.
        """
        return Leftovers(self.group, self.pipe, self.mark, frozenset((self.group, os.getpid())))

    def perform(self, unjoined: Callable[[], bool] = lambda: False) -> None:
        """Kill the run's processes until none lives, and undo its changes of the machine.

        `unjoined` returns whether a process may live that has not joined the group yet.
        """
        self.leftovers().kill(DYING, unjoined=unjoined)
        for undo in self.undo:
            with contextlib.suppress(Exception):  # the other changes must be undone all the same
                undo()
