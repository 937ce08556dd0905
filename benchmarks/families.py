"""Run each lesson on the life of processes several times on real processes: `make families`.

    python -m benchmarks.families --runs 20 --program

With --program each exported plain program is run as often, by itself, as a third witness.

A run is correct if all observations and printed lines, all births, ends, adoptions and reapings,
all exit codes and the deadlock (if there is one) are those of the model, and no law is broken.
Times are not checked here, as `compare` judges them.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

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


def main() -> int:
    """Return exit status 1 if any run differed from the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--program", action="store_true", help="exported programs, too")
    parser.add_argument("--only", default="", help="lessons whose names have this in them")
    arguments = parser.parse_args()
    runs, bad = arguments.runs, 0
    for path in sorted(LESSONS.glob("*.yaml")):
        if arguments.only not in path.stem:
            continue
        workload = load(path).workload
        model, same = simulate(workload), 0
        try:
            choose_cpus(workload)
        except UsageError as error:
            print(f"{path.stem}: not run: {error}", flush=True)
            continue
        for _ in range(runs):
            real = run_real(workload)
            found = list(differences(workload, model, real))
            if arguments.program:
                found += told_by_program(path, workload, model, real)
            same += not found
            for line in found:
                print(f"  {line}")
        bad += runs - same
        print(f"{path.stem}: {same} of {runs} the same", flush=True)
    return int(bad > 0)


if __name__ == "__main__":
    raise SystemExit(main())
