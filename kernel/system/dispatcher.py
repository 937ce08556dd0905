"""Who runs where: the policy asked, cores given and taken, slices charged and paid for.

The system says who became ready and whose slice is over; at the end of each instant free cores
pick. Whoever loses a core at an instant keeps it if the same core picks it again.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Protocol

from kernel.errors import PolicyError
from kernel.hardware import Costs
from kernel.process.control_block import Emit, Process, exchange, transition
from kernel.process.states import ON_CORE, READY, RUNNING, tag
from kernel.scheduling.explain import Decisions, Explained
from kernel.scheduling.per_core import PerCore
from kernel.scheduling.policy_errors import policy_errors_of
from kernel.workload import Workload

# tags of intervals that end, at core 0 where they have one
_DISPATCHED = tag(READY, "dispatched")
_LOST = {why: tag(RUNNING, why, core=0) for why in ("expired", "preempted", "yielded")}
_EXPIRED = _LOST["expired"]

FREE = Costs()

Pick = tuple[Process, int | None] | None
"""What a policy's `pick` returns."""


class Processors(Protocol):
    """What the cores need of a machine. All calls come from within `System.settle`."""

    def run(self, process: Process, core: int, length: int) -> None:
        """`process` has `core` for `length` ns from now; then its burst has ended or it expired.

        Called again for the process that is already there when its slice is extended. With costs
        the first part of it is the core's, as `spent` says.
        """

    def stop(self, process: Process, core: int) -> None:
        """`process` loses `core` against its will. A `run` of another may follow or precede."""

    def spent(self, core: int, start: int, end: int, why: str) -> None:
        """`core` is busy with itself from `start` to `end` ns: dispatch, switch or migration."""


