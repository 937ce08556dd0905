"""A queue and a policy object for each core, and the balancing between these queues.

To the system it is one policy. Each core's own policy sees only the processes in its queue, and
needs to know nothing of cores, of pinning or of balancing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kernel.errors import PolicyError
from kernel.process.control_block import Process
from kernel.scheduling.balance import Balance
from kernel.scheduling.policy import Policy
from translation import tr


class PerCore(Policy):
    """The union of one policy object for each core.

    `balance`: "none", "steal" (an idle core takes a waiting process) or "push" (the most loaded
    core gives one away).
    """

    def __init__(self, policies: Sequence[Policy], balance: str) -> None:
        self._policies = list(policies)
        self._steals, self._pushes = balance == "steal", balance == "push"
        cores = range(len(policies))
        self._waiting: list[dict[Process, None]] = [{} for _ in cores]  # in the order of joining
        self._queued: set[int] = set()  # cores in whose queues a process waits
        self._load = [0 for _ in cores]  # processes ready or running
        self._reviews: list[int | None] = [None for _ in cores]
        self.grown: set[int] = set()
        """Cores whose policies are asked for a preemption: their queues have grown at this instant,
        or the processes on them have lost a priority."""
        self._reviewed: set[int] = set()  # cores whose review() was called at this instant
        self._unasked: set[int] = set()  # cores that were being switched when loses() was asked
        self._touched: set[int] = set()  # cores whose next review may have changed
        self._uneven = False  # a process came or went since the loads were evened out
        self._periodic: Balance | None = None
        first = policies[0]
        self.rule, self.tie_rule = first.rule, first.tie_rule  # type: ignore[misc]
        self.may_idle = first.may_idle

    @property
    def overrides(self) -> frozenset[str]:
        own = {"ran", "loses"} if self._pushes else {"ran"}  # evens out even if no core is idle
        return self._policies[0].overrides | own

    def setup(self) -> None:
        common: dict[Any, Any] = {}
        for policy in self._policies:
            policy.random = self.random
            policy.setup()
            policy.between_cores(common)
        if (self._steals or self._pushes) and "removed" not in self._policies[0].overrides:
            kind = type(self._policies[0]).__name__
            raise PolicyError(
                tr(
                    "{policy} must have a method removed(self, process) to be balanced",
                    policy=kind,
                )
            )
        if self._steals:
            self._periodic = self._policies[0].periodic_balance(len(self._policies))

    # -- what the system calls -------------------------------------------------------------------

    def ready(self, process: Process, why: str) -> None:
        if process.home < 0:
            process.home = min(self._allowed(process), key=self._load.__getitem__)
        elif why in ("woke", "released") and self._load[process.home] and self._seeks(process):
            idle = (core for core in self._allowed(process) if not self._load[core])
            process.home = next(idle, process.home)
        if why not in ("expired", "preempted", "yielded"):  # of these it is still counted
            self._load[process.home] += 1
        self._uneven = True
        self._join(process, why)

    def pick(self, core: int) -> tuple[Process, int | None] | None:
        pick = self._at(core).pick(core)
        if pick is not None:
            self._forget(pick[0], core)
        return pick

    def decided(self) -> None:
        """Note that the preemptions are decided: a process that joins a queue now preempts none."""
        self.grown.clear()
        self._reviewed.clear()

    def eager(self, free: Sequence[int]) -> list[int]:
        """Return the idle cores in whose queues a process is ready, the lowest first."""
        return sorted(self._queued.intersection(free))

    def ran(self, process: Process, duration: int, why: str) -> None:
        self._at(process.home).ran(process, duration, why)
        if why not in ("expired", "preempted", "yielded"):
            self._load[process.home] -= 1
            self._uneven = True

    def loses(self, running: Sequence[Process]) -> Process | None:
        on = {process.core: process for process in running}
        for core in sorted(self.grown | self._reviewed | self._unasked):
            asks = self._waiting[core] or self.may_idle or core in self._reviewed
            if core in on and asks:
                loser = self._at(core).loses([on[core]])
                if loser is not None:
                    return loser
            self.grown.discard(core)
            self._reviewed.discard(core)
            self._unasked.discard(core)
            if core not in on and self._load[core] > len(self._waiting[core]):
                self._unasked.add(core)  # the core is being switched to a process
        return None

    def review(self) -> dict[Process, int | None]:
        planned: dict[Process, int | None] = {}
        for core, at in enumerate(self._reviews):
            if at is not None and at <= self.now:
                planned.update(self._at(core).review() or {})
                self._reviewed.add(core)
        if self._periodic is not None and self._queued:
            self._look_around(self._periodic)
        return planned

    def next_review(self) -> int | None:
        for core in self._touched:
            self._reviews[core] = self._at(core, asks=True).next_review()
        self._touched.clear()
        times = [at for at in self._reviews if at is not None]
        if self._periodic is not None and self._queued:
            times.append(self._periodic.next_look(self.now))
        return min(times, default=None)

    def removed(self, process: Process) -> None:
        self._leave(process)
        self._load[process.home] -= 1

    def keys(self, process: Process) -> dict[str, object]:
        return dict(self._at(process.home, asks=True).keys(process))

    # -- queues ----------------------------------------------------------------------------------

    def _at(self, core: int, *, asks: bool = False) -> Policy:
        """Return the policy of `core` with its `now` set.

        Unless the caller only `asks`, the policy may change its next review: it is asked again.
        """
        policy = self._policies[core]
        policy.now = self.now
        if not asks:
            self._touched.add(core)
        return policy

    def _seeks(self, process: Process) -> bool:
        if not (self._steals or self._pushes):  # balance "none": no process leaves its queue
            return False
        return self._at(process.home, asks=True).seeks_idle_core(process)

    def _allowed(self, process: Process) -> Sequence[int]:
        return range(len(self._policies)) if process.cores is None else process.cores

    def _join(self, process: Process, why: str) -> None:
        self._at(process.home).ready(process, why)
        self._waiting[process.home][process] = None
        self._queued.add(process.home)
        self.grown.add(process.home)

    def _leave(self, process: Process) -> None:
        self._at(process.home).removed(process)
        self._forget(process, process.home)

    def _forget(self, process: Process, core: int) -> None:
        """Note that a process does not wait in the queue of `core` any more."""
        del self._waiting[core][process]
        if not self._waiting[core]:
            self._queued.discard(core)

    # -- balance ---------------------------------------------------------------------------------

    def _move(self, process: Process, core: int) -> None:
        self._leave(process)
        self._load[process.home] -= 1
        process.home = core
        self._load[core] += 1
        self._join(process, "migrated")

    def _first_for(self, core: int, of: int) -> Process | None:
        """Return the process that has waited longest at the core `of` and may run on `core`."""
        able: Iterable[Process] = (p for p in self._waiting[of] if core in self._allowed(p))
        if self.may_idle:
            able = filter(self._at(of, asks=True).may_run, able)
        return next(iter(able), None)

    def steal(self, core: int) -> tuple[Process, int | None] | None:
        """Return the pick of a core that would idle after all have picked from their own queues."""
        if self._steals:
            for victim in sorted(self._queued, key=lambda at: (-len(self._waiting[at]), at)):
                process = self._first_for(core, victim)
                if process is not None:
                    self._move(process, core)
                    return self.pick(core)
        return None

    def _look_around(self, balance: Balance) -> None:
        """Let each core whose time has come take processes from the core with the largest load."""
        for core in list(balance.due(self.now)):
            if not self._load[core]:
                continue  # an idle core takes what waits as soon as it is idle
            loads = [self._at(each, asks=True).load for each in range(len(self._policies))]
            others = [each for each in self._queued if each != core]
            busiest = min(others, key=lambda each: (-loads[each], each), default=core)
            policy = self._at(busiest, asks=True)
            able = [
                (process, policy.load_of(process))
                for process in self._waiting[busiest]
                if core in self._allowed(process) and policy.may_run(process)
            ]
            taken = list(balance.taken(core, loads, busiest, able, self.now))
            for process in taken:
                self._move(process, core)
            balance.looked(core, self.now, moved=bool(taken))

    def even_out(self) -> None:
        """Push processes, if the balance is "push" and a process has come or gone."""
        while self._pushes and self._uneven and self._push():
            pass
        self._uneven = False

    def _push(self) -> bool:
        """Move one process from a more to a less loaded core, if their loads are two apart."""
        cores = range(len(self._policies))
        for giver in sorted(cores, key=lambda core: -self._load[core]):
            for taker in sorted(cores, key=self._load.__getitem__):
                if self._load[giver] - self._load[taker] < 2:
                    break
                process = self._first_for(taker, giver)
                if process is not None:
                    self._move(process, taker)
                    return True
        return False
