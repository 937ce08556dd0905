"""Small plain programs, each of which shows one rule of multiprocessing. They need only Python.

    python benchmarks/cpython_rules.py killed_in_get

The program prints one line. `benchmarks.cpython` runs each of them many times, and compares the
line with what `docs/process-life.md` says.
"""

from __future__ import annotations

import atexit
import fcntl
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

FORK = multiprocessing.get_context("fork")
SPAWN = multiprocessing.get_context("spawn")
ASLEEP = 0.3  # s after which a process that has said where it is surely waits there
HANGS = 1.0  # s after which a process that has not ended never will


def started(target: Callable[..., Any], *args: Any, daemon: bool = False) -> Any:
    """Return a forked process that calls `target`."""
    process = FORK.Process(target=target, args=args, daemon=daemon)
    process.start()
    return process


def quietly() -> None:
    """Print no traceback."""
    sys.stderr.close()
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until it ends


def sleep(there: Any) -> None:
    """Say that the process runs, and sleep."""
    there.set()
    time.sleep(60)


def in_sleep() -> Any:
    """Return a process that sleeps."""
    there = FORK.Event()
    process = started(sleep, there)
    there.wait()
    return process


def raised(call: Callable[[], Any]) -> str:
    """Return the name of the exception that the call raises, or `nothing`."""
    try:
        call()
    except Exception as error:
        return type(error).__name__
    return "nothing"


def hangs(process: Any) -> str:
    """Return whether the process still lives after a second, in words."""
    process.join(HANGS)
    return "hangs" if process.is_alive() else "ends"


# -- signals and ends -----------------------------------------------------------------------------


def signal_is_a_request() -> str:
    """Show that at once after terminate() the child lives and has no exit code."""
    process = in_sleep()
    process.terminate()
    seen = process.is_alive(), process.exitcode
    process.join()
    return f"{seen[0]} {seen[1]}, then {process.is_alive()} {process.exitcode}"


def close_after_a_signal() -> str:
    """Show that at once after terminate() close() refuses."""
    process = in_sleep()
    process.terminate()
    return raised(process.close)


def listed_after_a_signal() -> str:
    """Show that at once after terminate() active_children() lists the child."""
    process = in_sleep()
    process.terminate()
    return f"listed: {process in multiprocessing.active_children()}"


def join_zero_only_looks() -> str:
    """Show that join(0) and join(-1) return at once."""
    process = in_sleep()
    begun = time.monotonic()
    process.join(0)
    process.join(-1)
    quick = time.monotonic() - begun < ASLEEP
    process.kill()
    return f"at once: {quick}"


def after_close() -> str:
    """Show that a closed Process object raises ValueError, but for its name and setting daemon."""
    process = started(int)
    process.join()
    process.close()
    name = bool(process.name)
    alive, joined = raised(process.is_alive), raised(process.join)
    code = raised(lambda: process.exitcode)
    daemon = raised(lambda: setattr(process, "daemon", True))
    return f"name {name}, is_alive {alive}, join {joined}, exitcode {code}, daemon = {daemon}"


def exit_codes() -> str:
    """Show that sys.exit takes nothing, texts, truth values and numbers modulo 256."""
    codes = []
    for end in (
        lambda: sys.exit(None),
        lambda: sys.exit("text"),
        lambda: sys.exit(True),
        lambda: sys.exit(256),
        lambda: sys.exit(-1),
        lambda: os._exit(300),
        lambda: os.kill(os.getpid(), signal.SIGINT),
    ):

        def program(end: Callable[[], Any] = end) -> None:
            quietly()
            end()
            time.sleep(60)

        process = started(program)
        process.join()
        codes.append(process.exitcode)
    return " ".join(map(str, codes))


def _with_finally(there: Any, says: Connection) -> None:
    quietly()
    try:
        there.set()
        time.sleep(60)
    finally:
        says.send("finally")


def _finally_after(number: int) -> str:
    there, (hears, says) = FORK.Event(), FORK.Pipe(duplex=False)
    process = started(_with_finally, there, says)
    there.wait()
    time.sleep(ASLEEP)
    os.kill(process.pid, number)
    process.join()
    return f"{'runs' if hears.poll() else 'does not run'}, {process.exitcode}"


def finally_by_signal() -> str:
    """Show that SIGINT runs finally, SIGTERM does not."""
    interrupted, terminated = map(_finally_after, (signal.SIGINT, signal.SIGTERM))
    return f"SIGINT: {interrupted}; SIGTERM: {terminated}"


def _with_atexit(path: str) -> None:
    atexit.register(lambda: Path(path).touch())


