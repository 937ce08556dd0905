"""Record real programs, and hold the model and real runs of what was recorded against them.

`make record`, as root on a quiet machine. Each program is recorded with two processors by the
kernel's trace. Then the model of the scenario under `linux` should take as long; a real run of the
scenario should give each thread as much CPU time; and with one processor the program, recorded
again, should take as long as the model says beforehand. docs/bring-your-own.md has the table.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAME, ON_ONE, CPU = 3.0, 5.0, 2.0
"""Per cent that makespans and a thread's CPU time may be apart."""
_AHEAD = ["setsid", "-w", "sh", "-c", 'echo -20 > /proc/self/autogroup; exec "$@"', "sh"]
"""A session of its own, which has precedence over what else runs on the machine (root)."""
LEAST = 5_000_000
"""ns: threads with less CPU time than this are not judged one by one."""
ROOM = ["--limit", "nodes=2000000", "--limit", "file_size=100MB"]

HEADINGS = (
    "| program | threads | recorded ms | model ms | CPU time off | one core: predicted ms "
    "| measured ms | its CPU time | without that |"
)

_POOL = """
from multiprocessing import Pool
def work(n):
    total = 0
    for i in range(n):
        total += i * i
    return total
with Pool(3) as pool:
    print(sum(pool.map(work, [150_000] * 24, chunksize=2)))
"""
_SQL = """
CREATE TABLE t(a INTEGER, b TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
INSERT INTO t SELECT i * 7919 % 300007, hex(i * 31337) FROM n;
CREATE INDEX ta ON t(a);
SELECT count(*), sum(length(b)) FROM t WHERE a % 7 = 3;
SELECT b FROM t ORDER BY b LIMIT 3;
"""


@dataclass(slots=True)
class Measured:
    """What one program took, ns, and how far the model and the real run were off, %."""

    name: str
    recorded: int
    modelled: int
    threads: int
    worst_cpu: float
    worst_thread: str
    predicted: int
    on_one: int
    more_cpu: float  # the CPU time on one processor over that on two

    @property
    def rows(self) -> list[str]:
        """The cells of the table."""
        return [
            self.name,
            str(self.threads),
            f"{self.recorded / 1e6:.0f}",
            f"{self.modelled / 1e6:.0f} ({_per_cent(self.modelled, self.recorded):+.1f} %)",
            f"{self.worst_cpu:.1f} % ({self.worst_thread})",
            f"{self.predicted / 1e6:.0f}",
            f"{self.on_one / 1e6:.0f} ({_per_cent(self.predicted, self.on_one):+.1f} %)",
            f"{100 * (self.more_cpu - 1):+.1f} %",
            f"{_per_cent(round(self.predicted * self.more_cpu), self.on_one):+.1f} %",
        ]

    @property
    def holds(self) -> bool:
        """Whether all three are within their bounds."""
        return (
            abs(_per_cent(self.modelled, self.recorded)) <= SAME
            and self.worst_cpu <= CPU
            and abs(_per_cent(self.predicted, self.on_one)) <= ON_ONE
        )


def _per_cent(got: int, wanted: int) -> float:
    return 100 * (got - wanted) / wanted


def programs(folder: Path) -> dict[str, list[str]]:
    """Return the command of each program. Their inputs are made in `folder`."""
    for number in range(8):
        body = "\n".join(
            f"int f{number}_{i}(int x) {{ int y = x; for (int j = 0; j < {i}; j++) y += x * j; "
            "return y; }"
            for i in range(150)
        )
        (folder / f"a{number}.c").write_text(body + "\n")
    objects = " ".join(f"a{n}.o" for n in range(8))
    (folder / "Makefile").write_text(f"all: {objects}\n%.o: %.c\n\tgcc -O2 -c $< -o $@\n")
    (folder / "pool.py").write_text(_POOL)
    (folder / "load.sql").write_text(_SQL)
    lines = "\n".join(f"{i * 7919 % 1000003:07d} {i * 31337 % 65521}" for i in range(250_000))
    (folder / "lines").write_text(lines + "\n")
    return {
        "make -j4 (gcc)": ["make", "-C", str(folder), "-B", "-s", "-j4"],
        "xz -T2": ["sh", "-c", f"xz -T2 --block-size=1MiB -k -c {folder}/lines > {folder}/out.xz"],
        "sort": ["sort", "--parallel=2", "-k2", "-o", f"{folder}/sorted", f"{folder}/lines"],
        "multiprocessing.Pool": [sys.executable, f"{folder}/pool.py"],
        "sqlite3": ["sh", "-c", f"rm -f {folder}/db; sqlite3 {folder}/db < {folder}/load.sql"],
    }


