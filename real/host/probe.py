"""What the operating system says about the machine, about stolen time, and about each worker."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from real.host import syscalls
from real.host.process_table import is_kernel_thread

MOST_OTHERS = 5
_COARSE = 6  # CLOCK_MONOTONIC_COARSE, which `time` does not name


def describe_host(cpus: Sequence[int]) -> dict[str, Any]:
    """Return what the record says of the machine. Processor `cpus[i]` is core i."""
    return {
        "cpu": _cpu_model(),
        "cpus": list(cpus),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "start_method": "fork",
        "available_cpus": len(os.sched_getaffinity(0)),
    }


def tick_ns() -> int:
    """Return the time between two ticks of the kernel, ns: the step of its coarse clock."""
    return round(time.clock_getres(_COARSE) * 1e9)


def describe_scheduler() -> dict[str, Any]:
    """Return what the record says of the kernel's scheduler. Any user may read it."""
    autogroup = ""  # where the kernel has none, or hides it
    with contextlib.suppress(OSError):
        autogroup = Path("/proc/sys/kernel/sched_autogroup_enabled").read_text().strip()
    return {
        "hz": 1_000_000_000 // tick_ns(),
        "autogroup": autogroup == "1",
        "release": platform.release(),
    }


def available_cpus() -> list[int]:
    """Return the numbers of the processors that this process may use, ascending."""
    return sorted(os.sched_getaffinity(0))


def steal_ns(cpus: Sequence[int]) -> int:
    """Return the time that the hypervisor has taken from `cpus` since boot, ns.

    The kernel counts it in units of 1 / SC_CLK_TCK s.
    """
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    wanted = {f"cpu{cpu}" for cpu in cpus}
    total = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *fields = line.split()
        if name in wanted and len(fields) > 7:
            total += int(fields[7]) * tick
    return total


def cpu_of_all() -> dict[int, tuple[str, int, int]]:
    """Return for every process its name, its CPU time in ns, and its last processor, by pid.

    The kernel counts the CPU time in units of 1 / SC_CLK_TCK s.
    """
    tick = 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    found = {}
    for entry in syscalls.processes():
        try:
            stat = (entry / "stat").read_text(errors="replace")
        except OSError:  # the process is gone
            continue
        name, _, rest = stat.partition("(")[2].rpartition(")")
        fields = rest.split()
        used = (int(fields[11]) + int(fields[12])) * tick
        found[int(entry.name)] = name, used, int(fields[36])
    return found


def others(before: Mapping[int, tuple[str, int, int]], cpus: Sequence[int]) -> list[dict[str, Any]]:
    """Return the processes that have used CPU time since `before`, and were last on one of `cpus`.

    `before` is a result of `cpu_of_all`. At most MOST_OTHERS are returned, by CPU time, the most
    first. The calling process is left out. A thread of the kernel is marked as `kernel`: nobody can
    close it.
    """
    grown: list[dict[str, Any]] = []
    for pid, (name, used, cpu) in cpu_of_all().items():
        more = used - before.get(pid, (name, 0, cpu))[1]
        if more > 0 and cpu in cpus and pid != os.getpid():
            grown.append({"pid": pid, "name": name, "cpu_ns": more})
    most = sorted(grown, key=lambda row: -row["cpu_ns"])[:MOST_OTHERS]
    return [row | ({"kernel": True} if is_kernel_thread(row["pid"]) else {}) for row in most]


def describe_worker(pid: int) -> dict[str, Any]:
    """Return what psutil says of a worker: status, switches, memory in bytes, its last processor.

    It is empty if the worker is gone.
    """
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            switches = process.num_ctx_switches()
            memory = process.memory_info()
            return {
                "status": process.status(),
                "voluntary_switches": switches.voluntary,
                "involuntary_switches": switches.involuntary,
                "rss": memory.rss,
                "shared": memory.shared,
                "cpu": process.cpu_num(),
                "threads": process.num_threads(),
            }
    except psutil.NoSuchProcess:
        return {}


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
