"""A workload as it has to be for this machine: what its scheduler leaves open is read here."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from kernel.linux.policy import USUAL
from kernel.workload import Workload
from real.host import probe, sched_classes

_FEATURES = Path("/sys/kernel/debug/sched/features")


def with_kernel_defaults(workload: Workload) -> Workload:
    """With this kernel's tick and slice where the scenario does not say, if it is left to it.

    What it expects was written for the usual ones: on a machine with others that is dropped.
    """
    scheduler = workload.scheduler
    if not scheduler.policy.left_to_the_machine or not sys.platform.startswith("linux"):
        return workload
    known = {
        "hz": 1_000_000_000 // probe.tick_ns(),
        "base_slice": sched_classes.base_slice(),
        "high_resolution": _has_slice_timer(),
    }
    here = {
        name: known[name] if value is None and name in known else value
        for name, value in scheduler.parameters.items()
    }
    expect = workload.expect if here.items() >= USUAL.items() else None
    return replace(workload, scheduler=replace(scheduler, parameters=here), expect=expect)


def _has_slice_timer() -> bool:
    """HRTICK: only root may look; it is off on all kernels but those of people who switch it on."""
    try:
        return "HRTICK" in _FEATURES.read_text().split()
    except OSError:
        return False
