"""Small real runs, from which a calibration takes the costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kernel.errors import Interrupted
from kernel.hardware import MemorySpec
from kernel.process.program import Program
from kernel.process.spec import ProcessSpec
from kernel.workload import SchedulerSpec, Workload
from real.run import run_real
from timeline.record.run import Run
from translation import tr


def measured_run(workload: Workload) -> Run:
    """Return a run of the workload on real processes. Raises Interrupted if it was stopped."""
    found = run_real(workload)
    if found.stopped is not None:
        raise Interrupted(tr("calibrating was stopped: {why}", why=found.stopped))
    return found


def workload_of(
    policy: SchedulerSpec,
    programs: Sequence[Program],
    cores: int = 1,
    arrivals: Sequence[int] = (),
    memory: MemorySpec | None = None,
    sizes: Sequence[int] = (),
) -> Workload:
    """Return a workload of these programs.

    `arrivals` are in ns, `sizes` in bytes; either may be left out.
    """
    specs = tuple(
        ProcessSpec(
            at,
            f"P{at}",
            arrivals[at] if arrivals else 0,
            program,
            memory=sizes[at] if sizes else 0,
        )
        for at, program in enumerate(programs)
    )
    source: dict[str, Any] = {
        "title": "calibration",
        "about": None,
        "file": "",
        "text": "",
        "overrides": [],
        "sha256": "",
        "seed": 0,
    }
    return Workload(source, cores, (), memory, policy, specs)