def cli(*arguments: str, cpus: list[int] | None = None) -> str:
    """Run a command of Multiprog on these processors. Return what it prints on stderr."""
    pinned = ["taskset", "-c", ",".join(map(str, cpus))] if cpus else []
    done = subprocess.run(
        [*_AHEAD, *pinned, sys.executable, "cli.py", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise SystemExit(f"{arguments[0]}: {done.stderr}")
    return done.stderr


def _loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def measure(name: str, command: list[str], folder: Path, tries: int) -> Measured:
    """Record, simulate, run and predict one program."""
    cpus = sorted(os.sched_getaffinity(0))[:2]
    scenario, model, real = folder / "r.yaml", folder / "m.json", folder / "real.json"
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # caches are warm
    recorded = _least_disturbed(command, folder, cpus, tries)
    cli("simulate", str(scenario), "--out", str(model), *ROOM)
    modelled = _loaded(model)
    cli("run-real", str(scenario), "--out", str(real), *ROOM)
    worst, thread = _worst(recorded, _loaded(real))
    cli("simulate", str(scenario), "--cores", "1", "--out", str(model), *ROOM)
    predicted = _loaded(model)["makespan_ns"]
    on_one = _least_disturbed(command, folder, cpus[:1], tries)
    return Measured(
        name,
        recorded["makespan_ns"],
        modelled["makespan_ns"],
        len(recorded["processes"]),
        worst,
        thread,
        predicted,
        on_one["makespan_ns"],
        _cpu(on_one) / _cpu(recorded),
    )


def _least_disturbed(
    command: list[str], folder: Path, cpus: list[int], tries: int
) -> dict[str, Any]:
    """Record `tries` times. Return the shortest run, whose scenario is left in r.yaml."""
    found: list[tuple[int, dict[str, Any], str]] = []
    scenario, saved = folder / "r.yaml", folder / "r.json"
    for _ in range(tries):
        where = ["--scenario", str(scenario), "--out", str(saved)]
        cli("record", "--trace", "kernel", *where, "--", *command, cpus=cpus)
        run = _loaded(saved)
        found.append((run["makespan_ns"], run, scenario.read_text()))
    _, run, text = min(found, key=lambda each: each[0])
    scenario.write_text(text)
    return run


def _cpu(run: dict[str, Any]) -> int:
    return sum(row["cpu_ns"] for row in run["processes"])


def _worst(recorded: dict[str, Any], real: dict[str, Any]) -> tuple[float, str]:
    """Return by how many per cent the CPU time of a thread was off at most, and which one."""
    asked = {row["name"]: row["cpu_ns"] for row in recorded["processes"]}
    off = [
        (abs(_per_cent(row["cpu_ns"], asked[row["name"]])), row["name"])
        for row in real["processes"]
        if asked.get(row["name"], 0) >= LEAST
    ]
    return max(off, default=(0.0, "none"))


def main() -> int:
    """Return 0 if all programs are within their bounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=3, help="recordings; the shortest counts")
    parser.add_argument("--only", nargs="*", help="programs, by the start of their names")
    asked = parser.parse_args()
    print(HEADINGS)
    well = True
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, command in programs(folder).items():
            if asked.only and not name.startswith(tuple(asked.only)):
                continue
            found = measure(name, command, folder, asked.tries)
            print("| " + " | ".join(found.rows) + " |", flush=True)
            well = well and found.holds
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
