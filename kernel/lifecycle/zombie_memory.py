"""What students believe of zombies and no system does: they keep their memory until reaped.

Grading runs the model under it, to see whether an answer follows from it.
"""

from __future__ import annotations

from kernel.lifecycle.system import LifecycleSystem
from kernel.process.control_block import Process


class ZombiesHoldMemory(LifecycleSystem):
    """A system in which a process gives its memory back when it is reaped, not when it ends."""

    def _give_back(self, process: Process) -> None:
        """Keep the memory: the process has ended, and has not been reaped."""

    def _tell(self, event: str, index: int, by: int) -> None:
        super()._tell(event, index, by)
        if event == "reaped":
            super()._give_back(self.processes[index])
