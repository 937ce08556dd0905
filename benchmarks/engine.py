"""Compare the speed of this engine with that of an earlier revision: `make engine REVISION=v0.2.0`.

    python -m benchmarks.engine [--revision NAME] [--rounds N]

The earlier revision is checked out into a folder of its own. Both engines simulate the same
scenarios in turn, each in a process of its own. A line shows the CPU seconds of the fastest round
of each engine, and the median, over the rounds, of this engine's time divided by the other's. Both
records must have the same number of intervals.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
POLICIES = ("rr", "srtf", "mlfq", "fair")
PROCESS = (
    "  - {{name: p{at}, arrival: {arrival}us, program: [{{repeat: {{times: 5, do: [{steps}]}}}}]}}"
)
STEPS = "{cpu: 50ms}, {io: 5ms}, {cpu: 50ms}, {io: {disk: 40ms}}"
BUSY = 500_000  # microseconds of CPU time of a process
SCENARIOS = {"few alive": (1_000, BUSY / 0.9), "many alive": (3_000, 0)}
"""How many processes there are, and the mean time between two arrivals in microseconds."""
WORKER = """
import gc, sys, time
sys.path.insert(0, ".")
from language import Options, load
from sim.machine import SimulatedMachine
limits = dict.fromkeys(("processes", "steps", "values", "nodes"), 1_000_000)
options = Options(limits=limits)
for line in sys.stdin:
    machine = SimulatedMachine(load(line.strip(), options).workload, lambda _: None)
    gc.collect()
    began = time.process_time()
    machine.execute()
    print(time.process_time() - began, len(machine.record.intervals), flush=True)
"""


def scenario(policy: str, processes: int, gap: float) -> str:
    """Return the text of a scenario in which processes compute, wait, and use a disk."""
    draws, at = random.Random(1), 0.0
    parameters = ", quantum: 10ms" if policy == "rr" else ""
    lines = [
        "machine: {devices: {disk: {}}}",
        f"scheduler: {{policy: {policy}{parameters}}}",
        "processes:",
    ]
    for number in range(processes):
        at += draws.expovariate(1 / gap) if gap else 0
        lines.append(PROCESS.format(at=number, arrival=int(at), steps=STEPS))
    return "\n".join(lines) + "\n"


class Engine:
    """A process that simulates scenarios with the code of a checkout."""

    def __init__(self, checkout: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, file: Path) -> tuple[float, int]:
        """Return the CPU seconds of a simulation, and how many intervals it has recorded."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{file}\n")
        self.process.stdin.flush()
        seconds, intervals = self.process.stdout.readline().split()
        return float(seconds), int(intervals)

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


@contextmanager
def checkout(revision: str, folder: Path) -> Iterator[Path]:
    """Check the revision out, and forget it afterwards."""
    place = folder / "other"
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(place), revision], check=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def compared(ours: Engine, theirs: Engine, file: Path, rounds: int) -> str:
    """Return the two fastest times, and the median of the ratios of all rounds."""
    pairs = []
    for round_ in range(rounds):
        if round_ % 2:
            new, old = ours.seconds(file), theirs.seconds(file)
        else:
            old, new = theirs.seconds(file), ours.seconds(file)
        if old[1] != new[1]:
            raise SystemExit(f"the other engine recorded {old[1]} intervals and this one {new[1]}")
        pairs.append((new[0], old[0]))
    ratio = statistics.median(new / old for new, old in pairs)
    return f"{min(new for new, _ in pairs):.3f} | {min(old for _, old in pairs):.3f} | {ratio:.2f}"


def main() -> None:
    """Print a row for each policy and scenario."""
    options = argparse.ArgumentParser(description="This engine beside that of another revision.")
    options.add_argument("--revision", default="v0.2.0", help="a commit, a tag or a branch")
    options.add_argument("--rounds", type=int, default=9)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        folder = Path(name)
        theirs = Engine(opened.enter_context(checkout(asked.revision, folder)))
        opened.callback(theirs.close)
        ours = Engine(ROOT)
        opened.callback(ours.close)
        print(f"| policy | processes | s | s, {asked.revision} | median ratio |")
        print("|---|---|---|---|---|")
        for policy in POLICIES:
            for alive, (processes, gap) in SCENARIOS.items():
                file = folder / "scenario.yaml"
                file.write_text(scenario(policy, processes, gap), encoding="utf-8")
                row = compared(ours, theirs, file, asked.rounds)
                print(f"| {policy} | {alive} | {row} |", flush=True)


if __name__ == "__main__":
    main()
