"""How long the exports of a run of 20,000 intervals take, in the process that has the run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figures import Figure
from kernel.scheduling import POLICIES
from kernel.units import ms
from kernel.workload import CPU, WAIT, ProcessSpec, Program, SchedulerSpec, Workload
from report.outputs import OUTPUTS, Result
from sim import simulate
from timeline.run import Run

PROCESSES, BURSTS = 30, 134
SECONDS = {"png": 3.0, "svg": 3.0, "perfetto": 1.5, "csv": 1.5}
"""The most that each may take."""


def export_figures() -> Iterator[Figure]:
    """One for each kind of file; those whose library is not there are left out."""
    run = _run()
    for output in OUTPUTS:
        if output.option not in SECONDS or (output.module and not find_spec(output.module)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / output.option
            output.write(Result([run]), path)  # the imports
            begun = time.perf_counter()
            output.write(Result([run]), path)
            seconds = time.perf_counter() - begun
            files = [path] if path.is_file() else list(path.iterdir())
            size = sum(file.stat().st_size for file in files) / 1e6
        most = SECONDS[output.option]
        text = f"{seconds:.2f} s, {size:.1f} MB (at most {most} s)"
        what = f"--{output.option}, {len(run.intervals):,} intervals"
        yield Figure(what, seconds, most, text, at_most=True)


def _run() -> Run:
    steps = [step for _ in range(BURSTS) for step in ((CPU, ms(15)), (WAIT, ms(20)))]
    return simulate(
        Workload(
            source={"title": "Thirty programs", "about": "", "file": "", "seed": 0},
            cores=2,
            devices=(),
            memory=None,
            scheduler=SchedulerSpec("rr", POLICIES["rr"], {"quantum": ms(10)}),
            processes=tuple(
                ProcessSpec(index, f"job-{index + 1}", ms(7 * index), Program.of(steps))
                for index in range(PROCESSES)
            ),
        )
    )
