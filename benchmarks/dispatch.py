"""Measure how fast the real machine starts and dispatches ten to a thousand processes.

    python -m benchmarks.dispatch

Two cores, round robin, programs of two bursts with a wait between them. Two numbers come from the
run document: the dead time of a dispatch (median and 99 % quantile), and how much longer the run
took than the model's. The time that the command took beyond the run is for its start and its end.
If the user is root, all is measured a second time as `nobody`, if setpriv is installed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOBODY = 65534
PROCESSES = (10, 100, 1_000)

SCENARIO = """
title: Many real processes
seed: 1
machine: {cores: 2}
scheduler: {policy: rr, quantum: 10ms}
processes:
  - name: p
    count: 10
    arrival: {every: {exponential: 8ms}}
    program: [{cpu: {uniform: [1ms, 8ms]}}, {io: 20ms}, {cpu: 3ms}]
"""


def command(file: Path, verb: str, processes: int, *before: str) -> tuple[float, dict[str, Any]]:
    """Run a command. Return its seconds by the wall clock and the run document.

    Raises CalledProcessError if the command failed.
    """
    began = time.perf_counter()
    told = subprocess.run(
        [
            *before,
            sys.executable,
            str(ROOT / "cli.py"),
            verb,
            str(file),
            "--json",
            "--set",
            f"processes.0.count={processes}",
            "--limit",
            f"processes={max(processes, 256)}",
        ],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return time.perf_counter() - began, json.loads(told.stdout)


def show(user: str, file: Path, processes: int, *before: str) -> None:
    """Measure one number of processes, and print its line of the table."""
    model = command(file, "simulate", processes)[1]["makespan_ns"]
    seconds, run = command(file, "run-real", processes, *before)
    dispatch, makespan = run["machine"]["dispatch"], run["makespan_ns"]
    gone = sum(row["completion_ns"] is not None for row in run["processes"])
    print(
        f"{user:>8}{processes:>11,}{gone:>8,}{dispatch['dead_p50_ns'] / 1e3:>12,.0f}"
        f"{dispatch['dead_p99_ns'] / 1e3:>12,.0f}{100 * (makespan / model - 1):>14.1f} %"
        f"{seconds - makespan / 1e9:>14.2f}",
        flush=True,
    )


def main() -> int:
    """Print the table. Return exit status 0; a run that fails is reported in its line."""
    print("    user  processes    gone  dead µs p50  dead µs p99   over model   start, end s")
    with tempfile.TemporaryDirectory(prefix="dispatch-") as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "many.yaml"
        file.write_text(SCENARIO)
        users: dict[str, tuple[str, ...]] = {"root" if os.geteuid() == 0 else "user": ()}
        if os.geteuid() == 0 and shutil.which("setpriv"):
            users["nobody"] = (
                "setpriv",
                f"--reuid={NOBODY}",
                f"--regid={NOBODY}",
                "--clear-groups",
            )
        for name, before in users.items():
            for processes in PROCESSES:
                try:
                    show(name, file, processes, *before)
                except subprocess.CalledProcessError as error:
                    print(f"{name:>8}{processes:>11,}  refused: {error.stderr.strip()[-160:]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
