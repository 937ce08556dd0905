"""The dispatcher of processes that come to calls in the middle of a burst, and go on after them."""

from __future__ import annotations

from typing import Any

from kernel.process.control_block import Process
from kernel.process.states import RUNNING
from kernel.system.dispatcher import Dispatcher
from kernel.system.picks import Pick


class LifecycleDispatcher(Dispatcher):
    """A dispatcher that knows how long a slice may still be when a burst goes on."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self._asked: dict[Process, int | None] = {}  # ns, what the policy said at the last pick
        self.goes_on = False  # does the process that is told to `run` have its core already?

    def _assign(self, core: int, pick: Pick, now: int) -> None:
        self.goes_on = False
        if isinstance(pick, tuple) and len(pick) == 2 and isinstance(pick[0], Process):
            self._asked[pick[0]] = pick[1]
        super()._assign(core, pick, now)

    def _plan(self, process: Process, asked: int | None, now: int) -> None:
        self._asked[process] = None if asked is None else process.ran_for + asked
        self.goes_on = True
        super()._plan(process, asked, now)

    def _again(self, process: Process, core: int, now: int) -> int:
        core = super()._again(process, core, now)
        self.goes_on = process.state is RUNNING
        return core

    def finish_segment(self, core: int, beyond: int, now: int) -> Process:
        """Charge the process on `core`, which came to a call `beyond` ns before its burst ends."""
        process = self.running[core]
        assert process is not None
        process.charge(process.left - beyond, now)
        return process

    def go_on(self, process: Process, left: int) -> bool:
        """Go on in the same slice, with `left` ns of the burst to go. False: the slice is over."""
        asked = self._asked.get(process)
        rest = left if asked is None else max(0, min(left, asked - process.ran_for))
        if left > process.left:
            process.burst = left
        process.left = left
        process.rest = left - rest
        if not process.rest or rest:  # what takes no time is done even when the slice is over
            self.goes_on = True
            self._run(process, process.core, rest)
            return True
        return False

    def give_up(self, core: int, now: int, why: str) -> None:
        """Take the process off `core`, which it leaves in the middle of its slice, of its own."""
        process = self.running[core]
        assert process is not None
        process.rest = process.left
        self.leave(self.vacate(core, now), why)

    def yield_core(self, core: int, now: int) -> None:
        """Make the process on `core` ready again, behind the others."""
        process = self.running[core]
        assert process is not None
        process.rest = process.left
        self._lose(self.vacate(core, now), core, now, "yielded")

    @property
    def at_rest(self) -> bool:
        """No process runs, and none is ready."""
        return not self.ready_count and not any(self.running)