def _atexit_in(context: Any) -> str:
    path = f"/tmp/atexit-{os.getpid()}"
    process = context.Process(target=_with_atexit, args=(path,))
    process.start()
    process.join()
    ran = Path(path).exists()
    Path(path).unlink(missing_ok=True)
    return "runs" if ran else "does not run"


def atexit_in_children() -> str:
    """Show that functions of atexit run in spawned children; in forked ones since 3.13."""
    return f"fork: {_atexit_in(FORK)}; spawn: {_atexit_in(SPAWN)}"


def _parent_of_one(says: Connection) -> None:
    child = started(time.sleep, 60)
    says.send(child.pid)
    child.join()


def orphan_is_no_zombie() -> str:
    """Show that the child of a terminated process runs on, and has another parent."""
    hears, says = FORK.Pipe(duplex=False)
    parent = started(_parent_of_one, says)
    pid = hears.recv()
    parent.terminate()
    parent.join()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    os.kill(pid, signal.SIGKILL)
    state = "zombie" if fields[0] == "Z" else "alive"
    return f"{state}, the same parent: {int(fields[1]) == parent.pid}"


def _forks_and_dies(says: Connection) -> None:
    says.send(started(time.sleep, 60).pid)
    os._exit(3)


def join_waits_for_the_sentinel() -> str:
    """Show that join(timeout) waits for a pipe that a child's child holds, too, join() does not."""
    hears, says = FORK.Pipe(duplex=False)
    process = started(_forks_and_dies, says)
    pid = hears.recv()
    begun = time.monotonic()
    process.join(HANGS)
    waited = time.monotonic() - begun >= HANGS
    process.join()
    os.kill(pid, signal.SIGKILL)
    return f"with a timeout: waits {waited}; without: {process.exitcode}"


def _daemon(queue: Any) -> None:
    time.sleep(ASLEEP)
    queue.put(1)
    time.sleep(60)


def _with_two_children() -> None:
    queue = FORK.SimpleQueue()
    started(_daemon, queue, daemon=True)
    started(queue.get)


def daemons_first() -> str:
    """Show that at its end a process terminates daemons before it joins the others."""
    return hangs(started(_with_two_children))


# -- locks, barriers, conditions ------------------------------------------------------------------


def _acquire(lock: Any, there: Any) -> None:
    there.set()
    lock.acquire()
    time.sleep(60)


def lock_is_free() -> str:
    """Show that a waiter that is killed before it has run does not take the lock along."""
    lock, there = FORK.Lock(), FORK.Event()
    lock.acquire()
    process = started(_acquire, lock, there)
    there.wait()
    time.sleep(ASLEEP)
    os.kill(process.pid, signal.SIGSTOP)
    lock.release()
    process.kill()
    process.join()
    return f"acquired: {lock.acquire(timeout=HANGS)}"


def lock_is_not_handed_over() -> str:
    """Show that the releaser can take the lock again although another process waits for it."""
    lock, there = FORK.Lock(), FORK.Event()
    lock.acquire()
    process = started(_acquire, lock, there)
    there.wait()
    time.sleep(ASLEEP)
    os.kill(process.pid, signal.SIGSTOP)  # it waits, and cannot be faster
    lock.release()
    again = lock.acquire(block=False)
    process.kill()
    return f"acquired: {again}"


def released_too_often() -> str:
    """Show which of the locks and semaphores may be released too often, and what they raise."""
    semaphore = FORK.BoundedSemaphore(2)
    errors = [raised(each.release) for each in (FORK.Lock(), FORK.RLock(), semaphore)]
    return f"{' '.join(errors)}, Semaphore {raised(FORK.Semaphore(2).release)}"


def _meet(barrier: Any, there: Any, timeout: float | None) -> None:
    quietly()
    there.set()
    barrier.wait(timeout)


def killed_at_a_barrier() -> str:
    """Show that a process that waits at a barrier has been counted; killed, it is waited for."""
    barrier, there = FORK.Barrier(2), FORK.Event()
    killed = started(_meet, barrier, there, None)
    there.wait()
    time.sleep(ASLEEP)
    killed.kill()
    killed.join()
    others = [started(_meet, barrier, there, None), started(_meet, barrier, there, 0.3)]
    others.append(started(barrier.abort))
    return " ".join(map(hangs, others))


def timeout_breaks_a_barrier() -> str:
    """Show that a timeout breaks a barrier, for all that wait there and for later ones."""
    barrier, there = FORK.Barrier(3), FORK.Event()
    other = started(_meet, barrier, there, None)
    there.wait()
    first = raised(lambda: barrier.wait(ASLEEP))
    other.join()
    return f"{first} {raised(barrier.wait)}, the other {other.exitcode}"


