"""The settings of this machine's kernel, for a workload that the operating system schedules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kernel.linux.policy import USUAL
from kernel.workload import Workload
from real.host import probe, sched_classes

_FEATURES = Path("/sys/kernel/debug/sched/features")


def with_kernel_defaults(workload: Workload) -> Workload:
    """Return the workload with this kernel's tick and slice where the scenario does not say them.

    A workload whose policy is not a model of the operating system is returned unchanged. The
    expectations of a scenario hold for the usual settings. With other settings they are dropped.
    """
    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine:
        return workload
    known = kernel_settings()
    parameters = {
        name: known[name] if value is None and name in known else value
        for name, value in scheduler.parameters.items()
    }
    expect = workload.expect if parameters.items() >= USUAL.items() else None
    return replace(workload, scheduler=replace(scheduler, parameters=parameters), expect=expect)


def kernel_settings() -> dict[str, int | None]:
    """Return this kernel's tick (`hz`), slice (`base_slice`, ns) and `high_resolution`.

    None: the kernel does not tell.
    """
    return {
        "hz": 1_000_000_000 // probe.tick_ns(),
        "base_slice": sched_classes.base_slice(),
        "high_resolution": _has_slice_timer(),
    }


def _has_slice_timer() -> bool:
    """Return whether the kernel ends each slice by a timer (HRTICK). It is off by default.

    Only root can read it; for other users this returns False.
    """
    try:
        return "HRTICK" in _FEATURES.read_text().split()
    except OSError:
        return False
