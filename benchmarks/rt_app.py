"""Run workloads of rt-app on both machines and by rt-app itself: `make rt-app`, as root.

Each workload is imported, simulated, run on real processes, exported again, and the export is run
five times by rt-app (which must be installed, like Debian's package). The kernel's trace tells the
CPU time of each of rt-app's threads. It should be within 2 % of what the scenario asks for, or
within rt-app's own spread over the five runs, as rt-app calibrates its loops itself.

rt-app measures the ns of one loop while its core is busy. After a sleep the same loop takes longer,
so rt-app's threads take more CPU time than they are asked for. The five runs are therefore told
what a loop took within the workload, in three runs that rt-app calibrated itself.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.record import ROOM, cli

WITHIN = 2.0  # per cent
LEAST = 2_000_000  # ns: threads with less CPU time are not judged
TASKS: dict[str, dict[str, Any]] = {
    "sleeps": {"t": {"loop": -1, "run": 20000, "sleep": 30000}},
    "timer": {"t": {"loop": -1, "run": 10000, "timer": {"ref": "unique", "period": 50000}}},
    "wakes": {
        "a": {"loop": -1, "run": 8000, "resume": "b", "sleep": 20000},
        "b": {"loop": -1, "suspend": "b", "run": 6000},
    },
    "mutex": {
        "a": {"loop": -1, "lock": "m", "run": 9000, "unlock": "m", "sleep": 9000},
        "b": {"loop": -1, "priority": 5, "lock": "m", "run": 5000, "unlock": "m", "sleep": 7000},
    },
    "barrier": {
        "a": {"loop": 20, "run": 4000, "barrier": "x", "sleep": 3000},
        "b": {"loop": 20, "run": 9000, "barrier": "x"},
    },
}
"""Workloads of one second, if no files are named."""


def cpu_times(path: Path) -> dict[str, int]:
    """Return the CPU time of each process of a saved run, ns."""
    return {row["name"]: row["cpu_ns"] for row in json.loads(path.read_text())["processes"]}


def by_rt_app(program: str, workload: Path, folder: Path) -> tuple[dict[str, int], int]:
    """Run a workload by rt-app once.

    Return the CPU time of each thread, by its task's name, and the ns that rt-app took one loop to
    need.
    """
    saved = folder / "rt-app.json"
    where = ["--scenario", str(folder / "rt-app.yaml"), "--out", str(saved)]
    said = cli("record", "--trace", "kernel", *where, "--", program, str(workload))
    loop = re.search(r"pLoad = (\d+)\s*ns", said)
    if loop is None:
        raise SystemExit(f"rt-app did not say what a loop takes: {said}")
    found = {}
    for name, time in cpu_times(saved).items():
        task, dash, number = name.rpartition("-")  # newer versions add the thread's number
        found[task if dash and number.isdecimal() else name] = time
    return found, int(loop[1])


def calibrated(program: str, workload: Path, asked: dict[str, int], folder: Path) -> Path:
    """Return the workload with the ns that a loop of rt-app took within it, median of three."""
    took = []
    for _ in range(3):
        found, loop = by_rt_app(program, workload, folder)
        took.append(loop * sum(found.get(name, 0) for name in asked) / sum(asked.values()))
    document = json.loads(workload.read_text())
    document["global"]["calibration"] = round(statistics.median(took))
    path = folder / "calibrated.json"
    path.write_text(json.dumps(document))
    return path


def judge(name: str, workload: Path, program: str, folder: Path) -> bool:
    """Import, run and export a workload. Print a line for each thread, and return if all agree."""
    scenario, back = folder / "s.yaml", folder / "back.json"
    text = subprocess.run(
        [sys.executable, "cli.py", "import", str(workload), "--duration", "1s"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    scenario.write_text(text)
    saved = {}
    for command in ("simulate", "run-real"):
        cli(command, str(scenario), "--cores", "2", "--out", str(folder / "o.json"), *ROOM)
        saved[command] = cpu_times(folder / "o.json")
    text = subprocess.run(
        [sys.executable, "cli.py", "export", str(scenario), "--cores", "2", "--rt-app"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    back.write_text(text)
    told = calibrated(program, back, saved["simulate"], folder)
    runs = [by_rt_app(program, told, folder)[0] for _ in range(5)]
    well = True
    for thread, asked in saved["simulate"].items():
        if asked < LEAST:
            continue
        theirs = sorted(run.get(thread, 0) for run in runs)
        off = 100 * (theirs[2] - asked) / asked
        real = 100 * (saved["run-real"][thread] - asked) / asked
        inside = theirs[0] <= asked <= theirs[-1] or abs(off) <= WITHIN
        well = well and inside and abs(real) <= WITHIN
        low, high = (100 * (each - asked) / asked for each in (theirs[0], theirs[-1]))
        print(
            f"| {name} | {thread} | {asked / 1e6:.1f} | {real:+.1f} % | {off:+.1f} % "
            f"({low:+.1f} … {high:+.1f}) |",
            flush=True,
        )
    return well


def main() -> int:
    """Return 0 if all threads agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="workloads; none: five of our own")
    parser.add_argument("--program", default=shutil.which("rt-app"), help="the program rt-app")
    asked = parser.parse_args()
    if asked.program is None:
        print("rt-app is not installed: apt-get install rt-app, or --program PATH")
        return 2
    print("| workload | thread | CPU asked, ms | real run | rt-app: median (least … most of 5) |")
    well = True
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = asked.files
        for name, tasks in () if files else TASKS.items():
            files = [*files, folder / f"{name}.json"]
            files[-1].write_text(json.dumps({"tasks": tasks, "global": {"duration": 1}}))
        for file in files:
            well = judge(file.stem, file, asked.program, folder) and well
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
