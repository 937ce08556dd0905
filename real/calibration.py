"""What this machine needs for what a model does in no time: switches, signals, timers, starts.

Each thing is done some dozens of times. Its middle is what it costs, its spread is how good a ruler
this machine is.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from kernel.dispatch_price import PROFILE_FORMAT, SHARED, SPARE
from kernel.errors import Interrupted, MultiprogError, UsageError
from kernel.linux.policy import Linux
from kernel.process.program import CPU, WAIT, Program
from kernel.process.states import RUNNING
from kernel.scheduling.policies.round_robin import RoundRobin
from kernel.units import ms
from kernel.workload import SchedulerSpec
from real.host import probe, sched_classes, syscalls
from real.host.guardian import Guardian
from real.host.interrupts import uninterrupted
from real.host.mp_helpers import (
    Semaphores,
    ServersFolder,
    end_helpers,
    fork_servers_pid,
    killed_if_stopped,
)
from real.host.process_table import state_of
from real.host.time_limits import ExpectedProcess
from real.native.devices import SharedDevices
from real.price_measurement import measured_run, price, workload_of
from timeline.comparison.causes.core_losses import outsiders_ns
from timeline.record.run import Run

NOISE = 0.01  # share of the time that others may have before it is worth a warning
BUSY = 5.0  # percent of a processor, the same
UNEVEN = 0.05  # spread of the processors' speeds, the same
RUNS = 5  # of each scenario from which costs are taken


@dataclass(frozen=True, slots=True)
class Measure:
    """Of one thing: ns, in rising order."""

    name: str
    times: tuple[int, ...]

    def at(self, share: float) -> int:
        """The time that this share of them does not exceed."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]

    def to_json(self) -> dict[str, int]:
        """Its figures."""
        figures = {"p10_ns": self.at(0.1), "p50_ns": self.at(0.5), "p90_ns": self.at(0.9)}
        return {"count": len(self.times), **figures, "max_ns": self.times[-1]}


def calibrate(tell: Callable[[str], None], folder: Path) -> dict[str, Any]:
    """Measure everything; the profile as plain data. `tell` hears what is being measured.

    Files for the device are made in `folder`, and removed. Takes some seconds.
    """
    if not sys.platform.startswith("linux"):
        raise UsageError("calibrate needs Linux; --costs ideal works everywhere")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from None
    available = probe.available_cpus()
    cpu, spare = available[-1], available[:-1]
    found: list[Measure] = []
    stolen, began = probe.steal_ns(available), time.monotonic_ns()
    load = _others(tell)
    for name, times in _all(cpu, spare, folder):
        tell(name)
        found.append(Measure(name, tuple(sorted(times()))))
    tell("switches of the dispatcher, and of the kernel")
    costs, slices = _costs()
    found += slices
    prices = {SHARED: price(len(available), tell)}
    if spare:
        prices = {SPARE: price(1, tell), **prices}
    speeds = list(_speeds(available))
    took = time.monotonic_ns() - began
    stolen = probe.steal_ns(available) - stolen
    return {
        "format": PROFILE_FORMAT,
        "machine": probe.describe_host(available),
        "scheduler": {**probe.describe_scheduler(), "base_slice_ns": sched_classes.base_slice()},
        "measures": {measure.name: measure.to_json() for measure in found},
        "costs": costs["ours"],
        "free_costs": costs["none"],
        "prices": {name: each.to_json() for name, each in prices.items()},
        "speeds": speeds,
        "warnings": list(_warnings(stolen / (took * len(available)), load, speeds, available)),
    }


Times = Callable[[], Sequence[int]]


