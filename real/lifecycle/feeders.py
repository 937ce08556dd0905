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
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from typing import Any

from real.host.asleep import LOOKS, SleepWatch, ran_between, thread_of, threads_of
from real.host.leftovers import wait_readable
from real.host.time_limits import TimeLimit
from real.lifecycle.worker_handle import LifecycleWorkerHandle

AFTER_FEEDERS = -100
"""The priority of what is done at the end of a process: CPython joins feeders at -5."""
PAUSE = 50e-6  # seconds between two looks at a feeder
LIMIT = 20.0  # seconds for a feeder to fall asleep, on a busy machine


def await_feeder(queue: Any) -> bool:
    """Wait until this process's feeder for `queue` sleeps. Return whether it has more to write.

    It is called in the worker, after a `put` into a queue that has a feeder.
    """
    thread: Any = vars(queue)["_thread"]
    before, same = None, 0
    while same < LOOKS:
        now = thread_of(os.getpid(), thread.native_id)
        same = same + 1 if now == before and now[0] == "S" else 0
        before = now
        time.sleep(PAUSE)  # it gives the feeder the interpreter lock
    return bool(vars(queue)["_buffer"]) or not _is_idle(queue)


def await_other_threads() -> None:
    """Wait until all other threads of this process sleep: those of a pool have done their work."""
    watch, mine = SleepWatch(os.getpid()), str(threading.get_native_id())
    while not watch.is_asleep(without=mine):
        time.sleep(PAUSE)  # it gives them the interpreter lock


def _is_idle(queue: Any) -> bool:
    """Return whether the feeder waits for the next value: no process holds the writing lock."""
    lock = vars(queue)["_wlock"]
    if lock is None or not lock.acquire(block=False):
        return False
    lock.release()
    return True


def hold_at_end(wait: Callable[[], None]) -> None:
    """Let this process call `wait` at its end, when its feeders have written all.

    A process that waits for its feeder at its end needs a core to end after that.
    """
    Finalize(None, wait, exitpriority=AFTER_FEEDERS)


def let_feed(worker: LifecycleWorkerHandle) -> int:
    """Let the feeders of a worker write until they sleep again. Return for how many ns it ran."""
    watch, before = SleepWatch(worker.pid), threads_of(worker.pid)
    busy = str(worker.pid) if worker.in_call is None else None  # the main thread may compute
    watch.is_asleep(without=busy)
    if worker.stopped:
        os.kill(worker.pid, signal.SIGCONT)
    limit = TimeLimit(LIMIT)
    while not watch.is_asleep(without=busy) and not limit.is_over():
        if wait_readable([worker.death], 0):
            break
        time.sleep(PAUSE)
    if worker.stopped:
        os.kill(worker.pid, signal.SIGSTOP)
        worker.await_stop()
    return ran_between(before, threads_of(worker.pid))
