"""A native run, which the operating system schedules: `dispatch: none`.

Before the run the workers are started, and put into their scheduling classes and on their cores.
Then the supervisor sleeps. Each worker arrives by its own timer, blocks for its I/O and ends by
itself. The kernel of this machine decides which worker runs.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from kernel.process.waits_for import WaitsFor
from kernel.workload import Workload
from real.cells import GAP
from real.host import probe, sched_classes
from real.host.cpus import Cpus
from real.host.privilege import punctual
from real.native.deadlock import DeadlockWatch
from real.native.observations import LoggedObservation
from real.native.pool import NativePool
from real.native.record import NativeRecord, record
from real.supervisor.conditions import Conditions
from real.supervisor.ending import Stopped
from real.supervisor.pool import LOG_BOUND
from real.supervisor.waiting import SupervisorWaiting
from timeline.record.assembly import RunFacts
from timeline.record.run import REAL, LifecycleEvent, Observation
from translation import mark

HEAD_START = 20_000_000  # ns from the last preparation to the epoch
HEAD_START_EACH = 2_000_000  # ns more for each worker: each wakes once before the run
SUPERVISOR = "supervisor"
LOOK_EVERY = 250_000_000  # ns between two looks at the logs
UNPRIVILEGED = mark(
    "none: other programs on these cores are as important as the run's (run as root)"
)


class NativeRun:
    """The parts of one run. The operating system schedules its workers."""

    answer_limit = None  # the policy is not asked: Linux decides

    def __init__(self, workload: Workload, cpus: Cpus, progress: Callable[[int], None]) -> None:
        """`progress` gets the number of programs that have ended."""
        self.pool = NativePool(workload, cpus)
        self._workload, self._cpus, self._progress = workload, cpus, progress
        self._granted: list[str] = []  # privileges before the run, in words
        self._epoch = 0  # absolute ns
        self._ended_at = 0  # ns of the run
        self._deadlock: list[WaitsFor] = []  # which process waits for ever, and for which
        self._said: list[LoggedObservation] = []

    def make_warm_up(self) -> Callable[[], None]:
        """Return a function that does nothing: this supervisor makes no decisions."""
        return lambda: None

    def start(self) -> None:
        """Start the workers, and put them on their cores and into their scheduling classes.

        Raises UsageError, MultiprogError or OSError for what this machine refuses.
        """
        self._granted = self.pool.start()
        self.pool.take_places()

    @contextlib.contextmanager
    def privileges(self) -> Iterator[list[str]]:
        """Make the supervisor punctual if it has a processor of its own.

        Without one, its priority would disturb the workers. Yields what was granted, in words.
        """
        if not self._cpus.spare:
            yield self._granted
            return
        with punctual(self._cpus.spare) as granted:
            yield granted + self._granted

    def execute(self, waiting: SupervisorWaiting) -> str | None:
        """Run until the last program has ended. Return why it was stopped before that, if so."""
        head_start = HEAD_START + HEAD_START_EACH * len(self.pool.workers)
        self._epoch = time.monotonic_ns() + head_start
        try:
            self.pool.release(self._epoch)
            return self._wait(waiting)
        except Stopped as stopped:
            self._ended_at = max(0, time.monotonic_ns() - self._epoch)
            return stopped.why

    def _wait(self, waiting: SupervisorWaiting) -> str | None:
        """Wait until all workers have exited, or are in a deadlock. Return the deadlock in words.

        None: there is no deadlock. Raises Stopped if the run must end.
        """
        pool, watch = self.pool, DeadlockWatch(self.pool, self._workload)
        while (done := pool.finished()) < len(pool.threads):
            waiting.sleep(LOOK_EVERY, (), self._epoch)
            pool.drain_all()
            if (deadlock := watch.look()) is not None:
                pool.dismiss_finished()
                self._ended_at = deadlock.since - self._epoch
                self._deadlock = deadlock.graph
                return deadlock.words
            self._progress(done)
        self._ended_at = time.monotonic_ns() - self._epoch
        pool.dismiss_all()
        while pool.at_work:
            waiting.sleep(LOOK_EVERY, (), self._epoch)
        return None

    def close(self) -> None:
        """End all workers, and take what they have logged and observed."""
        self.pool.close()
        self._said = list(self.pool.objects.observations.said())

    def record(self, conditions: Conditions) -> RunFacts:
        """Return all that was measured. Call it when all workers are reaped."""
        workload, pool = self._workload, self.pool
        found = record(workload, self._cpus, pool.threads, self._epoch, self._ended_at)
        return RunFacts(
            REAL,
            workload,
            intervals=found.intervals,
            processes=found.facts,
            overheads=found.overheads,
            machine={
                "epoch_ns": self._epoch,
                "privilege": ", ".join(conditions.privilege) or UNPRIVILEGED,
                "linux": {
                    **probe.describe_scheduler(),
                    "base_slice_ns": sched_classes.base_slice(),
                    **({"cgroups": f"v{pool.cgroups.version}"} if pool.cgroups else {}),
                },
                "dispatch": found.dispatch,
                "resolution_ns": 2 * GAP,  # each of the two processes may see a switch late
                "log": {"coalesced": pool.coalesced(), "bound": LOG_BOUND},
            },
            stuck=[row.process for row in self._deadlock],
            deadlock=self._deadlock,
            lifecycle=None if workload.lifecycle is None else list(_lives(workload, found)),
            observations=sorted(self._observations()),
        )

    def _observations(self) -> Iterator[Observation]:
        for said in self._said:
            name = self._workload.processes[said.process].name
            yield Observation(said.at - self._epoch, name, said.name, said.value)

    def free(self) -> None:
        """Free what the workers shared."""
        self.pool.objects.close()
        self.pool.shared.close()


def _lives(workload: Workload, found: NativeRecord) -> Iterator[LifecycleEvent]:
    """Yield births, ends and reapings. A thread is born and reaped by its process."""
    for spec, fact in zip(workload.processes, found.facts, strict=True):
        by = workload.processes[spec.kinship.parent].name if spec.kinship.thread else SUPERVISOR
        yield LifecycleEvent(spec.arrival, "born", spec.name, by)
        if fact.completion is not None:
            yield LifecycleEvent(fact.completion, "exited", spec.name, spec.name)
            reaped = fact.completion if spec.kinship.thread else fact.reaped or fact.completion
            yield LifecycleEvent(reaped, "reaped", spec.name, by)
