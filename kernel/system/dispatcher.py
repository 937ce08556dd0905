"""The dispatcher: it asks the policy, gives cores to processes, and takes them away.

The system tells it which process became ready and which slice is over. At the end of each instant
idle cores pick. A process that loses its core at an instant keeps it if the same core picks it
again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any

from kernel.errors import PolicyError
from kernel.hardware import Costs
from kernel.process.control_block import Emit, Process, transition
from kernel.process.states import ON_CORE, READY, RUNNING, tag
from kernel.scheduling.conventions import DRAWS
from kernel.scheduling.explain import Decisions, Explained
from kernel.scheduling.per_core import PerCore
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.system.hardware import Processors
from kernel.system.picks import Pick, no_pick, not_ready
from kernel.system.switching import Switching
from kernel.workload import Workload
from translation import tr

# tags of intervals that end; if they have a core, for core 0
DISPATCHED = tag(READY, "dispatched")
LOST = {why: tag(RUNNING, why, core=0) for why in ("expired", "preempted", "yielded")}


class Dispatcher:
    """The cores of one run, and the policy that shares them out."""

    def __init__(
        self, workload: Workload, processors: Processors, emit: Emit, *, costs: Costs, explain: bool
    ) -> None:
        self.policy_class = workload.scheduler.policy
        self.decisions = Decisions() if explain else None
        self._draw = DRAWS[workload.scheduler.draws]
        self._per_core: PerCore | None = None
        with policy_errors_of(self.policy_class):
            self._make_policy(workload)
        overrides = self.policy.overrides
        self.tells_ran = "ran" in overrides  # the policy is told of each slice that ended
        self.preempts = "loses" in overrides
        self.reviews = "next_review" in overrides
        self._may_idle = self.policy.may_idle
        self._pinned = workload.scheduler.pinned

        self._run, self._stop = processors.run, processors.stop
        self._emit = emit
        self.switching = (
            None if costs.nothing else Switching(costs, workload.cores, processors.spent)
        )

        self.running: list[Process | None] = [None] * workload.cores
        self.idle = list(range(workload.cores))  # a heap: the lowest idle core picks first
        self.ready_count = 0  # ready processes, with the ones in `_leaving`
        self.contested = False  # is the policy to be asked for a preemption?
        self._reviewed = False  # a review was at this instant: loses() is called in any case
        self._leaving: dict[int, tuple[Process, str]] = {}  # by core: lost it now, and why

    def _make_policy(self, workload: Workload) -> None:
        """Make the policy; with queues per core, one policy for each core and their union."""
        per_core = workload.scheduler.queues == "per-core"
        policies = [workload.scheduler.build() for _ in range(workload.cores if per_core else 1)]
        if self.decisions is not None:
            policies = [Explained(policy, self.decisions) for policy in policies]
        if per_core:
            self._per_core = PerCore(policies, workload.scheduler.balance)
        self.policy = self._per_core or policies[0]
        self.policy.random = random.Random(workload.seed)
        self.policy.setup()

    # -- what the system says ---------------------------------------------------------------------

    def enqueue(self, process: Process, why: str) -> None:
        """Put a process that has become ready into the ready queue."""
        self.policy.ready(process, why)
        self.ready_count += 1
        self.contested = self.preempts

    def vacate(self, core: int, now: int) -> Process:
        """Take the process that has used up its slice off `core`, and return it."""
        process = self.running[core]
        assert process is not None
        self.running[core] = None
        heappush(self.idle, core)
        process.charge(process.left - process.rest, now)
        if self.switching is not None:
            self.switching.leave(core, now)
        return process

    def leave(self, process: Process, why: str) -> None:
        """Tell the policy that a process has left its core of its own accord."""
        if self.tells_ran:
            self.policy.ran(process, process.ran_for, why)

    def expire(self, cores: list[int], now: int) -> None:
        """End the slices on `cores`. The bursts of these processes are not over."""
        if len(cores) > 1:
            self.order(cores)
        for core in cores:
            self._lose(self.vacate(core, now), core, now, "expired")
        cores.clear()

    def order(self, cores: list[int]) -> None:
        """Sort cores whose slices or bursts end at one instant: by number, or as draws decide."""
        cores.sort()
        if self._draw is not None:
            cores.sort(key=self._drawn)

    def _drawn(self, core: int) -> tuple[bool, Any]:
        """Return the key of the process on `core` in a draw. A process that was killed is last."""
        process, draw = self.running[core], self._draw
        assert draw is not None
        return (False, draw(process)) if process is not None else (True, None)

    def withdraw(self, process: Process, now: int, why: str = "blocked") -> None:
        """Take a process that is suspended, or has "ended", off its core or the ready queue.

        For the policy a suspension is like I/O: the process comes back by `ready`, "woke".
        """
        core = process.core
        if process.state is READY:
            self._remove(process)
        elif core in self._leaving:  # it lost its core at this instant, and is ready
            del self._leaving[core]
            self._remove(process)
            self._stop(process, core)
        else:
            self.charge_all(now, (core,))
            self.running[core] = None
            heappush(self.idle, core)
            if self.switching is not None:
                self.switching.leave(core, now)
            self.leave(process, why)
            self._stop(process, core)

    def _remove(self, process: Process) -> None:
        self.policy.removed(process)
        self.ready_count -= 1

    def reprioritize(self, process: Process, priority: int) -> None:
        """Change the priority of a process, and let the policy decide again."""
        waits = process.state is READY or process.core in self._leaving
        if waits:
            self.policy.removed(process)
        process.priority = priority
        if waits:
            self.policy.ready(process, "reprioritized")
        elif self._per_core and process.state is RUNNING:
            self._per_core.grown.add(process.core)
        self.contested = self.preempts

    def charge_all(self, now: int, over: Sequence[int] = ()) -> list[Process]:
        """Charge all running processes for their CPU time up to now. Return them, by core.

        A slice whose end was not reported has at least 1 ns left, except on the cores `over`.
        """
        running = []
        for process in self.running:
            if process is not None:
                running.append(process)
                used = now - process.charged_at
                if used > 0:  # less: its core is still being switched to it
                    most = process.left - process.rest - (process.core not in over)
                    process.charge(min(used, most), now)
        return running

    def review(self, now: int, over: Sequence[int]) -> None:
        """Call the policy's review. It may plan running slices anew, but not on the cores `over`.

        On these cores the slice is over at this instant.
        """
        self.charge_all(now, over)
        planned = self.policy.review()
        self._reviewed = self.preempts
        for process, length in (planned or {}).items():
            core = process.core
            if core in over:
                continue
            if core < 0 or self.running[core] is not process:
                raise PolicyError(
                    tr(
                        "review() planned a slice of {process!r}, which is not running",
                        process=process,
                    )
                )
            self._plan(process, length, now)

    def _plan(self, process: Process, asked: int | None, now: int) -> None:
        """Let the process run for `asked` ns more in its slice (None: until its burst ends)."""
        length = process.grant(asked)
        begins = max(0, process.charged_at - now)  # its core may still be being switched to it
        self._run(process, process.core, begins + length)

    def _lose(self, process: Process, core: int, now: int, why: str) -> None:
        """Make the process ready. It keeps `core` if that core picks it again at this instant."""
        process.ready_since = now
        if self.tells_ran:
            self.policy.ran(process, process.ran_for, why)
        self._leaving[core] = process, why
        self.enqueue(process, why)

    # -- at the end of an instant -----------------------------------------------------------------

    def dispatch(self, now: int) -> None:
        """Decide the preemptions, then let idle cores pick, the lowest first."""
        if self.contested:
            if self.ready_count or self._may_idle or self._reviewed:
                self._contend(now)
        elif not (self.ready_count and self.idle):
            return
        elif self._per_core:
            self._share_out(self._per_core, now)
        elif self._pinned:
            self._match(now)
        else:
            self._fill(now)
        if self._leaving:
            self._let_go(now)
        # not earlier: `_lose` sets `contested`, too
        self.contested = self._reviewed = False

    def _fill(self, now: int) -> None:
        """Let idle cores pick, one after the other."""
        idle, pick = self.idle, self.policy.pick
        while True:
            core = heappop(idle)
            picked = pick(core)
            if picked is None and self._may_idle:
                heappush(idle, core)
                return
            self._assign(core, picked, now)
            if not (idle and self.ready_count):
                return

    def _contend(self, now: int) -> None:
        """Let the policy preempt and pick for all cores, before the first core is assigned."""
        if self._per_core:
            self._share_out(self._per_core, now)
            return
        if self._pinned:
            self._match(now)
            return
        idle = self.idle
        if not idle and self._preempt(now) is None:
            return
        pick = self.policy.pick
        picks = [pick(core) for core in sorted(idle)[: self.ready_count]]
        while self._may_idle or self._reviewed or self.ready_count > len(picks):
            core = self._preempt(now)
            if core is None:
                break
            picks.append(pick(core))
        if self._may_idle:
            picks = [picked for picked in picks if picked is not None]
        for picked in picks:
            self._assign(heappop(idle), picked, now)

    def _match(self, now: int) -> None:
        """Let each idle core pick what may use it, then preempt for what may use a running one's.

        A core that a process has lost at this instant picks first, so that it may keep the core.
        A process that is preempted may use another core, so the idle ones are asked again.
        """
        policy = self.policy
        cores = sorted(self.idle, key=lambda core: (core not in self._leaving, core))
        picks: list[tuple[int, Pick]] = []
        while True:
            for core in list(cores):
                if self.ready_count > len(picks) and (pick := policy.pick(core)) is not None:
                    picks.append((core, pick))
                    cores.remove(core)
            asks = self.contested and (self._reviewed or self.ready_count > len(picks))
            lost = self._preempt(now) if asks else None
            if lost is None:
                break
            cores.insert(0, lost)
        self.idle[:] = sorted(set(self.idle).difference(core for core, _ in picks))
        for core, pick in picks:
            self._assign(core, pick, now)
        if self.switching is not None and self.preempts and self.ready_count:
            self.switching.done(self.charge_all(now), now)  # what was picked may be preempted then

    def _share_out(self, queues: PerCore, now: int) -> None:
        """Give each core the process that it picked from its own queue, or stole from another."""
        queues.even_out()
        while self.contested and self._preempt(now) is not None:
            pass
        queues.even_out()
        queues.decided()
        picks = [(core, queues.pick(core)) for core in queues.eager(self.idle)]
        if self._may_idle:
            picks = [(core, pick) for core, pick in picks if pick is not None]
        idle = sorted(set(self.idle).difference(core for core, _ in picks))
        if self.ready_count > len(picks):
            picks += [(core, pick) for core in idle if (pick := queues.steal(core)) is not None]
        self.idle[:] = sorted(set(idle).difference(core for core, _ in picks))
        for core, pick in picks:
            self._assign(core, pick, now)

    def _preempt(self, now: int) -> int | None:
        """Preempt a running process, if the policy names one. Return its core."""
        running = self.charge_all(now)
        if self.switching is not None:
            running = self.switching.done(running, now)
        if not running and not self._per_core:  # PerCore notes the cores to be asked again
            return None
        loser = self.policy.loses(running)
        if loser is None:
            return None
        if loser not in running:
            raise PolicyError(tr("loses() named {loser!r}, which is not running", loser=loser))
        core = loser.core
        self.running[core] = None
        heappush(self.idle, core)
        if self.switching is not None:
            self.switching.leave(core, now)
        self._lose(loser, core, now, "preempted")
        return core

    def _let_go(self, now: int) -> None:
        """Take the cores from the processes that lost them and were not picked again."""
        for core, (process, why) in self._leaving.items():
            transition(process, RUNNING, READY, now, LOST[why] + core * ON_CORE, self._emit)
            process.core = -1
            self._stop(process, core)
        self._leaving.clear()

    def _assign(self, core: int, pick: Pick, now: int) -> None:
        """Give `core` to the picked process for the length of its slice."""
        try:
            process, asked = pick  # type: ignore[misc]
            state = process.state
        except (TypeError, ValueError, AttributeError):
            raise no_pick(pick, self.ready_count) from None
        start = now
        if state is not READY:  # it lost a core at this instant, and gets one again
            core = self._again(process, core, now)
        if process.state is READY:
            if self.switching is not None:
                start += self.switching.pay(process, core, now)
            transition(process, READY, RUNNING, start, DISPATCHED, self._emit)
            process.core = core
        length = process.grant(asked)
        process.charged_at, process.used_before = start, process.cpu_used
        self.ready_count -= 1
        self.running[core] = process
        self._run(process, core, start - now + length)

    def _again(self, process: Process, core: int, now: int) -> int:
        """Return the core it gets: if idle the one that it lost, on which its slice goes on."""
        lost = process.core
        if lost not in self._leaving:
            raise not_ready(process)
        if lost != core and lost in self.idle and not (self._per_core or self._pinned):
            self.idle.remove(lost)
            self.idle.append(core)
            heapify(self.idle)
            core = lost
        why = self._leaving.pop(lost)[1]
        if lost != core:
            transition(process, RUNNING, READY, now, LOST[why] + lost * ON_CORE, self._emit)
            process.core = -1
            self._stop(process, lost)
        return core
