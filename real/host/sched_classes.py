"""Linux's scheduling classes: which of them a workload may use here, and how a process gets one."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

from kernel.errors import UsageError
from kernel.process.calls import PROCESS_CALLS
from kernel.process.interpreters import NO_LOCK, OWN_LOCKS, SHARED_LOCK, running_interpreter
from kernel.process.linux_attributes import FAIR
from kernel.process.spec import ProcessSpec
from kernel.units import format_duration
from kernel.workload import Workload
from translation import mark, tr

POLICIES = {"other": 0, "fifo": 1, "rr": 2, "batch": 3, "idle": 5, "deadline": 6}
KEEP_SLICE = (6, 12)  # the first Linux version in which a process may ask for a slice
_NUMBERS = {"x86_64": (314, 315), "aarch64": (274, 275), "riscv64": (274, 275)}
_CAP_SYS_NICE = 1 << 23

_REASONS = {
    ("deadline", errno.EBUSY): mark(
        "it asks for more than the processors have left for that class"
    ),
    ("deadline", errno.EPERM): mark("only root may have it, and no process that is pinned"),
    ("deadline", errno.EINVAL): mark(
        "its runtime, deadline and period are beyond what Linux takes"
    ),
}
"""Why the kernel refuses a class, by class and errno, if the text of the errno does not say it."""

_libc = ctypes.CDLL(None, use_errno=True)


class _Attributes(ctypes.Structure):
    """The C structure `sched_attr`, in its first version."""

    _fields_ = [
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    ]


def base_slice(pid: int = 0) -> int | None:
    """Return the slice of a process of the fair class, ns; None: the kernel does not say it.

    `pid` 0 is the caller.
    """
    numbers = _NUMBERS.get(platform.machine())
    if numbers is None:
        return None
    asked = _Attributes()
    size = ctypes.sizeof(asked)
    if _libc.syscall(numbers[1], pid, ctypes.byref(asked), size, 0) != 0:
        return None
    return int(asked.runtime) or None


def take(pid: int, spec: ProcessSpec) -> None:
    """Put process `pid` into the class of `spec`. Raises UsageError if the kernel refuses."""
    asked = spec.linux
    fair = asked.kind in FAIR
    period = spec.period or 0
    wanted = _Attributes(
        size=ctypes.sizeof(_Attributes),
        policy=POLICIES[asked.kind],
        nice=spec.nice if fair else 0,
        priority=asked.rt_priority,
        runtime=(asked.slice or 0) if fair else asked.runtime or 0,
        deadline=0 if fair else spec.deadline or period,
        period=0 if fair else period,
    )
    numbers = _NUMBERS.get(platform.machine())
    if numbers is None:
        raise UsageError(
            tr("this processor ({name}) is not known to Multiprog", name=platform.machine())
        )
    if _libc.syscall(numbers[0], pid, ctypes.byref(wanted), 0) != 0:
        error = ctypes.get_errno()
        if error == errno.ESRCH:
            return  # the process was killed; the supervisor will see its death
        reason = _REASONS.get((asked.kind, error), os.strerror(error))
        raise UsageError(
            tr(
                "{process}: this machine refuses class {kind}: {reason}; use class other, or "
                "simulate",
                process=spec.name,
                kind=asked.kind,
                reason=tr(reason),
            )
        )


def require(workload: Workload, cpus: int) -> None:
    """Raise UsageError if a native run of the workload is impossible here, or for this user.

    `cpus` is the number of processors that this process may use.
    """
    for problem in _problems(workload, cpus):
        raise UsageError(problem)


def _problems(workload: Workload, cpus: int) -> Iterator[str]:
    if any(spec.memory for spec in workload.processes):
        yield tr(
            "dispatch: none leaves programs to the operating system, which admits none to a "
            "partition: leave out memory, or simulate"
        )
    yield from _lifecycle_problems(workload)
    if workload.scheduler.parameters.get("pin") == "none" and workload.cores != cpus:
        yield tr(
            "pin: none lets processes run on all {n} processors of this machine: use --cores {n}, "
            "or pin: cores",
            n=cpus,
        )
    for spec in workload.processes:
        yield from _class_problems(spec, workload.cores, cpus)


def _lifecycle_problems(workload: Workload) -> Iterator[str]:
    calls = (call.kind for spec in workload.processes for call in spec.program.calls)
    call = next((kind for kind in calls if kind in PROCESS_CALLS), None)
    has_threads = any(spec.kinship.thread for spec in workload.processes)
    if call is not None:
        instead = tr("leave dispatch out, or simulate")
        if has_threads:
            instead = tr("simulate, or export it as a plain program")
        yield tr(
            "dispatch: none leaves processes to the operating system, and the step {step} is made "
            "at the dispatcher's order: {instead}",
            step=call,
            instead=instead,
        )
    locks = {} if workload.lifecycle is None else workload.lifecycle.locks
    for name, lock in locks.items():
        if lock.kind == "thread" and call is None:
            yield tr(
                "lock {name}: of a lock of kind thread each process has its own, and a native run "
                "cannot say which process holds which: simulate, or leave dispatch out",
                name=name,
            )
    for spec in workload.processes:
        for each in spec.program.calls:
            if each.kind == "threads":
                yield from _interpreter_problems(spec.name, each.options["interpreter"])


def _interpreter_problems(name: str, kind: str) -> Iterator[str]:
    """Yield a problem if the Python that runs is not the one that the threads are to have."""
    here, version = running_interpreter(), sys.version.split()[0]
    if kind == OWN_LOCKS:
        yield tr(
            "{process}: an interpreter for each thread is modelled, and not run on real processes "
            "(Python has them for programs since 3.14, as InterpreterPoolExecutor): simulate",
            process=name,
        )
    elif kind == NO_LOCK != here:
        yield tr(
            "{process}: threads without an interpreter lock need a free-threaded build of Python, "
            "like python3.14t, and this is Python {version} with the lock: run with such a "
            "Python, or simulate",
            process=name,
            version=version,
        )
    elif kind == SHARED_LOCK != here:
        yield tr(
            "{process}: this Python {version} has no interpreter lock (it is a free-threaded "
            "build): run with PYTHON_GIL=1 or another Python, or simulate",
            process=name,
            version=version,
        )


def _class_problems(spec: ProcessSpec, cores: int, cpus: int) -> Iterator[str]:
    kind = spec.linux.kind
    if kind == "deadline" and (cores != cpus or spec.cores is not None):
        yield tr(
            "{process}: Linux refuses class deadline to a process that is pinned: use --cores {n} "
            "and no cores of its own, or simulate",
            process=spec.name,
            n=cpus,
        )
    if kind == "deadline" and not _privileged():
        yield tr(
            "{process}: class deadline needs root: use class other with a nice, or simulate",
            process=spec.name,
        )
    if kind in ("fifo", "rr") and not _may_be_real_time(spec.linux.rt_priority):
        yield tr(
            "{process}: class {kind} with rt_priority {priority} needs root (or a larger ulimit "
            "-r): use class other with a nice for the others, or simulate",
            process=spec.name,
            kind=kind,
            priority=spec.linux.rt_priority,
        )
    if kind in FAIR and not _may_be_nice(spec.nice):
        yield tr(
            "{process}: nice {nice} is below this shell's {shell} and needs root: raise the nice "
            "of all by as much, which gives the same shares, or simulate",
            process=spec.name,
            nice=spec.nice,
            shell=os.nice(0),
        )
    if spec.linux.slice is not None and _release() < KEEP_SLICE:
        yield tr(
            "{process}: a slice of {slice} needs Linux 6.12: leave it out, or simulate",
            process=spec.name,
            slice=format_duration(spec.linux.slice),
        )


def _privileged() -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) & _CAP_SYS_NICE)
    return os.geteuid() == 0


def _may_be_real_time(priority: int) -> bool:
    most = resource.getrlimit(resource.RLIMIT_RTPRIO)[0]
    return _privileged() or most == resource.RLIM_INFINITY or priority <= most


def _may_be_nice(nice: int) -> bool:
    most = resource.getrlimit(resource.RLIMIT_NICE)[0]  # 20 less the lowest nice value
    free = most == resource.RLIM_INFINITY or nice >= 20 - most
    return nice >= os.nice(0) or free or _privileged()


def _release() -> tuple[int, ...]:
    parts = platform.release().split("-")[0].split(".")[:2]
    return tuple(int(part) for part in parts if part.isdecimal())