class Dispatcher:
    """The cores of one run, and the policy that shares them out."""

    def __init__(
        self, workload: Workload, hardware: Processors, emit: Emit, *, costs: Costs, explain: bool
    ) -> None:
        self.policy_class = workload.scheduler.policy  # whose an exception in a policy is
        self.decisions = Decisions() if explain else None
        with policy_errors_of(self.policy_class):
            policies = [workload.scheduler.build() for _ in range(_queues(workload))]
            if self.decisions is not None:
                policies = [Explained(policy, self.decisions) for policy in policies]
            self._queues: PerCore | None = None
            if workload.scheduler.queues == "per-core":
                self._queues = PerCore(policies, workload.scheduler.balance)
            self.policy = self._queues or policies[0]
            self.policy.random = random.Random(workload.seed)
            self.policy.setup()
        wanted = self.policy.overrides
        self.told = "ran" in wanted  # who has left its core
        self.preempts = "loses" in wanted
        self.reviews = "next_review" in wanted
        self._may_idle = self.policy.may_idle

        self.can_turn = not (
            self._queues
            or self._may_idle
            or not costs.nothing
            or (self.preempts and workload.cores > 1)
        )
        self._run, self._stop, self._spent = hardware.run, hardware.stop, hardware.spent
        self._emit = emit
        self._costs = None if costs.nothing else costs
        self._ran_last: list[Process | None] = [None] * workload.cores

        self.running: list[Process | None] = [None] * workload.cores
        self._free = list(range(workload.cores))  # a heap: the lowest free core picks first
        self._ready = 0  # ready processes, leaving ones included
        self.contested = False  # must those who run be asked whether they give way?
        self._reviewed = False  # has the policy just looked again? loses() is asked then
        self._leaving: dict[int, tuple[Process, str]] = {}  # core: lost it, not yet replaced
        self.recheck_at: int | None = None  # ns, when a core that was being switched is done

    def enqueue(self, process: Process, why: str) -> None:
        """It has become ready."""
        self.policy.ready(process, why)
        self._ready += 1
        self.contested = self.preempts

    def vacate(self, core: int, now: int) -> Process:
        """The process on `core` has used up what it was granted, and is not on it any more."""
        process = self.running[core]
        assert process is not None
        self.running[core] = None
        heappush(self._free, core)
        rest = process.rest  # the books of a slice; a call for them would cost more than they do
        process.cpu_used += process.left - rest
        process.left = rest
        process.charged_at = now
        return process

    def leave(self, process: Process, why: str) -> None:
        """It is gone from its core of its own: tell the policy."""
        if self.told:
            self.policy.ran(process, process.ran_for, why)

    def expire(self, cores: list[int], now: int) -> None:
        """The slices of the processes on `cores` are over before their bursts are."""
        if len(cores) > 1:
            cores.sort()
        policy = self.policy
        for core in cores:  # `vacate` and `_lose`, written out: most slices end here
            process = self.running[core]
            assert process is not None
            self.running[core] = None
            heappush(self._free, core)
            rest = process.rest
            process.cpu_used += process.left - rest
            process.left = rest
            process.charged_at = process.ready_since = now
            if self.told:
                policy.ran(process, process.cpu_used - process.used_before, "expired")
            self._leaving[core] = process, "expired"
            policy.ready(process, "expired")
        self._ready += len(cores)
        self.contested = self.preempts
        cores.clear()

    def turn(self, core: int, now: int) -> None:
        """The slice on `core` is over, and nothing else has happened: `expire` and `dispatch`.

        Most instants are such, so they do not go through lists of who leaves and which cores are
        free: the core is given away as soon as its process is ready again. Only where `can_turn`.
        The machine is not told to `stop`: it has said itself that the slice is over.
        """
        if self._free:  # the lowest of them picks, as ever, whoever keeps which core
            self.expire([core], now)
            self.dispatch(now)
            return
        process = self.running[core]
        assert process is not None
        rest = process.rest  # written out, as in `expire` and `vacate`
        process.cpu_used += process.left - rest
        process.left = rest
        process.charged_at = process.ready_since = now
        policy = self.policy
        if self.told:
            policy.ran(process, process.cpu_used - process.used_before, "expired")
        policy.ready(process, "expired")
        follower, length = _checked(policy.pick(core), self._ready + 1)
        if follower is not process:
            if follower.state is not READY:
                raise PolicyError(f"pick() chose {follower!r}, which is not ready")
            exchange(process, follower, now, _EXPIRED + core * ON_CORE, _DISPATCHED, self._emit)
            follower.core, process.core = core, -1
            self.running[core] = follower
        follower.rest = follower.left - length
        follower.charged_at = now
        follower.used_before = follower.cpu_used
        self._run(follower, core, length)

    def withdraw(self, process: Process, now: int, why: str = "blocked") -> None:
        """It is suspended, or has "ended": it leaves its core, or the ready queue.

        Suspension is to its policy like waiting for I/O: it comes back by `ready`, "woke".
        """
        core = process.core
        if process.state is READY:
            self.policy.removed(process)
            self._ready -= 1
        elif core in self._leaving:  # it has just lost its core, and become ready
            del self._leaving[core]
            self.policy.removed(process)
            self._ready -= 1
            self._stop(process, core)
        else:
            self.charge_all(now, (core,))
            self.running[core] = None
            heappush(self._free, core)
            self.leave(process, why)
            self._stop(process, core)

    def charge_all(self, now: int, over: Sequence[int] = ()) -> list[Process]:
        """Bring the books of all that run up to date. Returns them, by core.

        A slice whose end has not been told still has at least 1 ns to go, except on cores `over`.
        """
        running = []
        for process in self.running:
            if process is not None:
                running.append(process)
                used = now - process.charged_at
                if used > 0:  # less: its core is still being switched to it
                    most = process.left - process.rest - (process.core not in over)
                    used = min(used, most)
                    process.left -= used
                    process.cpu_used += used
                    process.charged_at = now
        return running

    def review(self, now: int, over: Sequence[int]) -> None:
        """Let the policy look again. It may plan running slices anew, but not on the cores `over`.

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
                raise PolicyError(f"review() planned a slice of {process!r}, which is not running")
            self._plan(process, length, now)

    def _plan(self, process: Process, asked: int | None, now: int) -> None:
        """Let the process run for so many ns more in its slice (None: until its burst ends)."""
        _, length = _checked((process, asked), self._ready)
        process.rest = process.left - length
        begins = max(0, process.charged_at - now)  # its core may still be switched to it
        self._run(process, process.core, begins + length)

    def _lose(self, process: Process, core: int, now: int, why: str) -> None:
        """It loses its core, unless the same core picks it again at this instant."""
        if self.told:
            self.policy.ran(process, process.ran_for, why)
        process.ready_since = now
        self._leaving[core] = process, why
        self.policy.ready(process, why)
        self._ready += 1
        self.contested = self.preempts

    def dispatch(self, now: int) -> None:
        """Free cores pick, the lowest index first, after who must give way has been decided."""
        if self.contested:
            if self._ready or self._may_idle or self._reviewed:
                self._contend(now)
        elif not (self._ready and self._free):
            return
        elif self._queues:
            self._share_out(self._queues, now)
        else:
            self._fill(now)
        if self._leaving:
            self._let_go(now)
        # not earlier: only now each process that lost its core is ready
        self.contested = self._reviewed = False

    def _fill(self, now: int) -> None:
        """Free cores pick, one after the other."""
        free, pick = self._free, self.policy.pick
        while True:
            core = heappop(free)
            picked = pick(core)
            if picked is None and self._may_idle:
                heappush(free, core)
                return
            self._assign(core, picked, now)
            if not (free and self._ready):
                return

    def _contend(self, now: int) -> None:
        """Who runs next is decided for all cores before the first of them is given away."""
        if self._queues:
            self._share_out(self._queues, now)
            return
        free = self._free
        if not free and self._preempt(now) is None:
            return
        pick = self.policy.pick
        picks = [pick(core) for core in sorted(free)[: self._ready]]
        while self._may_idle or self._reviewed or self._ready > len(picks):
            core = self._preempt(now)
            if core is None:
                break
            picks.append(pick(core))
        for picked in self._made(picks):
            self._assign(heappop(free), picked, now)

    def _let_go(self, now: int) -> None:
        """They have lost their cores, and have not been given them back."""
        for core, (process, why) in self._leaving.items():
            transition(process, RUNNING, READY, now, _LOST[why] + core * ON_CORE, self._emit)
            process.core = -1
            self._stop(process, core)
        self._leaving.clear()

    def _made(self, picks: list[Pick]) -> list[Pick]:
        """The picks without those of a policy that leaves a core idle, if it may."""
        return [pick for pick in picks if pick is not None] if self._may_idle else picks

    def _share_out(self, queues: PerCore, now: int) -> None:
        """The same with a queue per core: each core gets what it picked itself, or stole."""
        queues.even_out()
        while self.contested and self._preempt(now) is not None:
            pass
        queues.even_out()
        queues.decided()
        picks = [(core, queues.pick(core)) for core in queues.eager(self._free)]
        if self._may_idle:
            picks = [(core, pick) for core, pick in picks if pick is not None]
        idle = sorted(set(self._free).difference(core for core, _ in picks))
        if self._ready > len(picks):
            picks += [(core, pick) for core in idle if (pick := queues.steal(core)) is not None]
        self._free = sorted(set(idle).difference(core for core, _ in picks))
        for core, pick in picks:
            self._assign(core, pick, now)

    def _preempt(self, now: int) -> int | None:
        """Take the core of the running process that must give way to the best ready, if any."""
        running = self.charge_all(now)
        if self._costs is not None:
            running = self._switched(running, now)
        if not running and not self._queues:  # these want to know whom they could not ask about
            return None
        loser = self.policy.loses(running)
        if loser is None:
            return None
        if loser not in running:
            raise PolicyError(f"loses() named {loser!r}, which is not running")
        core = loser.core
        self.running[core] = None
        heappush(self._free, core)
        self._lose(loser, core, now, "preempted")
        return core

    def _switched(self, running: list[Process], now: int) -> list[Process]:
        """Those whose cores have been switched to them; the others are looked at when they are."""
        later = [process.charged_at for process in running if process.charged_at > now]
        if later:
            self.recheck_at = min(later)
        return [process for process in running if process.charged_at <= now]

    def _assign(self, core: int, pick: Pick, now: int) -> None:
        """Give `core` to the picked process for at most so long (None: until its burst ends)."""
        process, length = _checked(pick, self._ready)
        start = now
        if process.state is not READY:  # it has just lost a core, and gets one at once
            core = self._again(process, core, now)
        if process.state is READY:
            if self._costs is not None:
                start += self._pay(process, core, now)
            transition(process, READY, RUNNING, start, _DISPATCHED, self._emit)
            process.core = core
        process.rest = process.left - length
        process.charged_at = start
        process.used_before = process.cpu_used
        self._ready -= 1
        self.running[core] = process
        self._run(process, core, start - now + length)

    def _again(self, process: Process, core: int, now: int) -> int:
        """The core that it gets: the one it lost, if nobody else wants that; its slice goes on."""
        lost = process.core
        if lost not in self._leaving:
            raise PolicyError(f"pick() chose {process!r}, which is not ready")
        if lost != core and lost in self._free and not self._queues:
            self._free.remove(lost)
            self._free.append(core)
            heapify(self._free)
            core = lost
        why = self._leaving.pop(lost)[1]
        if lost != core:
            transition(process, RUNNING, READY, now, _LOST[why] + lost * ON_CORE, self._emit)
            process.core = -1
            self._stop(process, lost)
        return core

    def _pay(self, process: Process, core: int, now: int) -> int:
        """What giving `core` to `process` costs, ns, before it runs."""
        assert self._costs is not None
        last, moved = self._ran_last[core], process.last_core not in (-1, core)
        self._ran_last[core], process.last_core = process, core
        at = now
        for why, cost in (
            ("dispatch", self._costs.dispatch),
            ("switch", self._costs.switch * (last not in (None, process))),
            ("migration", self._costs.migration * moved),
        ):
            if cost:
                self._spent(core, at, at + cost, why)
                at += cost
        return at - now


def _checked(pick: Pick, ready: int) -> tuple[Process, int]:
    """Who was picked, and for how long (ns): not beyond its burst. `ready`: how many could be."""
    try:
        process, length = pick  # type: ignore[misc]
        left = process.left
    except (TypeError, ValueError, AttributeError):
        raise PolicyError(
            f"pick() must return (process, length) while {ready} are ready, not {pick!r}"
        ) from None
    if length is None:
        return process, left
    if type(length) is not int or length < 1:
        raise PolicyError(
            f"pick() gave {process.name} {length!r} ns; a slice is a whole number of ns, "
            "at least 1, or None"
        )
    return process, length if length < left else left


def _queues(workload: Workload) -> int:
    return workload.cores if workload.scheduler.queues == "per-core" else 1
