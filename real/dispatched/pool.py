"""The pool of the workers that the supervisor dispatches: each is forked and waits for its turn."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Sequence

from kernel.process.spec import ProcessSpec
from real.cells import SharedCells
from real.dispatched.partitions import Partitions
from real.dispatched.worker_handle import WorkerHandle
from real.host import session
from real.host.cpus import Cpus
from real.memory.physical import PhysicalMemory
from real.supervisor.pool import Pool
from real.worker.assignment import Assignment
from real.worker.process import work
from translation import mark

LINGER = 300_000  # ns that a worker keeps its core awake after a burst, with a spare processor
AHEAD = -20  # the nice value of workers, if the system allows it
AHEAD_OF_ALL = mark("workers ahead of others")
AHEAD_WITHIN = mark("workers ahead of others of this session")


class DispatchedPool(Pool):
    """One worker for each process of the scenario, and the partitions of their programs."""

    workers: Sequence[WorkerHandle]

    def __init__(
        self,
        specs: Sequence[ProcessSpec],
        memory: PhysicalMemory | None,
        cpus: Cpus,
        shared: SharedCells | None = None,
    ) -> None:
        """`shared` has a row for each process, and a last row for the swapper."""
        super().__init__(SharedCells(len(specs) + 1) if shared is None else shared, cpus)
        self.workers = ()
        self._specs = specs
        self._turns: list[int] = []
        self.partitions = (
            None if memory is None else Partitions(memory, self.shared, len(specs), self.bell)
        )
        if self.partitions is not None and self.partitions.swapper is not None:
            self.helpers.append(self.partitions.swapper)

    @property
    def linger(self) -> int:
        """Return how long a worker keeps its core awake after a burst, ns.

        It is 0 if the supervisor has no processor of its own, as it then needs a worker's.
        """
        return LINGER if self._cpus.spare else 0

    def start(self) -> None:
        """Fork all workers, and wait until each of them waits for its first turn.

        Raises MultiprogError if a worker dies or takes too long.
        """
        context = multiprocessing.get_context("fork")
        self._start_swapper()
        for spec in self._specs:
            self._turns.append(os.eventfd(0, os.EFD_SEMAPHORE | os.EFD_CLOEXEC))
            worker = WorkerHandle(spec.index, spec.name, self.shared, self._turns[-1])
            assignment = self._assignment(spec, self._turns[-1])
            worker.has_partition = assignment.memory is not None
            worker.fork(context, work, assignment)
            self.workers = (*self.workers, worker)
            self.enrol(worker)
        self.await_parking()
        self._take_places()

    def _assignment(self, spec: ProcessSpec, turn: int) -> Assignment:
        memory = None if self.partitions is None else self.partitions.memory
        return Assignment(
            index=spec.index,
            program=spec.program,
            shared=self.shared,
            turn=turn,
            bell=self.bell,
            guardian=self.guardian,
            memory=memory if spec.memory else None,
            workers=len(self._specs),
            linger=self.linger,
            loaded=spec.memory,
            aborts=spec.aborts,
        )

    def _start_swapper(self) -> None:
        swapper = None if self.partitions is None else self.partitions.swapper
        if swapper is not None:
            swapper.start(self.guardian, self.aside)
            self.watch(swapper)

    def _take_places(self) -> None:
        """Move each worker to the processors where it waits for its first turn.

        These are the processors aside. A program is loaded there, too. With a single core, a worker
        without memory waits on that core, so that its first dispatch needs no migration.
        """
        for spec, worker in zip(self._specs, self.workers, strict=True):
            if len(self._cpus.cores) == 1 and not spec.memory:
                worker.pin(self._cpus.cores[0])
            else:
                os.sched_setaffinity(worker.pid, self.aside)

    def put_ahead(self) -> list[str]:
        """Give the workers a better nice value than programs outside the scenario have, if allowed.

        At most one worker is runnable on a core, so it changes nothing between workers. Return what
        was granted, in words. Where sessions share the cores, a nice value counts only within one
        session. A worker that another worker starts later inherits the value.
        """
        granted = self.put_session_ahead()
        try:
            for worker in self.workers:
                if worker.lives:
                    os.setpriority(os.PRIO_PROCESS, worker.pid, AHEAD)
        except PermissionError:
            return granted
        within = session.shares_cores() and not granted
        return [*granted, AHEAD_WITHIN if within else AHEAD_OF_ALL]

    def close(self) -> None:
        """End all workers, and close the eventfds by which they got their turns."""
        super().close()
        for fd in self._turns:
            os.close(fd)