def _all(cpu: int, spare: Sequence[int], folder: Path) -> Iterator[tuple[str, Times]]:
    """What is measured one by one, on `cpu`; with a processor to spare we are there meanwhile."""
    yield "stop", lambda: _signals(cpu, spare)[0]
    yield "continue", lambda: _signals(cpu, spare)[1]
    yield "timer lateness", _timers
    yield "wake-up", lambda: _wakeups(cpu)
    for method, count in (("fork", 10), ("forkserver", 5), ("spawn", 3)):
        yield f"start by {method}", partial(_starts, method, count)
    yield "fsync of 4 KiB", lambda: _fsyncs(folder)


LOOKS = 10_000  # at the clock, after which we look at the process
LONGEST = 60.0  # seconds for what takes some ms: other programs may have the processors
HELD_UP = "calibrating was stopped: a process that was being measured was killed, or stopped"


class _Limit:
    """Ends a loop that waits for process `pid` if this was killed or stopped."""

    def __init__(self, pid: int) -> None:
        self._pid, self._until = pid, time.monotonic() + LONGEST
        self._expected = ExpectedProcess("a process that was being measured", pid)

    def look(self) -> None:
        """Raise Interrupted if the process was stopped, or the time is over."""
        try:
            self._expected.look()
        except MultiprogError:
            raise Interrupted(HELD_UP) from None
        if time.monotonic() > self._until:
            raise Interrupted(HELD_UP)

    def look_closely(self) -> None:
        """Raise Interrupted also if the process is dead."""
        self.look()
        if state_of(self._pid) in ("Z", None):
            raise Interrupted(HELD_UP)


# -- signals, timers, wake-ups -------------------------------------------------------------------


@contextlib.contextmanager
def _child(work: Callable[[], None], cpu: int) -> Iterator[int]:
    """A process that works on `cpu` until the end of the context; its pid."""
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            syscalls.die_with(parent)
            os.sched_setaffinity(0, {cpu})
            work()
        finally:
            os._exit(0)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextlib.contextmanager
def _on(cpus: Sequence[int]) -> Iterator[None]:
    """We run there, if there is anywhere to run."""
    before = os.sched_getaffinity(0)
    try:
        if cpus:
            os.sched_setaffinity(0, cpus)
        yield
    finally:
        os.sched_setaffinity(0, before)


def _signals(cpu: int, spare: Sequence[int], count: int = 100) -> tuple[list[int], list[int]]:
    """Ns until a running process has stopped, and until it runs again."""
    seen = SharedDevices((), multiprocessing.get_context("fork"))

    def spin() -> None:
        while True:
            seen.epoch = time.monotonic_ns()

    stops, goes = [], []
    with _on(spare), _child(spin, cpu) as pid:
        limit = _Limit(pid)
        while not seen.epoch:
            limit.look_closely()
            time.sleep(0.001)
        for _ in range(count):
            at = time.monotonic_ns()
            os.kill(pid, signal.SIGSTOP)
            state = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            if state is None or state.si_code != os.CLD_STOPPED:
                raise Interrupted(HELD_UP)
            stops.append(time.monotonic_ns() - at)
            at = time.monotonic_ns()
            os.kill(pid, signal.SIGCONT)
            limit, looks = _Limit(pid), 0
            while (ran := seen.epoch) <= at:
                looks += 1
                if looks % LOOKS == 0:
                    limit.look_closely()
                if not spare:
                    time.sleep(0)
            goes.append(ran - at)
            time.sleep(0.001)
    seen.close()
    return stops, goes


def _timers(count: int = 100) -> list[int]:
    """Ns by which a sleep is late, with the least slack."""
    syscalls.set_timer_slack(1)
    late = []
    for _ in range(count):
        at = time.monotonic_ns() + ms(1)
        syscalls.sleep_until(at)
        late.append(time.monotonic_ns() - at)
    syscalls.set_timer_slack(0)
    return late