def notify_is_not_remembered() -> str:
    """Show that a wait after the notify misses it; an event stays set."""
    condition, event = FORK.Condition(), FORK.Event()
    with condition:
        condition.notify()
        waited = condition.wait(ASLEEP)
    event.set()
    return f"Condition {waited}, Event {event.wait(ASLEEP)}"


def _adds(number: Any) -> None:
    for _ in range(20_000):
        number.value += 1


def update_is_lost() -> str:
    """Show that `n.value += 1` is two accesses, each with the lock of its own."""
    number = FORK.Value("q", 0)
    processes = [started(_adds, number) for _ in range(3)]
    for process in processes:
        process.join()
    return f"less than 60000: {number.value < 60_000}"


# -- queues and pipes -----------------------------------------------------------------------------


def _get(queue: Any, there: Any) -> None:
    there.set()
    queue.get()


def _killed_in_get(queue: Any) -> str:
    there = FORK.Event()
    first = started(_get, queue, there)
    there.wait()
    time.sleep(ASLEEP)
    first.terminate()
    first.join()
    second = started(_get, queue, there)
    queue.put(1)
    return hangs(second)


def killed_in_get() -> str:
    """Show that a process that is killed in get() leaves the read lock held."""
    return f"Queue {_killed_in_get(FORK.Queue())}, SimpleQueue {_killed_in_get(FORK.SimpleQueue())}"


def a_pipe_holds_64_kib() -> str:
    """Show that a pipe on Linux holds 64 KiB, by its capacity and by writing pages."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    written = 0
    try:
        while True:
            written += os.write(write, b"x" * 4096)
    except BlockingIOError:
        return f"{fcntl.fcntl(read, fcntl.F_GETPIPE_SZ)} {written}"


def _puts(queue: Any, done: Any) -> None:
    for _ in range(200):
        queue.put("x" * 1000)
    done.set()


def _full(queue: Any) -> str:
    done = FORK.Event()
    process = started(_puts, queue, done)
    returned, ends = done.wait(HANGS), hangs(process)
    for _ in range(200):
        queue.get()
    process.join()
    return f"put {'returns' if returned else 'waits'}, join {ends}"


def put_into_a_full_pipe() -> str:
    """Show that put of a Queue returns and its process cannot end; put of a SimpleQueue waits."""
    return f"Queue: {_full(FORK.Queue())}; SimpleQueue: {_full(FORK.SimpleQueue())}"


def _receives(connection: Connection, others: Connection | None) -> None:
    if others is not None:
        others.close()
    try:
        connection.recv()
    except EOFError:
        os._exit(3)


def end_of_a_pipe() -> str:
    """Show that EOF comes when all writing ends are closed, a forked child's copy included."""
    ends = []
    for careful in (True, False):
        receives, sends = FORK.Pipe(duplex=False)
        process = started(_receives, receives, sends if careful else None)
        sends.close()
        ends.append(hangs(process) if not careful else f"{hangs(process)} {process.exitcode}")
    return f"closed in the child: {ends[0]}; not closed: {ends[1]}"


def first_deadly_signal() -> str:
    """Show that of two signals in a row the first decides the exit code."""
    first, second = in_sleep(), in_sleep()
    first.terminate()
    first.kill()
    second.kill()
    second.terminate()
    first.join()
    second.join()
    return f"{first.exitcode} {second.exitcode}"


# -- start methods, keys, pools -------------------------------------------------------------------


def authkey_is_bytes() -> str:
    """Show that the authentication key is 32 random bytes."""
    key = multiprocessing.current_process().authkey
    return f"{isinstance(key, bytes)} {len(key)}"


def local_target() -> str:
    """Show which start methods refuse a lambda, and a function inside a function, as target."""

    def inside() -> None:
        pass

    found = []
    for method in ("fork", "spawn", "forkserver"):
        context: Any = multiprocessing.get_context(method)
        processes = [context.Process(target=each) for each in (lambda: None, inside)]
        found.append(f"{method} {' '.join(raised(process.start) for process in processes)}")
        for process in processes:
            if process.pid is not None:
                process.join()
    return "; ".join(found)


def default_start_method() -> str:
    """Return the start method that Python takes by default."""
    return multiprocessing.get_start_method()


def fork_beside_threads() -> str:
    """Return the warning of fork in a process with threads."""
    threading.Thread(target=time.sleep, args=(ASLEEP,)).start()
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        started(int).join()
    return " ".join(sorted({each.category.__name__ for each in seen})) or "nothing"


def fork_copies_a_held_lock() -> str:
    """Show that a forked child never gets a lock that a thread of its parent held."""
    lock = threading.Lock()
    there = threading.Event()

    def hold() -> None:
        with lock:
            there.set()
            time.sleep(ASLEEP)

    thread = threading.Thread(target=hold)
    thread.start()
    there.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        process = started(lock.acquire)
    thread.join()
    return f"{hangs(process)}, held in the parent: {lock.locked()}"


