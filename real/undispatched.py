"""A run that is left to the operating system: `dispatch: none`.

The workers are started and put into their classes and on their cores before it. Then the
supervisor sleeps: each worker comes at its arrival by its own timer, blocks for its I/O and ends by
itself, and the kernel of this machine decides who runs.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial

from kernel.workload import ProcessSpec, Workload
from real import classes, linux, probe, session
from real.alone import ASLEEP, FINISHED, Orders
from real.common import Common
from real.crew import Crew
from real.guardian import Guardian
from real.machine import LOG_BOUND
from real.privilege import punctual
from real.seen import Seen, record
from real.shared import GAP, LOG
from real.signals import Interruptions
from real.site import Site
from real.watch import Deadline, Stopped, Watch, disturbances
from timeline.describe import make_run
from timeline.run import REAL, Run

HEAD_START = 20_000_000  # ns from the last preparation to the start of the run
HEAD_START_EACH = 2_000_000  # and so much more for each worker, who all wake once before it
ALONE = 1_500_000  # ns at most for one of them to hear of the start, and sleep again
AHEAD = "this session ahead of others"
SOON = 50e-6  # seconds
LOOK_EVERY = 250_000_000  # ns between two looks at the logs
UNPRIVILEGED = "none: other programs on these cores are as important as the run's (run as root)"


class FreeCrew(Crew):
    """Workers that nobody dispatches."""

    dispatched = False

    def __init__(self, workload: Workload, site: Site) -> None:
        super().__init__(workload.processes, None, site)
        self._workload = workload
        self.ahead = False  # our session goes before others
        self.common = Common(workload.devices, multiprocessing.get_context("fork"))

    def _make_guardian(self) -> Guardian:
        """It puts our session back where it was, whatever becomes of us."""
        self._was = session.put_ahead()
        self.ahead = self._was is not None
        return Guardian(partial(session.put_back, self._was))

    def _orders(self, spec: ProcessSpec) -> Orders:
        several = len(self._site.cpus) > 1
        watching = bool(self._workload.scheduler.parameters.get("watching"))
        return Orders(self.common, spec.arrival, spec.period, several, spec.index, watching)

    def take_places(self) -> None:
        """Each on its cores and in its class, asleep. Raises UsageError for what is refused."""
        cpus = self._site.cpus
        for spec, worker in zip(self._workload.processes, self.workers, strict=True):
            if len(cpus) < len(os.sched_getaffinity(0)) or spec.cores is not None:
                own = range(len(cpus)) if spec.cores is None else spec.cores
                os.sched_setaffinity(worker.pid, [cpus[core] for core in own])
            classes.take(worker.pid, spec)

    def release(self, epoch: int) -> None:
        """The run begins at `epoch`, absolute ns.

        One is told after the other: who goes to sleep while others wait for the core would owe
        them something, or be owed, when it wakes at its arrival.
        """
        self.common.epoch = epoch
        for turn, worker in zip(self._turns, self.workers, strict=True):
            os.eventfd_write(turn, 1)
            until = time.monotonic_ns() + ALONE
            while not worker.cells[worker.row + ASLEEP] and time.monotonic_ns() < until:
                time.sleep(SOON)
            time.sleep(SOON)

    def finished(self) -> int:
        """How many programs are over."""
        return sum(self.shared.cells[worker.row + FINISHED] for worker in self.workers)

    def drain_all(self) -> None:
        """Take what all of them have logged. Raises Stopped if something is lost, or too much."""
        for worker in self.workers:
            if self.fill(worker) > LOG // 8:
                self.drain(worker)
        if lost := self.coalesced():
            raise Stopped(f"the log was full, and {lost} entries are lost")
        if sum(len(worker.stints) for worker in self.workers) > 2 * LOG_BOUND:
            raise Stopped(f"the log has reached its bound of {LOG_BOUND:,} running intervals")

    def close(self) -> None:
        """As for any crew, and what they shared."""
        super().close()
        self.common.close()


def run_free(
    workload: Workload, site: Site, until: Deadline, progress: Callable[[int], None]
) -> Run:
    """Run the workload with nobody to dispatch it. As `run_real`, which checks before."""
    crew = FreeCrew(workload, site)
    seen, stopped = Seen(tick=probe.tick_ns()), None
    linux.set_subreaper(True)
    try:
        with (
            Interruptions() as interruptions,
            closing(Watch(site, crew, interruptions, until, lambda: None)) as watch,
        ):
            try:
                crew.start()
                crew.take_places()
                with contextlib.ExitStack() as stack:
                    if site.spare:  # else its priority would be felt by those it leaves alone
                        seen.privilege = stack.enter_context(punctual(site.spare))
                    before = probe.steal_ns(site.cpus)
                    stopped = _wait(crew, watch, seen, progress)
                    seen.stolen = probe.steal_ns(site.cpus) - before
            finally:
                crew.close()
        run = _made(workload, site, crew, seen, stopped)
        run.machine = {**run.machine, **disturbances(watch)}
        return run
    finally:
        linux.set_subreaper(False)
        crew.shared.close()


def _wait(crew: FreeCrew, watch: Watch, seen: Seen, progress: Callable[[int], None]) -> str | None:
    """From the release of all until the last one is over. Returns why it was stopped, if so."""
    seen.epoch = time.monotonic_ns() + HEAD_START + HEAD_START_EACH * len(crew.workers)
    try:
        crew.release(seen.epoch)
        while (done := crew.finished()) < len(crew.workers):
            watch.sleep(LOOK_EVERY, (), seen.epoch)
            crew.drain_all()
            progress(done)
        seen.ended_at = time.monotonic_ns() - seen.epoch
        for worker in crew.workers:
            worker.dismiss(crew.aside)
        crew.hasten()
        while crew.at_work:
            watch.sleep(LOOK_EVERY, (), seen.epoch)
    except Stopped as stopped:
        seen.ended_at = max(0, time.monotonic_ns() - seen.epoch)
        return str(stopped)
    return None


def _made(workload: Workload, site: Site, crew: FreeCrew, seen: Seen, stopped: str | None) -> Run:
    found = record(workload, site, crew, seen)
    return make_run(
        REAL,
        workload,
        found.intervals,
        found.facts,
        machine={
            **probe.describe_host(site.cpus),
            "privilege": ", ".join(seen.privilege + [AHEAD] * crew.ahead) or UNPRIVILEGED,
            "linux": {**probe.describe_scheduler(), "base_slice_ns": classes.base_slice()},
            "dispatch": found.dispatch,
            "resolution_ns": 2 * GAP,  # neither of two may see that it gave way to the other
            "epoch_ns": seen.epoch,
            "steal_ns": seen.stolen,
            "log": {"coalesced": crew.coalesced(), "bound": LOG_BOUND},
        },
        overheads=found.overheads,
        stopped=stopped,
    )
