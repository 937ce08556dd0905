"""A shortcut for an instant at which nothing happens but the expiry of one slice.

Most instants of a time-sharing policy are of this kind. The ordinary way (`Dispatcher.expire`, then
`Dispatcher.dispatch`) notes the lost core, lets each idle core pick, and then finds the processes
that did not get their cores back. The shortcut gives the one core away at once. A run of round
robin takes about a fifth less time by it (docs/performance.md). `tests/sim/test_shorter_way.py`
checks that both ways make the same record. A reader may skip this file: `possible` could always
return False.
"""

from __future__ import annotations

from kernel.hardware import Costs
from kernel.process.control_block import Emit, exchange
from kernel.process.states import ON_CORE, READY
from kernel.system.dispatcher import DISPATCHED, LOST, Dispatcher
from kernel.system.hardware import Processors
from kernel.system.picks import no_pick, not_ready
from kernel.workload import Workload


def possible(workload: Workload, dispatcher: Dispatcher, costs: Costs) -> bool:
    """Return whether the shortcut has the same result as the ordinary way.

    It has not if another core may take the process or be preempted at the same instant, if a core
    may stay idle, or if a dispatch takes time.
    """
    contested_elsewhere = dispatcher.preempts and workload.cores > 1
    own_queues = workload.scheduler.queues == "per-core"
    may_idle = dispatcher.policy.may_idle or workload.scheduler.pinned
    return not (own_queues or may_idle or contested_elsewhere) and costs.nothing


class LoneExpiry:
    """The shortcut, where it is `possible`."""

    def __init__(self, dispatcher: Dispatcher, processors: Processors, emit: Emit) -> None:
        self._dispatcher = dispatcher
        self._policy, self._tells_ran = dispatcher.policy, dispatcher.tells_ran
        self._running, self._idle = dispatcher.running, dispatcher.idle
        self._run, self._emit = processors.run, emit
        self._expired_on = [LOST["expired"] + core * ON_CORE for core in range(len(self._running))]

    def take(self, core: int, now: int) -> None:
        """Make the process on `core`, whose slice is over, ready again, and dispatch the next one.

        The machine is not told to `stop`: it has itself reported that the slice is over.
        """
        if self._idle:  # the lowest of the idle cores picks first
            self._dispatcher.expire([core], now)
            self._dispatcher.dispatch(now)
            return
        process = self._running[core]
        assert process is not None
        process.charge(process.left - process.rest, now)
        process.ready_since = now
        policy = self._policy
        if self._tells_ran:
            policy.ran(process, process.cpu_used - process.used_before, "expired")
        policy.ready(process, "expired")
        pick = policy.pick(core)
        try:
            follower, asked = pick  # type: ignore[misc]
            state = follower.state
        except (TypeError, ValueError, AttributeError):
            raise no_pick(pick, self._dispatcher.ready_count + 1) from None
        if follower is not process:
            if state is not READY:
                raise not_ready(follower)
            exchange(process, follower, now, self._expired_on[core], DISPATCHED, self._emit)
            follower.core, process.core = core, -1
            self._running[core] = follower
        length = follower.grant(asked)
        follower.charged_at, follower.used_before = now, follower.cpu_used
        self._run(follower, core, length)
