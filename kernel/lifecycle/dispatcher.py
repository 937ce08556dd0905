"""The dispatcher of processes that make calls in the middle of a burst and then go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel.process.control_block import Process
from kernel.process.states import RUNNING
from kernel.system.dispatcher import Dispatcher
from kernel.system.picks import Pick


def leave_out(row: Sequence[int]) -> None:
    """Drop an interval that does not belong into the record: a process only looked again."""


class LifecycleDispatcher(Dispatcher):
    """A dispatcher that knows the rest of a slice when a burst goes on after a call."""

    def __init__(self, *args: Any, **others: Any) -> None:
        super().__init__(*args, **others)
        self._asked: dict[Process, int | None] = {}  # ns, the slice given at the last pick
        self.goes_on = False  # the process that is told to `run` has its core already

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
        """Charge the process on `core`, which came to a call with `beyond` ns of its burst left."""
        process = self.running[core]
        assert process is not None
        process.charge(process.left - beyond, now)
        return process

    def go_on(self, process: Process, left: int) -> bool:
        """Go on in the same slice, with `left` ns of the burst left. False: the slice is over."""
        asked = self._asked.get(process)
        rest = left if asked is None else max(0, min(left, asked - process.ran_for))
        if left > process.left:
            process.burst = left
        process.left = left
        process.rest = left - rest
        if not process.rest or rest:  # a step of 0 ns is done even if the slice is over
            self.goes_on = True
            self._run(process, process.core, rest)
            return True
        return False

    def give_up(self, core: int, now: int, why: str) -> None:
        """Take the process off `core`: it leaves of its own accord in the middle of its slice."""
        process = self.running[core]
        assert process is not None
        process.rest = process.left
        self.leave(self.vacate(core, now), why)

    def yield_core(self, core: int, now: int) -> None:
        """Make the process on `core` ready again: it yields."""
        process = self.running[core]
        assert process is not None
        process.rest = process.left
        self._lose(self.vacate(core, now), core, now, "yielded")

    @property
    def at_rest(self) -> bool:
        """Return whether no process runs or is ready."""
        return not self.ready_count and not any(self.running)