def _wakeups(cpu: int, count: int = 100) -> list[int]:
    """Ns from a write until the process that reads it runs, on another processor if there is."""
    ask, answer = os.eventfd(0), os.eventfd(0)
    seen = SharedDevices((), multiprocessing.get_context("fork"))

    def echo() -> None:
        while True:
            os.read(ask, 8)
            seen.epoch = time.monotonic_ns()
            os.eventfd_write(answer, 1)

    found = []
    with _child(echo, cpu) as pid:
        for _ in range(count):
            time.sleep(0.001)
            at = time.monotonic_ns()
            os.eventfd_write(ask, 1)
            limit = _Limit(pid)
            while not select.select([answer], [], [], 0.25)[0]:
                limit.look_closely()
            os.read(answer, 8)
            found.append(seen.epoch - at)
    os.close(ask)
    os.close(answer)
    seen.close()
    return found


# -- starts, devices, speed ----------------------------------------------------------------------


def _born(pipe: Connection) -> None:
    pipe.send(time.monotonic_ns())
    pipe.close()


def _starts(method: str, count: int) -> list[int]:
    """Ns from `start` to the first line of the child. The first of each is not counted."""
    context: Any = multiprocessing.get_context(method)
    found = []
    with _helpers():
        if method != "fork":  # else the first of them does that, and has Ctrl-C unblocked behind it
            resource_tracker.ensure_running()
        if method == "forkserver":
            with uninterrupted():  # as its children will be, too
                forkserver.ensure_running()
        for _ in range(count + 1):
            with uninterrupted():  # Ctrl-C is for all of a terminal's group, the children too
                ours, its = context.Pipe(duplex=False)
                process = context.Process(target=_born, args=(its,))
                with _limited(method):
                    at = time.monotonic_ns()
                    process.start()
                    its.close()
                    found.append(_answer(ours, process) - at)
                _bury(process)
                ours.close()
    return found[1:]


@contextlib.contextmanager
def _limited(method: str) -> Iterator[None]:
    """Kill a fork server that is stopped in this context: the caller waits for its answer."""
    server = fork_servers_pid() if method == "forkserver" else None
    try:
        with killed_if_stopped(server):
            yield
    except (EOFError, ConnectionError):
        raise Interrupted(HELD_UP) from None


def _bury(process: Any) -> None:
    """Wait until a process that is about to end has ended."""
    limit = _Limit(process.pid)
    try:
        while process.is_alive():
            process.join(0.25)
            limit.look()
    except Interrupted:
        process.kill()
        raise


def _answer(pipe: Connection, process: Any) -> int:
    """Return the time (ns) that a process sends when it begins."""
    limit = _Limit(process.pid)
    try:
        while not pipe.poll(0.25):
            limit.look()
    except Interrupted:
        process.kill()
        raise
    said: int = pipe.recv()
    return said


@contextlib.contextmanager
def _helpers() -> Iterator[None]:
    """Those of `multiprocessing` end behind it, and so does the folder by which a fork server is
    called, even if we are killed meanwhile.
    """
    end_helpers()  # they end when a pipe is closed, which the guardian must not inherit
    folder, semaphores = ServersFolder(), Semaphores()
    undo = folder.remove, semaphores.remove
    with Guardian(undo, executes=True) as guardian, guardian.marking(), semaphores.named():
        try:
            folder.make()
            yield
        finally:
            end_helpers()
            folder.close()


def _fsyncs(folder: Path, count: int = 20) -> list[int]:
    found = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(count):
            file.write(bytes(4096))
            file.flush()
            at = time.monotonic_ns()
            os.fsync(file.fileno())
            found.append(time.monotonic_ns() - at)
    return found


def _speeds(cpus: Sequence[int]) -> Iterator[int]:
    """Ns of CPU time for the same work on each processor, at the median."""
    for cpu in cpus:
        with _on([cpu]):
            times = []
            for _ in range(15):
                at = time.thread_time_ns()
                sum(range(50_000))
                times.append(time.thread_time_ns() - at)
        yield int(statistics.median(times))


# -- switches ------------------------------------------------------------------------------------


