"""The operating system of scenarios in which processes have threads.

A thread is scheduled like a process. When it gets a core it needs the lock of its interpreter, if
that has one, to go on, and tries to take it before its first nanosecond, in no time. Work of the
kernel and the interpreter (to notice that an interval is over, or that the lock is requested) needs
no core in the model: it takes microseconds.
"""

from __future__ import annotations

from typing import Any

from kernel.lifecycle.dispatcher import leave_out
from kernel.lifecycle.gil import SWITCH_INTERVAL, InterpreterLock
from kernel.lifecycle.system import LifecycleSystem
from kernel.process.calls import Call
from kernel.process.control_block import Process, transition
from kernel.process.interpreters import OWN_LOCKS, SHARED_LOCK
from kernel.process.states import BLOCKED, ON_CORE, READY, RUNNING, tag
from kernel.workload import Workload

_BLOCKED = tag(RUNNING, "blocked", core=0)
_WOKE = tag(BLOCKED, "woke")

INTERVAL = "interval"
"""The kind of the timer of a thread that waits for the lock."""


def has_threads(workload: Workload) -> bool:
    """Return whether a process of the workload has threads."""
    return any(spec.kinship.thread for spec in workload.processes)


class ThreadingSystem(LifecycleSystem):
    """The system of processes with threads. A process's own program is its main thread."""

    def __init__(self, workload: Workload, *args: Any, **others: Any) -> None:
        self._locks: dict[int, InterpreterLock] = {}  # by the index of each thread
        self._intervals: dict[int, Call] = {}  # by the index of a waiting thread: its timer
        for spec in workload.processes:
            for call in spec.program.calls:
                if call.kind == "threads":
                    self._make_locks(spec.index, call)
        super().__init__(workload, *args, **others)

    def _make_locks(self, process: int, call: Call) -> None:
        """Make the locks of a process that starts threads, by the kind of its interpreters."""
        kind, threads = call.options["interpreter"], (process, *call.value)
        if kind == SHARED_LOCK:
            self._locks.update(dict.fromkeys(threads, InterpreterLock()))
        elif kind == OWN_LOCKS:
            self._locks.update({thread: InterpreterLock() for thread in threads})

    def _may_run(self, process: Process) -> bool:
        return self._may_go_on(process) and super()._may_run(process)

    def _may_go_on(self, process: Process) -> bool:
        """Return whether a thread has the lock of its process, and is not to drop it."""
        lock = self._locks.get(process.index)
        return lock is None or (lock.holder == process.index and not lock.requested)

    # -- one instant ------------------------------------------------------------------------------

    def _end_burst(self, core: int, now: int) -> None:
        process = self.dispatcher.running[core]
        if process is not None and not self._may_go_on(process):
            self._look(process, core, now)
            return
        super()._end_burst(core, now)
        if process is not None and process.state not in (RUNNING, READY):
            self._let_go(process, now, forced=False)

    def _look(self, process: Process, core: int, now: int) -> None:
        """Let a thread that has a core take the lock, wait for it, or drop it on request."""
        lock = self._locks[process.index]
        if lock.holder != process.index and lock.take(process.index):
            parted = lock.rejoin()
            if parted is not None:
                self._begin_interval(parted)
            self.dispatcher.go_on(process, process.left)
            return
        self.dispatcher.give_up(core, now, "blocked")
        self._block(process, now, looked=process.since == now)
        if lock.holder == process.index:
            self._let_go(process, now, forced=True)
        else:
            self._begin_interval(process.index)

    def _take_timers(self, now: int) -> None:
        """See System. Threads that have waited for the lock for an interval ask for it."""
        over = [
            timer
            for timer in self.instant.timers
            if timer is not None and isinstance(timer[1], Call) and timer[1].kind == INTERVAL
        ]
        self.instant.timers[:] = [timer for timer in self.instant.timers if timer not in over]
        self._ask(over, now)
        super()._take_timers(now)

    def _ask(self, over: list[tuple[Process, Call]], now: int) -> None:
        asked: dict[int, Process] = {}
        for process, call in over:
            if self._intervals.get(process.index) is not call:
                continue  # the thread was woken meanwhile
            lock = self._locks[process.index]
            if lock.holder is None:
                lock.leave(process.index)
                self._come(process.index, now)
                continue
            holder, delay = self.processes[lock.holder], None
            if lock.interval_is_over(process.index) and holder.state is RUNNING:
                if holder.charged_at > now:  # its core is being switched to it
                    delay = holder.charged_at - now
                else:
                    asked[holder.index] = holder
            self._begin_interval(process.index, delay)
        for holder in asked.values():
            self._force(holder, now)

    def _force(self, holder: Process, now: int) -> None:
        """Let the holder, which runs, drop the lock at once: it checks for requests always."""
        core = holder.core
        if core in self.instant.expired:
            self.instant.expired.remove(core)
        self.dispatcher.withdraw(holder, now, "blocked")
        self._block(holder, now)
        self._let_go(holder, now, forced=True)

    # -- the lock ---------------------------------------------------------------------------------

    def _block(self, process: Process, now: int, *, looked: bool = False) -> None:
        """Block the thread. `looked`: it got the core at this instant and did not get the lock.

        Then its running interval, which is empty, is not recorded.
        """
        ended = _BLOCKED + process.core * ON_CORE
        emit = leave_out if looked else self._emit
        transition(process, RUNNING, BLOCKED, now, ended, emit)
        process.core = -1

    def _let_go(self, process: Process, now: int, *, forced: bool) -> None:
        """Let a thread that has left its core drop the lock, if it has it."""
        lock = self._locks.get(process.index)
        if lock is None or lock.holder != process.index:
            return
        told = lock.drop(process.index, forced=forced)
        if told is not None:
            self._come(told, now)

    def _come(self, index: int, now: int) -> None:
        """Make a thread ready that waits for the lock: it tries to take it when it has a core."""
        del self._intervals[index]
        process = self.processes[index]
        process.ready_since = now
        transition(process, BLOCKED, READY, now, _WOKE, self._emit)
        self._enqueue(process, "woke")

    def _begin_interval(self, index: int, delay: int | None = None) -> None:
        """Let a thread wait for the lock for an interval, or for `delay` ns."""
        interval = self._intervals[index] = Call(INTERVAL)
        self._machine.await_timeout(self.processes[index], interval, delay or SWITCH_INTERVAL)
