"""Run each lesson on the life of processes several times on real processes: `make families`.

    python -m benchmarks.families --runs 20 --program

With --program each exported plain program is run as often, by itself, as a third witness. Several
runs go on at once, but only one real run on the host. It goes lesson by lesson: go on with --start.

A run is correct if all observations and printed lines, all births, ends, adoptions and reapings,
all exit codes and the deadlock (if there is one) are those of the model, and no law is broken.
Times are not checked here, as `compare` judges them. On a busy machine a process may not come to
its call in the time that it is given; so what differs is tried again, and the line says how often.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.jobs import in_order
from commands.asked import Asked
from commands.witness import exported, witness
from kernel.errors import UsageError
from kernel.workload import Workload
from language import ScenarioError, load
from real import run_real
from real.host.cpus import choose_cpus
from sim import simulate
from timeline.comparison.observations import side_by_side
from timeline.comparison.witness import ALLOWED, SAME
from timeline.expect import check as check_expectations
from timeline.laws.check import check
from timeline.record.run import Run

TIMES = ("completion", "turnaround", "waiting", "response", "first_run", "mean", "makespan")
TRIES = 3  # how often a lesson may differ
LESSONS = Path(__file__).parent.parent / "scenarios" / "lessons" / "life"


def differences(workload: Workload, model: Run, real: Run) -> Iterator[str]:
    """Yield in words each difference of the real run from the model, and each broken law."""
    for pair in side_by_side(model, real):
        if not pair.equal:
            yield f"{pair.process}: {pair.name}: {pair.first} against {pair.second}"
    for what, one, other in (
        ("lives", _lives(model), _lives(real)),
        ("exit codes", _codes(model), _codes(real)),
        ("end", model.stopped, real.stopped),
    ):
        if one != other:
            yield f"{what}: {one} against {other}"
    yield from (violation.message for violation in check(real))
    expect = {key: wanted for key, wanted in (workload.expect or {}).items() if key not in TIMES}
    for line in check_expectations(expect, real, time_unit=workload.time_unit):
        if not line.holds:
            yield f"{line.what}: {line.got} instead of {line.wanted}"


def told_by_program(path: Path, workload: Workload, model: Run, real: Run) -> Iterator[str]:
    """Yield what the exported plain program says that the rules do not allow.

    A lesson that cannot be a plain program has none, and yields nothing.
    """
    try:
        program = exported(path, Asked())
    except ScenarioError:
        return
    heard = witness(program, workload, model, [real])
    if heard.verdict not in (SAME, ALLOWED):
        yield heard.sentence


def _lives(run: Run) -> list[tuple[str, str, str]]:
    return sorted((event.event, event.process, event.by) for event in run.lifecycle)


def _codes(run: Run) -> list[tuple[str, str | None, int | None]]:
    return [(row.name, row.parent, row.exitcode) for row in run.processes]


class Came(NamedTuple):
    """What came out of one run of a lesson on real processes, and as a program."""

    differs: list[str]  # in words, at the last try; empty: nothing
    before: list[str]  # what differed at the tries before


def one(path: Path, *, program: bool) -> Came:
    """Run the lesson on real processes, and as a plain program if asked for."""
    from real.host.run_lock import alone_on_host

    workload = load(path).workload
    model = simulate(workload)
    reals: list[Run] = []

    def differs() -> list[str]:
        with alone_on_host(True, lambda _text: None):
            reals[:] = [run_real(workload)]
        return list(differences(workload, model, reals[0]))

    came = _tried(differs)
    if came.differs or not program:
        return came
    told = _tried(lambda: list(told_by_program(path, workload, model, reals[0])))
    return Came(told.differs, came.before + told.before)


def _tried(differs: Callable[[], list[str]]) -> Came:
    """Return what differs each time of TRIES, until nothing does."""
    before: list[str] = []
    for _ in range(TRIES - 1):
        found = differs()
        if not found:
            return Came([], before)
        before += found
    return Came(differs(), before)


def main() -> int:
    """Return exit status 1 if any run differed from the model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--program", action="store_true", help="exported programs, too")
    parser.add_argument("--only", default="", help="lessons whose names have this in them")
    parser.add_argument("--start", default="", help="begin with the lesson of that name")
    parser.add_argument("--jobs", type=int, default=3, help="runs at once (default 3)")
    given = parser.parse_args()
    python, bad, began = platform.python_version(), 0, time.monotonic()
    paths = [
        path
        for path in sorted(LESSONS.glob("*.yaml"))
        if given.only in path.stem and path.stem >= given.start and _can_run(path)
    ]
    runs = [path for path in paths for _ in range(given.runs)]
    with contextlib.closing(
        in_order(partial(one, program=given.program), runs, given.jobs)
    ) as batch:
        for path in paths:
            bad += _told(path, [next(batch) for _ in range(given.runs)], given.runs)
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    minutes = (time.monotonic() - began) / 60
    print(f"{len(paths)} lessons, {len(runs)} runs, {bad} differ, Python {python}, {who}, "
          f"{minutes:.1f} min")  # fmt: skip
    return int(bad > 0)


def _can_run(path: Path) -> bool:
    """Return whether this machine can run the lesson, and print why not."""
    try:
        choose_cpus(load(path).workload)
    except UsageError as error:
        print(f"{path.stem}: not run: {error}", flush=True)
        return False
    return True


def _told(path: Path, came: list[Came], runs: int) -> int:
    """Print what came out of a lesson. Return how many runs differ."""
    bad, again = sum(bool(each.differs) for each in came), sum(bool(each.before) for each in came)
    tried = f" ({again} of them tried again)" if again else ""
    print(f"{path.stem}: {runs - bad} of {runs} the same{tried}", flush=True)
    for each in came:
        for line in each.differs:
            print(f"  DIFFERS: {line}", flush=True)
        for line in each.before:
            print(f"  before: {line}", flush=True)
    return bad


if __name__ == "__main__":
    raise SystemExit(main())
