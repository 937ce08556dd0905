"""What disturbs measurements on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from translation import recorded

# there is a warning above each of these
NOISE = 0.01  # share of the processors' time that the hypervisor took
BUSY = 5.0  # percent of one processor that other programs used
UNEVEN = 0.05  # by which share the fastest processor is faster than the slowest


class Load(NamedTuple):
    """The load of the busiest processor in percent, and the names of the busiest programs."""

    percent: float
    names: list[str]


def load_of_others() -> Load:
    """Return the load of other programs, while this process sleeps. It takes half a second."""
    before = {process.pid: _cpu(process) for process in psutil.process_iter()}
    percent = max(psutil.cpu_percent(interval=0.5, percpu=True))
    grown = [
        (_cpu(process) - before.get(process.pid, 0.0), _name(process))
        for process in psutil.process_iter()
        if process.pid != os.getpid()
    ]
    return Load(percent, [name for used, name in sorted(grown, reverse=True)[:3] if used > 0.01])


def _cpu(process: psutil.Process) -> float:
    """Return the CPU time of the process in seconds; 0: the process is gone."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


def _name(process: psutil.Process) -> str:
    try:
        return str(process.name())
    except psutil.Error:
        return recorded("a process that has ended")


def _governor(cpu: int) -> str | None:
    """Return the frequency governor of a processor; None: it has none, or the system hides it."""
    file = Path(f"/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor")
    try:
        return file.read_text().strip()
    except OSError:
        return None


def warnings(
    stolen: float, load: Load, speeds: Sequence[int], cpus: Sequence[int]
) -> Iterator[str]:
    """Yield a sentence for each thing that disturbs measurements.

    `stolen` is the share of the time that the hypervisor took. `speeds` are the results of
    `hardware.speeds` for the processors `cpus`.
    """
    if stolen > NOISE:
        yield recorded(
            "the hypervisor took {share:.1f} % of the processors' time", share=100 * stolen
        )
    if load.percent > BUSY:
        yield _busy(load)
    if min(speeds) * (1 + UNEVEN) < max(speeds):
        uneven = 100 * (max(speeds) / min(speeds) - 1)
        yield recorded("the processors differ in speed by {uneven:.0f} %", uneven=uneven)
    for cpu in cpus:
        governor = _governor(cpu)
        if governor not in (None, "performance"):
            yield recorded(
                "the frequency of the processors changes ({governor}): the governor performance "
                "would keep it",
                governor=governor,
            )
            return


def _busy(load: Load) -> str:
    if not load.names:
        return recorded(
            "other programs keep a processor {percent:.0f} % busy: close them",
            percent=load.percent,
        )
    return recorded(
        "other programs keep a processor {percent:.0f} % busy ({names}): close them",
        percent=load.percent,
        names=", ".join(load.names),
    )
