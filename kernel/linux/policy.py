"""Linux's scheduler as a policy of one core: the classes in their order, ticks and wake-ups.

The kernel looks at the running task at ticks, at wake-ups, and when a task leaves. Between two of
these nothing changes, so the policy names the next tick at which something can change, and other
ticks are not simulated. With several cores each has its own queue: a task that wakes goes to an
idle core, and a core that would idle takes the task that has been waiting longest elsewhere. With
`balancing: periodic` busy cores also take tasks from busier ones from time to time. From the first
task on that is in a group, the fair class is a tree (`kernel.linux.groups`).
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any, Literal, Self, cast

from kernel.linux.balancing import PeriodicBalance
from kernel.linux.cfs import Cfs
from kernel.linux.clock import Ticks
from kernel.linux.deadline import EarliestDeadline
from kernel.linux.eevdf import Eevdf
from kernel.linux.entity_queue import EntityQueue
from kernel.linux.groups import GroupedFair
from kernel.linux.realtime import FairServer, RealTime
from kernel.linux.task import UNIT, Task
from kernel.process.control_block import Process
from kernel.scheduling.policies.proportional_share import WEIGHTS
from kernel.scheduling.policy import Policy
from kernel.units import Duration, ms, seconds
from translation import mark, tr

USUAL_HZ = 250
USUAL_SLICE = 2_800_000  # ns, of machines with 8 or more CPUs
USUAL = {"hz": USUAL_HZ, "base_slice": USUAL_SLICE, "high_resolution": False}
"""The values where neither the scenario nor a machine has any."""
SLICE_PER_FACTOR = 700_000  # ns; the slice is this x (1 + log2 of the CPUs, 8 at most)
SERVER_PERIOD = seconds(1)
LEAVES = ("blocked", "ended")
STAYS = ("expired", "preempted", "yielded")


class Linux(Policy):
    """The machine's own scheduler: EEVDF by nice, real time and DEADLINE above it.

    Good for what a computer does all day: shares by nice, and a task that slept is served soon.
    Fails programs that need a bound on their response, unless they are in a real-time class. Linux
    6.6 and later.
    """

    rule = mark("DEADLINE, then real time, then the earliest eligible virtual deadline")
    tie_rule = mark("equal virtual deadlines: the process that became ready first is ahead")
    conventions = ("balancing",)
    may_idle = True
    left_to_the_machine = True
    has_groups = True
    # A fair server's period began this many ns before the run. 0: it begins with a fair task.
    server_age = 0
    group_age = 0  # so many eighths of each group's period are over when the run begins

    hz: int | None = None
    base_slice: Duration | None = None
    phase: Duration = Duration(0)
    high_resolution: bool | None = None
    rr_slice: Duration = ms(100)
    fair_server: Duration = ms(50)
    arrivals: Literal["woken", "forked"] = "woken"
    pin: Literal["cores", "none"] = "cores"
    balancing: Literal["none", "periodic"] = "none"
    watching: bool = False

    @classmethod
    def begun_before(cls, server: int, groups: int) -> type[Self]:
        """Return the policy with another `server_age`, ns, and another `group_age`, eighths.

        They cannot be chosen on a real machine.
        """
        ages = {"server_age": server, "group_age": groups}
        return type(cls.__name__, (cls,), {"__doc__": cls.__doc__, **ages})

    def check(self) -> None:
        if self.hz is not None and not 24 <= self.hz <= 10_000:
            raise ValueError(
                tr("hz: must be from 24 to 10000 ticks a second (got {hz})", hz=self.hz)
            )
        if self.base_slice is not None and not 100_000 <= self.base_slice <= 1_000_000_000:
            raise ValueError(
                tr("base_slice: must be from 100us to 1s (got {slice} ns)", slice=self.base_slice)
            )
        if self.fair_server >= SERVER_PERIOD:
            raise ValueError(tr("fair_server: must be less than a second, of which it is a part"))

    def setup(self) -> None:
        period = 1_000_000_000 // (self.hz or USUAL_HZ)
        self._ticks = Ticks(period, self.phase % period)
        self._rr_ticks = max(1, self.rr_slice // period)
        self._slice = int(self.base_slice or USUAL_SLICE)
        self._exact = self._looks_between_ticks()
        self._fair: EntityQueue[Task] | Cfs | GroupedFair = self._make_fair()
        self._groups: GroupedFair | None = None  # the same, if there are groups
        self._common: MutableMapping[Any, Any] = {}
        self._real_time = RealTime(self._ticks, self._rr_ticks)
        self._deadline = EarliestDeadline()
        self._server = FairServer(self._ticks, self.fair_server, SERVER_PERIOD, self.server_age)
        self._running: Task | None = None
        self._picked_at = self._vacated_at = -1
        self._charged_at = 0  # ns, up to when the running task has been charged
        self._look_again = False  # the running task may have to be preempted

    def _looks_between_ticks(self) -> bool:
        """Return whether a task may be preempted between ticks, as when its CPU time is read."""
        return bool(self.high_resolution) or self.watching

    def _make_fair(self) -> EntityQueue[Task] | Cfs:
        return EntityQueue(self._ticks)

    def between_cores(self, common: MutableMapping[Any, Any]) -> None:
        self._common = common

    def _make_groups(self) -> None:
        """Let the fair class have groups from now on."""
        if self._groups is None and isinstance(self._fair, EntityQueue):
            root = cast("EntityQueue[Any]", self._fair)
            self._groups = GroupedFair(root, self._ticks, self._common, self.group_age)
            self._groups.tree.now = self.now
            self._fair = self._groups

    # -- what the system calls ---------------------------------------------------------------------

    def ready(self, process: Process, why: str) -> None:
        self._charge()
        if why in STAYS:
            return
        if self._is_idle():
            self._leave_the_delayed()
            self._end_idle_time()
        task = process.account
        if task is None:
            task = process.account = Task(process, self._slice, self._rr_ticks)
        if task.group is not None:
            self._make_groups()
        if why == "migrated" and task.kind == "deadline":
            self._deadline.join(task)
        else:
            self._wake(task, forked=why == "arrived" and self.arrivals == "forked")
        if self._running is not None and not self._look_again:
            self._look_again = self._preempts(task, self._running)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        best = self._best()
        self._look_again = False
        if best is None:
            return None
        if self._is_idle():  # no task woke: a budget was filled
            self._end_idle_time()
        self._real_time.current = best if best.kind in ("fifo", "rr") else None
        self._deadline.current = best if best.kind == "deadline" else None
        if best.fair:
            self._fair.begin(best)
        else:
            self._fair.put_back()
        best.seen = best.process.cpu_used
        self._running, self._picked_at = best, self.now
        self._charged_at = self.now
        return best.process, None

    def ran(self, process: Process, duration: int, why: str) -> None:
        self._charge()
        task: Task = process.account
        self._running, self._vacated_at = None, self.now
        if why == "yielded":
            self._yield(task)
        if why not in LEAVES:
            return
        if not task.fair:
            self._class_of(task).leave(task)
            return
        if why == "blocked":
            self._fair.sleep(task)
        else:
            self._fair.leave(task)
        self._stop_server()

    def _yield(self, task: Task) -> None:
        """Apply sched_yield(2), as the class of the process defines it."""
        if not task.fair:
            self._class_of(task).give_up(task)
        elif not self._is_alone() or self._real_time.best() or self._deadline.best():
            self._fair.give_up(task)

    def loses(self, running: Sequence[Process]) -> Process | None:
        task = self._running
        if task is None or not self._look_again or task.process not in running:
            return None
        self._charge()
        if self._best() is task:
            self._look_again = False
            return None
        return task.process

    def review(self) -> None:
        self._charge()
        if self._is_idle():
            self._leave_the_delayed()
        self._look_at_budgets()

    def next_review(self) -> int | None:
        times = [self._deadline.fires_at()]
        if self._groups is not None:
            times.append(self._groups.tree.fires_at())
        if len(self._fair) and (self._running is None or not self._running.fair):
            times.append(self._server.fires_at())
        if self._running is not None:
            times.append(self._next_look_at(self._running))
        return min((max(at, self.now + 1) for at in times if at is not None), default=None)

    def removed(self, process: Process) -> None:
        self._charge()
        task: Task = process.account
        if task.fair:
            self._fair.leave(task, moves=True)
            self._stop_server()
        else:
            self._class_of(task).leave(task)

    def may_run(self, process: Process) -> bool:
        task: Task = process.account
        if self._groups is not None and task.fair:
            return not self._groups.tree.is_throttled(task)
        return task.kind != "deadline" or task.eligible_again is None

    def periodic_balance(self, cores: int) -> PeriodicBalance | None:
        return PeriodicBalance(self._ticks, cores) if self.balancing == "periodic" else None

    @property
    def load(self) -> int:
        return self._fair.load if isinstance(self._fair, Cfs) else self._fair.sums()[1]

    def load_of(self, process: Process) -> int:
        task: Task = process.account
        return task.weight if self._groups is None else self._groups.tree.load_of(task)

    def seeks_idle_core(self, process: Process) -> bool:
        task: Task = process.account
        return not task.delayed  # a delayed task is still queued on its core

    def keys(self, process: Process) -> dict[str, int | str]:
        task: Task = process.account
        if not task.fair:
            return {"class": task.kind, "priority": task.priority}
        scale = UNIT // WEIGHTS[20]
        average = 0
        if self._groups is not None:
            average = self._groups.tree.average_for(task)
        elif isinstance(self._fair, Eevdf):
            average = self._fair.average
        found: dict[str, int | str] = {"ahead_ns": (task.v - average) // scale}
        if not isinstance(self._fair, Cfs):
            found["deadline_ns"] = (task.deadline - average) // scale
        if task.group is not None:
            found["group"] = task.group.name
        return found

    def _is_alone(self) -> bool:
        """Return whether no other fair task is queued beside the running one."""
        return len(self._fair) < 2 if self._groups is None else self._groups.alone

    # -- the classes -------------------------------------------------------------------------------

    def _class_of(self, task: Task) -> RealTime | EarliestDeadline:
        return self._deadline if task.kind == "deadline" else self._real_time

    def _wake(self, task: Task, *, forked: bool) -> None:
        if task.kind == "deadline":
            self._deadline.wake(task, self.now)
        elif not task.fair:
            self._real_time.wake(task)
        else:
            if not len(self._fair):
                self._server.start(self.now)
            (self._fair.fork if forked else self._fair.wake)(task)

    def _is_idle(self) -> bool:
        return self._running is None and self.now > self._vacated_at

    def _end_idle_time(self) -> None:
        self._server.idle(max(0, self._vacated_at), self.now)
        self._vacated_at = self.now

    def _leave_the_delayed(self) -> None:
        """Remove the delayed tasks: they left the queue when the core became idle."""
        if len(self._fair):
            self._server.look(self._vacated_at)
            if self._groups is None:
                self._fair.best()
            else:
                self._groups.catch_up(self._vacated_at, self.now)
            self._stop_server()

    def _stop_server(self) -> None:
        if not len(self._fair):
            self._server.stop()

    def _best(self) -> Task | None:
        """Return the task that should run now, of all classes."""
        self._look_at_budgets()
        first = self._deadline.best()
        if self._server.serving and (first is None or self._server.before(first.deadline)):
            first = self._fair.best() or first
        best = first or self._real_time.best() or self._fair.best()
        self._stop_server()
        return best

    def _preempts(self, task: Task, running: Task) -> bool:
        """Return whether `task`, which just became ready, preempts the running task."""
        mine, its = self._rank(task), self._rank(running)
        if mine != its:
            return mine > its
        if task.fair != running.fair:
            return True  # `loses` decides by `_best`
        if task.fair:
            return self._fair.preempts(task)
        return self._class_of(task).preempts(task, running)

    def _rank(self, task: Task) -> int:
        if task.kind == "deadline" or (task.fair and self._server.serving):
            return 2
        return 0 if task.fair else 1

    # -- as time passes ----------------------------------------------------------------------------

    def _charge(self) -> None:
        """Charge the running task, in its class, for the CPU time that it has had up to now."""
        task, now = self._running, self.now
        if self._groups is not None:
            self._groups.tree.now = now
        if task is None or now == self._picked_at:
            return
        process = task.process
        used = process.cpu_used + max(0, now - process.charged_at)
        ran = used - task.seen
        if ran <= 0:
            return
        task.seen, self._charged_at = used, now
        if task.kind == "deadline":
            again = self._deadline.charge(ran)
        elif task.fair:
            again = self._fair.charge(now - ran, now) | self._server.charge(now - ran, now)
        else:
            again = self._real_time.charge(now - ran, now)
        self._look_again |= again

    def _look_at_budgets(self) -> None:
        """Fill the budgets whose time has come; let the fair server begin to serve if it is due."""
        if self._groups is not None:
            self._groups.tree.now = self.now
            if not len(self._fair) and self._groups.tree.look() and len(self._fair):
                self._server.start(self.now)
            else:
                self._groups.tree.look()
        if len(self._fair):
            self._look_again |= self._server.look(self.now)
        self._look_again |= self._deadline.look(self.now)

    def _next_look_at(self, task: Task) -> int | None:
        """Return the next tick at which the running task may have to be preempted."""
        if task.kind == "deadline":
            return self._tick_in(self._deadline.exhausted_in())
        if not task.fair:
            return self._real_time.looked_at_at(self._charged_at)
        times = [
            self._tick_in(self._server.exhausted_in()),
            self._tick_in(self._fair.looked_at_in()),
        ]
        over = self._fair.over_in() if self._exact else None
        if over is not None:
            times.append(self._charged_at + over)
        return min((each for each in times if each is not None), default=None)

    def _tick_in(self, ns: int | None) -> int | None:
        """Return the first tick later than now at which the task has run `ns` more; None: none."""
        if ns is None:
            return None
        return self._ticks.at_or_after(max(self._charged_at + ns, self.now + 1))


class CompletelyFair(Linux):
    """Linux before 6.6: tasks share a period by weight, the least virtual runtime first.

    Good as `linux` is, and for contrast with it: without virtual deadlines a task that asks for
    little at a time is not told from one that asks for much. Fails where many sleep and wake:
    sleepers are favoured.
    """

    has_groups = False
    rule = mark("DEADLINE, then real time, then the least virtual runtime")
    tie_rule = mark("equal virtual runtimes: the process that became ready first is ahead")

    def _looks_between_ticks(self) -> bool:
        return bool(self.high_resolution)  # before 6.6 a charge between ticks preempts no task

    def _make_fair(self) -> EntityQueue[Task] | Cfs:
        factor = max(1, self._slice // SLICE_PER_FACTOR)
        return Cfs(self._ticks, factor, exact=self._exact)
