"""The feeder threads of queues: a `put` returns at once, and a thread writes into the pipe.

A plain program's feeder has written some 0.1 ms after the `put`. A worker may be stopped before
that, and its feeder with it. So a worker goes on only when its feeder sleeps: all is written, or
the pipe is full. When a reader has made room, the supervisor lets the feeders of stopped workers
write until they sleep again. The main thread of such a worker may run meanwhile, if it does not
sleep; that time is counted as time out of turn.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from real.host.asleep import LOOKS, SleepWatch, thread_of
from real.host.leftovers import wait_readable
from real.host.time_limits import TimeLimit
from real.lifecycle.worker_handle import LifecycleWorkerHandle

PAUSE = 50e-6  # seconds between two looks at a feeder
LIMIT = 20.0  # seconds for a feeder to fall asleep, on a busy machine


def await_feeder(queue: Any) -> bool:
    """Wait until this process's feeder for `queue` sleeps. Return whether it has more to write.

    It is called in the worker, after a `put`. A SimpleQueue has no feeder.
    """
    thread: Any = getattr(queue, "_thread", None)
    if thread is None:
        return False
    before, same = None, 0
    while same < LOOKS:
        now = thread_of(os.getpid(), thread.native_id)
        same = same + 1 if now == before and now[0] == "S" else 0
        before = now
        time.sleep(PAUSE)  # it gives the feeder the interpreter lock
    return bool(vars(queue)["_buffer"]) or not _is_idle(queue)


def _is_idle(queue: Any) -> bool:
    """Return whether the feeder waits for the next value: no process holds the writing lock."""
    lock = vars(queue)["_wlock"]
    if lock is None or not lock.acquire(block=False):
        return False
    lock.release()
    return True


def let_feed(worker: LifecycleWorkerHandle) -> int:
    """Let the feeders of a worker write until they sleep again. Return for how many ns it ran."""
    watch, main = SleepWatch(worker.pid), str(worker.pid)
    watch.is_asleep()
    ran = 0
    if worker.stopped:
        os.kill(worker.pid, signal.SIGCONT)
    limit = TimeLimit(LIMIT)
    while not watch.is_asleep(without=main) and not limit.is_over():
        if wait_readable([worker.death], 0):  # it has waited for its feeder at its end
            return ran
        time.sleep(PAUSE)
        ran += watch.ran_since()[0]
    if worker.stopped:
        os.kill(worker.pid, signal.SIGSTOP)
        worker.await_stop()
    return ran
