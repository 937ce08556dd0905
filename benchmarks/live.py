"""Measure the cost of `--live` in a real run: the same scenario is run with and without a picture.

    python -m benchmarks.live

The runs with and without a picture take turns. They are made with a processor for the supervisor
alone, and without one. The measurement needs a machine without other work: runs that other programs
disturbed are left out. The exit status is 1 if a bound is missed.
"""

from __future__ import annotations

import os
import pickle
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.figures import Figure, show
from language import Options, load
from real import run_real
from timeline.comparison.causes.core_losses import outsiders_ns
from timeline.files.document import load as load_run
from timeline.record.live import LiveUpdate
from timeline.record.run import Run

ROOT = Path(__file__).parent.parent
ROUNDS = 10
TAKEN = 5_000_000  # ns that other programs may take of the cores in a run that counts
SCENARIO = """
title: Some two seconds of short slices and I/O
machine: {cores: 1, devices: {disk: {units: 1}}}
scheduler: {policy: rr, quantum: 10ms}
processes:
  - name: job
    count: 4
    program: [{repeat: {times: 10, do: [{cpu: 40ms}, {io: {disk: 20ms}}]}}]
"""
LATER = 0.01
"""How much longer a run may take because it is drawn, as a share of its makespan."""
LOOK = 500
"""How many us of the supervisor's time a look may take at the median. A look is an update."""


class Outcome(NamedTuple):
    """The result of one run: makespan and median dead time (ns), and whether it was disturbed."""

    makespan: int
    dead: int
    disturbed: bool


def in_a_terminal(file: Path, cores: int, out: Path, *options: str) -> Outcome:
    """Run the scenario with a terminal that reads what is drawn and discards it."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "cli.py", "run-real", str(file), "--cores", str(cores)]
    process = subprocess.Popen(
        [*command, "--out", str(out), *options],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
    )
    while process.poll() is None:
        if select.select([ours], [], [], 0.2)[0]:
            os.read(ours, 1 << 16)
    os.close(ours)
    os.close(theirs)
    (run,) = load_run(out)
    return _outcome(run)


def _outcome(run: Run) -> Outcome:
    taken = outsiders_ns(run).total()
    return Outcome(run.makespan_ns, run.machine["dispatch"]["dead_p50_ns"], taken > TAKEN)


def looks(file: Path) -> list[float]:
    """Return the us of the supervisor's time that each look took, until it could be sent."""
    took: list[float] = []

    def watch(look: Callable[[], LiveUpdate]) -> None:
        begun = time.perf_counter()
        pickle.dumps(look(), pickle.HIGHEST_PROTOCOL)
        took.append((time.perf_counter() - begun) * 1e6)

    run_real(load(file, Options()).workload, watcher=watch)
    return took


def compared(file: Path, cores: int, out: Path) -> tuple[list[Outcome], list[Outcome]]:
    """Return the results of runs without and with a picture, which took turns."""
    plain, drawn = [], []
    for _ in range(ROUNDS):
        plain.append(in_a_terminal(file, cores, out))
        drawn.append(in_a_terminal(file, cores, out, "--live"))
    return plain, drawn


def figures(file: Path, out: Path) -> Iterator[Figure]:
    """Yield the time that a look takes, and how much longer runs with a picture take."""
    took = looks(file)
    middle, most = statistics.median(took), max(took)
    text = f"{middle:.0f} us, at most {most:.0f} us, {len(took)} looks (at most {LOOK} us)"
    yield Figure("a look, of the supervisor's time", middle, LOOK, text, at_most=True)
    every = len(os.sched_getaffinity(0))
    cases = [(1, "a core to spare")] if every > 1 else []
    for cores, words in [*cases, (every, "no core to spare")]:
        both = compared(file, cores, out)
        quiet = [[each for each in some if not each.disturbed] for some in both]
        if all(quiet):
            yield _longer(words, quiet[0], quiet[1])
        else:
            longer = _longer(words, *both)
            print(f"? {longer.what:42}not measured, others used the cores; {longer.text}")


def _longer(words: str, plain: Sequence[Outcome], drawn: Sequence[Outcome]) -> Figure:
    """Return how much longer the runs with a picture take, at the median."""
    before, after = (statistics.median(each.makespan for each in some) for some in (plain, drawn))
    dead = [statistics.median(each.dead for each in some) / 1e3 for some in (plain, drawn)]
    text = (
        f"{100 * (after / before - 1):+.2f} % (at most {100 * LATER:.0f} %), dispatches dead for "
        f"{dead[0]:.0f} and {dead[1]:.0f} us, {len(plain)} and {len(drawn)} runs"
    )
    return Figure(f"--live, {words}: longer by", after / before - 1, LATER, text, at_most=True)


def main() -> int:
    """Measure and print each figure. Return exit status 1 if a bound is missed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "live.yaml"
        file.write_text(SCENARIO)
        return 0 if show(figures(file, Path(folder) / "run.json")) else 1


if __name__ == "__main__":
    sys.exit(main())
