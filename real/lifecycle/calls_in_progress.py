"""Carries out calls: workers really make them, and the supervisor sees whether they return or wait.

One process makes calls at a time, in the order that the rules have decided. The others that sit in
a call are stopped inside it. Measured on Linux 6.18: a process that is stopped inside `sem_wait`,
`sem_timedwait`, `read`, `write`, `waitpid` or `poll` takes nothing while it is stopped. When it is
continued, the kernel restarts the wait: what has come meanwhile is taken, even if the timeout is
over, as a futex and `poll` look first and then at the clock. Timeouts are absolute.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.process.call_timeouts import timeout_of
from kernel.process.calls import ENDS
from kernel.process.control_block import Process
from kernel.process.states import DEAD, ZOMBIE
from real.dispatched.clock import RunClock
from real.host.asleep import SleepWatch, sleeps_in
from real.host.leftovers import wait_readable
from real.host.process_table import state_of
from real.host.time_limits import ExpectedProcess, TimeLimit
from real.lifecycle.decided_actions import WAITS, DecidedAction
from real.lifecycle.divergence import Diverged
from real.lifecycle.feeders import let_feed
from real.lifecycle.pool import CALL_LIMIT, LifecyclePool
from real.lifecycle.worker_handle import LifecycleWorkerHandle
from real.supervisor.ending import Stopped
from timeline.record.run import Divergence
from translation import recorded

UNKNOWN = 2.0  # seconds in a call, after which the supervisor looks for unknown stopped processes
ASLEEP = 5.0  # seconds that a process sleeps in a call before it is sure that it will not come back
GOES_ON, WAITS_IN_IT = recorded("goes on"), recorded("waits")  # what the rules say of a process
BETWEEN_LOOKS = 50e-6  # seconds between two looks at a process that may fall asleep

Report = dict[str, Any]


@dataclass(slots=True)
class OutOfTurn:
    """What processes did between falling asleep in a call and being stopped in it."""

    stops: int = 0  # how often a process was stopped in a call
    came_back: int = 0  # how often its call returned before that
    fed: int = 0  # how often a feeder thread of a stopped process was let write
    ran: int = 0  # ns that processes ran in that time, the stop itself included
    longest: int = 0  # ns, the largest of these times

    def add(self, ran: int) -> None:
        """Add one process that has run for `ran` ns until it was stopped."""
        self.stops += 1
        self.ran += ran
        self.longest = max(self.longest, ran)

    def describe(self) -> dict[str, int]:
        """Return what the record says."""
        return {
            "stops": self.stops,
            "came_back": self.came_back,
            "fed": self.fed,
            "ran_ns": self.ran,
            "longest_ns": self.longest,
        }


class CallsInProgress:
    """The calls that the workers make, or sit in.

    `take(report)` notes what a call returned or raised. `look` raises Stopped if the run must end;
    set it before the first call.
    """

    look: Callable[[], None]

    def __init__(
        self,
        processes: Sequence[Process],
        pool: LifecyclePool,
        clock: RunClock,
        take: Callable[[Report], None],
    ) -> None:
        self.out_of_turn = OutOfTurn()
        self._processes = processes
        self._pool = pool
        self._clock = clock
        self._take = take
        self._returned: dict[int, deque[Report]] = defaultdict(deque)  # by process: not yet taken
        self._feeding: set[int] = set()  # processes with a feeder that had more to write
        self._early: set[int] = set()  # processes whose timeout was over before they were stopped

    # -- making calls

    def make(self, calls: Sequence[DecidedAction]) -> None:
        """Let one process make these calls in a row, or first go on in the call in which it sits.

        Raises Diverged if a call does other than the rules say.
        """
        worker = self._pool.workers[calls[0].process.index]
        new = [self._with_pid(action.order) for action in calls if action.order]
        if worker.is_held:
            if worker.in_call is not None and calls[0].order:
                new = new[1:]
            if new:
                worker.tell(do="calls", calls=new)
            worker.go_on_in_call()
        elif new:
            worker.called_at = time.monotonic_ns()
            worker.tell(do="calls", calls=new)
        for action in calls:
            if action.outcome == WAITS:
                self._await_sleep(worker, action)
            else:
                worker.in_call = None
                if action.order and action.call is not None and action.call.kind not in ENDS:
                    self._await_return(worker, action)

    def _with_pid(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the order with the pid of the process that it is about, if it needs one.

        The pid is known only now: the process may have been born at this instant.
        """
        if "numbered" not in order:
            return order
        rest = {key: value for key, value in order.items() if key not in ("of", "numbered")}
        return rest | {"pid": self._pool.workers[order["of"]].pid if order["numbered"] else None}

    # -- watching them

    def _await_return(self, worker: LifecycleWorkerHandle, action: DecidedAction) -> None:
        """Wait until the call has returned, or has ended its process as the rules say.

        A process that takes long is waited for. But if it sleeps for ASLEEP, it diverges.
        """
        watched = _Watched(self._pool, worker)
        asleep: TimeLimit | None = None
        while (report := self._next_report(worker, 0.01)) is None:
            if watched.is_dead():
                self.collect()
                if not self._returned[worker.index]:
                    self._died_in(worker, action, GOES_ON)
                    return
                continue
            self.look()
            watched.look()
            if not watched.sleep.is_asleep():
                asleep = None
            elif asleep is None:
                asleep = TimeLimit(ASLEEP)
            elif asleep.is_over():
                self._diverge(worker, action, GOES_ON, _still_sleeps(worker))
            else:  # it may wait for the rest of a message that is longer than the pipe
                self._feed_all(worker)
        self._require_in_time(worker, action, report)
        self._take(report)
        if report["task"] != action.task:
            self._diverge(worker, action, _takes(action.task), _took(report["task"]))

    def _await_sleep(self, worker: LifecycleWorkerHandle, action: DecidedAction) -> None:
        """Wait until the process sleeps in its call, and stop it inside the call."""
        worker.in_call = action.call
        watched = _Watched(self._pool, worker)
        while not watched.sleep.is_asleep():
            if (report := self._next_report(worker, 0)) is not None:
                if not self._is_timed_out(worker, action, report):
                    self._take(report)
                    self._diverge(worker, action, WAITS_IN_IT, _came_back(report))
                self._returned[worker.index].appendleft(report)  # it waits for its next order
                self._early.add(worker.index)
                self.out_of_turn.came_back += 1
                break
            if watched.is_dead():
                self._died_in(worker, action, WAITS_IN_IT)
            self.look()
            watched.look()
            time.sleep(BETWEEN_LOOKS)
        worker.stop_in_call()
        self.out_of_turn.add(watched.sleep.ran_since())

    def feed(self, worker: LifecycleWorkerHandle) -> None:
        """Let the feeders of a worker write what there is room for."""
        traced = state_of(worker.pid) == "t"  # a victim that is about to die writes no more
        if worker.lives and not traced and not wait_readable([worker.death], 0):
            self.out_of_turn.fed += 1
            self.out_of_turn.ran += let_feed(worker)

    def await_worker(self, worker: LifecycleWorkerHandle, master: LifecycleWorkerHandle) -> None:
        """Wait until a worker of a pool is there, which its master starts by itself.

        The worker says so itself. Raises Stopped if it does not come.
        """
        limit = TimeLimit(CALL_LIMIT)
        while not worker.pid:
            if limit.is_over() or not master.lives:
                raise Stopped(_not_started(master.name, worker.name))
            wait_readable([self._pool.objects.reports[0].fileno()], 0.01)
            self.collect()
            self.look()
            if not worker.pid:
                self.feed(master)

    def _feed_all(self, receiver: LifecycleWorkerHandle) -> None:
        """Let all feeders write that have more to write, for a receiver that waits for them."""
        for index in self._feeding:
            if index != receiver.index:
                self.feed(self._pool.workers[index])

    def _next_report(self, worker: LifecycleWorkerHandle, seconds: float) -> Report | None:
        """Return the next report of a call of this worker that has returned; None: none came.

        Wait at most so many seconds, or until the worker is dead.
        """
        if not self._returned[worker.index]:
            fds = [self._pool.objects.reports[0].fileno(), *([worker.death] * worker.lives)]
            wait_readable(fds, seconds)
            self.collect()
        mine = self._returned[worker.index]
        return mine.popleft() if mine else None

    def collect(self) -> None:
        """Receive all reports that have come.

        What processes say at their ends belongs to no call, and is taken at once.
        """
        while (report := self._pool.report(0)) is not None:
            if report["feeding"]:
                self._feeding.add(report["who"])
            if report["returned"] is None:
                self._take(report)
            else:
                self._returned[report["who"]].append(report)

    def returned(self) -> tuple[int, Report] | None:
        """Return the index of a process, and the report of a call that has returned; None: none."""
        self.collect()
        return next(((who, reports[0]) for who, reports in self._returned.items() if reports), None)

    def await_death(self, worker: LifecycleWorkerHandle, process: Process) -> None:
        """Wait until a process is dead that ends by the rules.

        A process that takes long is waited for. But if it sleeps for ASLEEP, it diverges.
        """
        worker.in_call = None
        worker.tell(do="leave")
        watched = _Watched(self._pool, worker)
        asleep: TimeLimit | None = None
        while not self._pool.is_dead(worker, 0.001):
            self.collect()
            self.look()
            if not watched.sleep.is_asleep():
                asleep = None
            elif asleep is None:
                asleep = TimeLimit(ASLEEP)
            elif asleep.is_over():
                action = DecidedAction("dies", process)
                reality = recorded("lives, and {sleeps}", sleeps=_still_sleeps(worker))
                self._diverge(worker, action, recorded("dies"), reality)
        self._pool.bury(worker)
        self.collect()

    # -- what a timeout does out of its turn

    def _is_timed_out(
        self, worker: LifecycleWorkerHandle, action: DecidedAction, report: Report
    ) -> bool:
        """Return whether the call may have returned because its timeout is over on the clock."""
        assert action.call is not None
        timeout = timeout_of(action.call)
        return timeout is not None and report["at"] - worker.called_at >= timeout

    def _require_in_time(
        self, worker: LifecycleWorkerHandle, action: DecidedAction, report: Report
    ) -> None:
        """Raise Stopped if a timeout was over before the process could be stopped in its call.

        On a busy machine the supervisor may come too late for a short timeout. Then the call did
        not return what the rules say, but that is the machine's doing.
        """
        said = [(name, value) for name, value in report["says"]]
        expected = [(name, value) for name, value in action.expected]
        was_early = worker.index in self._early
        self._early.discard(worker.index)
        if was_early and said != expected:
            raise Stopped(_timed_out(worker.name, action))

    # -- divergences

    def _died_in(self, worker: LifecycleWorkerHandle, action: DecidedAction, rules: str) -> None:
        """Raise Diverged or Stopped if a process died in its call against the rules."""
        if action.process.state in (ZOMBIE, DEAD) and action.outcome != WAITS:
            return
        code = worker.exitcode
        if code is not None and code < 0:  # no call of its own does that: a signal from outside
            raise Stopped(_killed(worker.name, -code))
        reality = recorded("ended with exit code {code}", code=code)
        self._diverge(worker, action, rules, reality)

    def _diverge(
        self, worker: LifecycleWorkerHandle, action: DecidedAction, rules: str, reality: str
    ) -> None:
        at = max(0, self._clock.now())
        raise Diverged(Divergence(at, worker.name, _words(action), rules, reality))

    def require_no_return(self) -> None:
        """Raise Diverged if a process has come back from a call in which it waits for ever."""
        found = self.returned()
        if found is not None:
            index, report = found
            process, worker = self._processes[index], self._pool.workers[index]
            self._take(report)
            action = DecidedAction("call", process, call=worker.in_call)
            self._diverge(worker, action, recorded("waits for ever"), _came_back(report))