def _dies(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_worker() -> str:
    """Show that a Pool waits for the task of a killed worker, and an executor raises an error."""
    with FORK.Pool(2) as pool:
        result = pool.map_async(_dies, [1])
        result.wait(HANGS)
        pool_says = "answers" if result.ready() else "waits"
    with ProcessPoolExecutor(2, mp_context=FORK) as executor:
        try:
            executor.submit(_dies, 1).result()
        except BrokenProcessPool as error:
            return f"Pool {pool_says}, executor {type(error).__name__}"
    return f"Pool {pool_says}"


def closed_with_a_lost_task() -> str:
    """Show that a closed pool is joined for ever if a task was lost."""
    process = started(_close_and_join)
    return hangs(process)


def _close_and_join() -> None:
    pool = FORK.Pool(2)
    pool.map_async(_dies, [1])
    time.sleep(ASLEEP)
    pool.close()
    pool.join()


def children_of_workers() -> str:
    """Show which workers may start processes: those of a Pool, or of an executor."""
    with FORK.Pool(1) as pool:
        of_pool = pool.apply(_starts)
    with ProcessPoolExecutor(1, mp_context=FORK) as executor:
        return f"Pool {of_pool}, executor {executor.submit(_starts).result()}"


def _starts() -> str:
    return raised(FORK.Process(target=int).start)


def killed_idle_worker() -> str:
    """Show that a worker that is killed while it waits for a task stops its pool."""
    found = [hangs(started(_kill_idle, stop)) for stop in (False, True)]
    return f"a task {found[0]}, terminate() {found[1]}"


def _kill_idle(terminates: bool) -> None:
    pool = FORK.Pool(1)
    time.sleep(ASLEEP)
    [worker] = multiprocessing.active_children()
    worker.kill()
    time.sleep(ASLEEP)
    if terminates:
        pool.terminate()
    else:
        pool.apply(int)


def workers_of_a_dead_process() -> str:
    """Show how workers end whose pool's process was killed: one that waits, and one that works."""
    here, there = FORK.Pipe()
    process = started(_open_and_wait, there)
    workers = here.recv()
    process.kill()
    process.join()
    until = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < until:
        time.sleep(0.01)
    left = sum(Path(f"/proc/{pid}").exists() for pid in workers)
    return f"{left} of {len(workers)} left"


def _open_and_wait(there: Connection[Any, Any]) -> None:
    quietly()
    pool = FORK.Pool(2)
    pool.apply_async(time.sleep, (0.5,))
    time.sleep(ASLEEP)
    there.send([child.pid for child in multiprocessing.active_children()])
    time.sleep(60)


def workers_of_an_executor() -> str:
    """Show how many workers an executor has that forks them: before the first task, and with it."""
    with ProcessPoolExecutor(2, mp_context=FORK) as executor:
        before = len(multiprocessing.active_children())
        executor.submit(int).result()
        return f"{before}, then {len(multiprocessing.active_children())}"


def executor_not_shut_down() -> str:
    """Show whether a child process ends that has not shut its executor down."""
    return hangs(started(_leave_executor))


def _leave_executor() -> None:
    LEFT.append(ProcessPoolExecutor(1, mp_context=FORK))
    LEFT[0].submit(int).result()


LEFT: list[ProcessPoolExecutor] = []
"""Executors that are not shut down, and that the program keeps."""


RULES: dict[str, Callable[[], str]] = {
    rule.__name__: rule
    for rule in (
        signal_is_a_request,
        close_after_a_signal,
        listed_after_a_signal,
        join_zero_only_looks,
        after_close,
        exit_codes,
        finally_by_signal,
        first_deadly_signal,
        atexit_in_children,
        orphan_is_no_zombie,
        join_waits_for_the_sentinel,
        daemons_first,
        lock_is_free,
        lock_is_not_handed_over,
        released_too_often,
        killed_at_a_barrier,
        timeout_breaks_a_barrier,
        notify_is_not_remembered,
        update_is_lost,
        killed_in_get,
        a_pipe_holds_64_kib,
        put_into_a_full_pipe,
        end_of_a_pipe,
        authkey_is_bytes,
        local_target,
        default_start_method,
        fork_beside_threads,
        fork_copies_a_held_lock,
        killed_worker,
        closed_with_a_lost_task,
        children_of_workers,
        killed_idle_worker,
        workers_of_a_dead_process,
        workers_of_an_executor,
        executor_not_shut_down,
    )
}
"""Each rule by its name."""

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print(RULES[sys.argv[1]](), flush=True)