def _costs() -> tuple[dict[str, dict[str, int]], list[Measure]]:
    """Costs of a dispatch and a switch, by ourselves and by the kernel, and what was seen."""
    hogs = [Program.of([(CPU, ms(100))])] * 2
    sleeper = [Program.of([(CPU, ms(2)), (WAIT, ms(2))] * 25)]
    turns = SchedulerSpec("rr", RoundRobin, {"quantum": ms(5)})
    own = SchedulerSpec("linux", Linux, Linux.parameters(), dispatch="none")
    switched = [measured_run(workload_of(turns, hogs)) for _ in range(RUNS)]
    woken = [measured_run(workload_of(turns, sleeper)) for _ in range(RUNS)]
    free = [measured_run(workload_of(own, hogs)) for _ in range(RUNS)]
    both, alone, natural = (_a_slice(runs) for runs in (switched, woken, free))
    dispatch = min(alone, both)
    slices = [
        Measure("switch by us", _spent(switched)),
        Measure("dispatch after I/O", _spent(woken)),
        Measure("switch by the kernel", _spent(free)),
        Measure("natural slice", _stints(free)),
    ]
    ours = {"dispatch": dispatch, "switch": both - dispatch, "migration": 0}
    costs = {"ours": ours, "none": {"dispatch": 0, "switch": natural, "migration": 0}}
    return costs, [measure for measure in slices if measure.times]


def _a_slice(runs: Sequence[Run]) -> int:
    """Ns that a slice cost beside its CPU time: what is left of the runs, outsiders aside."""
    found = []
    for run in runs:
        foreign = outsiders_ns(run).total()
        cpu = sum(row.cpu_ns for row in run.processes)
        blocked = sum(row.blocked_ns for row in run.processes)
        slices = sum(row.slices for row in run.processes)
        found.append((run.makespan_ns - cpu - blocked - foreign) // max(slices, 1))
    return max(0, int(statistics.median(found)))


def _spent(runs: Sequence[Run]) -> tuple[int, ...]:
    """Ns of each switch that was seen."""
    return tuple(
        sorted(o.end_ns - o.start_ns for run in runs for o in run.overheads if o.why == "switch")
    )


def _stints(runs: Sequence[Run]) -> tuple[int, ...]:
    return tuple(
        sorted(row.end - row.start for run in runs for row in run.intervals if row.state == RUNNING)
    )


# -- is it a good ruler? -------------------------------------------------------------------------


def _others(tell: Callable[[str], None]) -> tuple[float, list[str]]:
    """The load of the busiest processor in percent while we do nothing, and who it is."""
    tell("what others do")
    before = {process.pid: _cpu(process) for process in psutil.process_iter()}
    load = max(psutil.cpu_percent(interval=0.5, percpu=True))
    grown = [
        (_cpu(process) - before.get(process.pid, 0.0), _name(process))
        for process in psutil.process_iter()
        if process.pid != os.getpid()
    ]
    return load, [name for used, name in sorted(grown, reverse=True)[:3] if used > 0.01]


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return "a process that has ended"


def _warnings(
    stolen: float, load: tuple[float, list[str]], speeds: Sequence[int], cpus: Sequence[int]
) -> Iterator[str]:
    if stolen > NOISE:
        yield f"the hypervisor took {100 * stolen:.1f} % of the processors' time"
    if load[0] > BUSY:
        who = f" ({', '.join(load[1])})" if load[1] else ""
        yield f"other programs keep a processor {load[0]:.0f} % busy{who}: close them"
    if min(speeds) * (1 + UNEVEN) < max(speeds):
        uneven = 100 * (max(speeds) / min(speeds) - 1)
        yield f"the processors differ in speed by {uneven:.0f} %"
    for cpu in cpus:
        governor = Path(f"/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor")
        if governor.exists() and governor.read_text().strip() != "performance":
            yield (
                f"the frequency of the processors changes ({governor.read_text().strip()}): "
                "the governor performance would keep it"
            )
            return