class _Watched:
    """A worker in a call: whether it sleeps, is dead, or was stopped from outside."""

    def __init__(self, pool: LifecyclePool, worker: LifecycleWorkerHandle) -> None:
        self.sleep = SleepWatch(worker.pid)
        self._pool, self._worker = pool, worker
        self._expected = ExpectedProcess(worker.name, worker.pid)
        self._unknown = TimeLimit(UNKNOWN)

    def is_dead(self) -> bool:
        """Return whether the process is dead."""
        return bool(wait_readable([self._worker.death], 0)) if self._worker.lives else True

    def look(self) -> None:
        """Raise Stopped if the process, or one that it starts, was stopped from outside."""
        if (trouble := self._expected.trouble()) is not None:
            raise Stopped(trouble)
        if self._unknown.is_over():
            if (trouble := self._pool.stopped_unknown()) is not None:
                raise Stopped(trouble)
            self._unknown = TimeLimit(UNKNOWN)


def _not_started(process: str, worker: str) -> str:
    return recorded("{process} did not start {worker} in its pool", process=process, worker=worker)


def _timed_out(process: str, action: DecidedAction) -> str:
    return recorded(
        "{process} timed out in {call} before the supervisor could stop it: other programs had "
        "the processors",
        process=process,
        call=_words(action),
    )


def _killed(process: str, number: int) -> str:
    return recorded(
        "{process} was killed by signal {number} in the middle of its program",
        process=process,
        number=number,
    )


def _words(action: DecidedAction) -> str:
    return recorded("the end of the text") if action.call is None else action.call.words


def _came_back(report: Report) -> str:
    said = "; ".join(str(value) for _, value in report["says"] if value is not None)
    return recorded("came back with {values}", values=said) if said else recorded("came back")


def _takes(task: int | None) -> str:
    return recorded("takes no task") if task is None else recorded("takes task {n}", n=task + 1)


def _took(task: int | None) -> str:
    return recorded("took no task") if task is None else recorded("took task {n}", n=task + 1)


def _still_sleeps(worker: LifecycleWorkerHandle) -> str:
    where = sleeps_in(worker.pid)
    return recorded("still sleeps ({where})", where=where) if where else recorded("still sleeps")
