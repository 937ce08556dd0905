"""A comparison could have come out otherwise: with a rule broken on purpose it ends in disagree.

The rules are broken in this process, where the model is computed and the real run is supervised.
The workers, and the exported program, do not know the rules: they are CPython's own.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import cli
from kernel.lifecycle.calls import process_objects
from kernel.lifecycle.calls.shared_objects import SharedObjects
from kernel.lifecycle.semantics import Semantics
from kernel.lifecycle.signals import Signals
from kernel.lifecycle.sync.actor import Actor
from kernel.lifecycle.sync.executor import BROKEN as BROKEN_POOL
from kernel.lifecycle.sync.executor import Executor
from kernel.lifecycle.sync.pool import Outcome
from kernel.lifecycle.sync.semaphore import Semaphore
from kernel.lifecycle.sync.waiting import Steps, Wait
from kernel.process.control_block import Process
from tests import paths
from tests.effort import portion

pytestmark = pytest.mark.real

Patch = pytest.MonkeyPatch


def queue_lock_released_on_kill(patch: Patch) -> None:
    """A process that dies releases the read lock of a queue, as tidy rules would have it."""
    ended = Semantics.ended

    def tidy(self: Semantics, index: int) -> None:
        ended(self, index)
        for queue in self.objects.queues.values():
            for holder in [each for each in queue.read_lock.holders if each.process == index]:
                queue.read_lock.release(holder)

    patch.setattr(Semantics, "ended", tidy)


def barrier_waiter_not_counted(patch: Patch) -> None:
    """A process that dies at a barrier is counted no longer, and is no sleeper."""
    ended = Semantics.ended

    def tidy(self: Semantics, index: int) -> None:
        ended(self, index)
        for barrier in self.objects.barriers.values():
            for sleeper in [each for each in barrier.condition.sleepers if each.process == index]:
                barrier.count -= 1
                barrier.condition.sleepers.remove(sleeper)
                barrier.condition.sleeping_count.try_acquire(sleeper)

    patch.setattr(Semantics, "ended", tidy)


def lock_handed_over(patch: Patch) -> None:
    """A lock that is released belongs to the process that has waited longest, from then on."""

    def left_over(self: Semaphore) -> bool:
        return self.value > len(self.line.woken)

    def acquire(self: Semaphore, actor: Actor, timeout: int | None = None) -> Steps:
        if not left_over(self) and not (yield Wait(self, timeout)):
            return False
        return self.try_acquire(actor)

    patch.setattr(Semaphore, "possible", left_over)
    patch.setattr(Semaphore, "acquire", acquire)


def dead_at_once_after_terminate(patch: Patch) -> None:
    """A signal acts at once: is_alive() is false after terminate()."""

    def send(self: Signals, victim: Process, number: int) -> None:
        self.act(victim, number)

    patch.setattr(Signals, "send", send)


def child_has_new_locks(patch: Patch) -> None:
    """A forked process begins with locks of its own that are free."""
    patch.setattr(SharedObjects, "copy_own_locks", lambda *_: None)


def lambdas_are_picklable(patch: Patch) -> None:
    """A lambda is sent to a spawned child like any function."""
    patch.setattr(process_objects, "local_name", lambda _kind, _name: None)


def lost_task_is_an_error(patch: Patch) -> None:
    """The task of a worker that has died is an error, as that of an executor."""
    ended = SharedObjects.ended

    def tidy(self: SharedObjects, process: int) -> None:
        for pool in self.pools.values():
            for job, place in [task for task, worker in pool.taken.items() if worker == process]:
                pool.set(Outcome(job, place, False, "BrokenProcessPool"))
        ended(self, process)

    patch.setattr(SharedObjects, "ended", tidy)


def dead_worker_fails_its_own_task_alone(patch: Patch) -> None:
    """A worker of an executor that dies takes its own task along, and breaks nothing else."""

    def fail(self: Executor) -> None:
        for (job, place), worker in list(self.taken.items()):
            if self.staff.is_lost(worker):
                self.set(Outcome(job, place, False, BROKEN_POOL))

    patch.setattr(Executor, "fail", fail)


BROKEN: dict[str, Callable[[Patch], None]] = {
    "killed-consumer": queue_lock_released_on_kill,
    "killed-at-barrier": barrier_waiter_not_counted,
    "who-gets-the-lock": lock_handed_over,
    "look-after-terminate": dead_at_once_after_terminate,
    "fork-copies-locks": child_has_new_locks,
    "lambda-as-target": lambdas_are_picklable,
    "pool-killed-worker": lost_task_is_an_error,
    "executor-that-breaks": dead_worker_fails_its_own_task_alone,
}


@pytest.fixture
def scenario(request: pytest.FixtureRequest, monkeypatch: Patch) -> Path:
    """A shipped scenario, under rules of which one is broken."""
    BROKEN[request.param](monkeypatch)
    return paths.LESSONS / "life" / f"{request.param}.yaml"


@pytest.mark.parametrize("scenario", portion(list(BROKEN)), indirect=True)
def test_a_broken_rule_makes_the_runs_disagree(
    scenario: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = cli.main(["compare", str(scenario)])
    assert "Verdict: disagree" in capsys.readouterr().out
    assert status == 1
