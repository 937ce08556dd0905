"""Measure how long exports take, and prove that exported programs have no code from scenarios.

    python -m benchmarks.exports --scenarios 20000 --run 2000 --seed 1

This command exports random scenarios, with hostile names, texts and values, as Python programs. It
proves on the syntax tree of each program that only literals, and names made by the exporter, come
from the scenario. It also runs some of the programs. They must print what the model's record says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.programs import made, tree, yaml
from benchmarks.proof import TRIES, agrees, foreign, form, predicted, run_program
from kernel.policies import POLICIES
from kernel.process.program import CPU, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from language import Options, ScenarioError, load
from language.convert.to_python.program import Exported
from language.loading import export, export_tree
from report.outputs import OUTPUTS
from report.result import Result
from sim import simulate
from timeline.record.run import Run

PROCESSES, BURSTS = 30, 134
SECONDS = {"png": 3.0, "svg": 3.0, "perfetto": 1.5, "csv": 1.5}
"""Seconds that each kind of export may take at most."""


def export_figures() -> Iterator[Figure]:
    """Yield a figure for each kind of export. Those whose library is not installed are left out."""
    run = _run()
    for output in OUTPUTS:
        if output.option not in SECONDS or (output.module and not find_spec(output.module)):
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / output.option
            output.write(Result([run]), path)  # not measured, as it imports the library
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


# -- programs -----------------------------------------------------------------------------------


SECONDS_TO_END = 30
"""Time limit (s) of a program that is run. Each program needs some ms."""


def exported(seed: str, folder: Path, *, hostile: bool, sure: bool) -> Exported:
    """Return the program that the scenario of that seed is exported to.

    The scenario is written to `lab.yaml` in the folder. Raises ScenarioError.
    """
    path, scenario = folder / "lab.yaml", made(seed, hostile=hostile, sure=sure)
    if not sure:  # without YAML, which would take most of the time
        return export_tree(str(path), "", tree(scenario), Options())
    path.write_text(yaml(scenario), encoding="utf-8")
    return export(path, Options())


def proved(seed: str, folder: Path, *, sure: bool) -> tuple[str, list[str]]:
    """Export the scenario of that seed. Return the outcome, and what is wrong with the program."""
    results: list[Exported | ScenarioError] = []
    for hostile in (False, True):
        try:
            results.append(exported(seed, folder, hostile=hostile, sure=sure))
        except ScenarioError as error:
            results.append(error)
    plain, wild = results
    if isinstance(wild, ScenarioError):
        if "is not exported" not in str(wild) or any(p.line is None for p in wild.problems):
            return "refused by check", [f"refused by check: {wild}"]
        return "not exported", []
    wrong = foreign(wild.text, wild.names)
    if not isinstance(plain, Exported) or form(*plain) != form(*wild):
        wrong.append("in plain words it has another form")
    return "exported", wrong


def ran(seed: str, folder: Path) -> list[str]:
    """Run the program of that seed. Return in words what it does differently from the model."""
    program = exported(seed, folder, hostile=True, sure=True)
    workload = load(folder / "lab.yaml").workload
    lines = predicted(simulate(workload), workload, program.names)
    printed = ""
    for _ in range(TRIES):
        printed = run_program(program.text, folder, SECONDS_TO_END)
        if agrees(printed, lines):
            left = sorted({each.name for each in folder.iterdir()} - {"lab.yaml", "program.py"})
            return [f"leaves {left}"] if left else []
    return [f"prints {printed!r} instead of {lines!r}"]


def main() -> int:
    """Return exit status 1 if a program has code from its scenario, or prints something else."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=20_000)
    parser.add_argument("--run", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    parser.add_argument("--first", type=int, default=0, help="begin with this one")
    arguments = parser.parse_args()
    ends: Counter[str] = Counter()
    bad, stop = 0, time.monotonic() + arguments.seconds
    for number, sure in _numbers(arguments.first, arguments.scenarios, arguments.run):
        if time.monotonic() > stop:
            print(f"stopped before {'run' if sure else 'scenario'} {number}")
            break
        seed = f"{arguments.seed}{' run' * sure} {number}"
        with tempfile.TemporaryDirectory() as name:
            end, wrong = proved(seed, Path(name), sure=sure)
            ends[end] += 1
            if sure and end == "exported":
                wrong = [*wrong, *ran(seed, Path(name))]
                ends["run"] += 1
        bad += bool(wrong)
        for line in wrong:
            print(f"{'run' if sure else 'scenario'} {number} ({end}): {line}", flush=True)
    print(f"seed {arguments.seed}: {dict(ends)}, {bad} bad", flush=True)
    return int(bad > 0)


def _numbers(first: int, scenarios: int, runs: int) -> Iterator[tuple[int, bool]]:
    """Yield the numbers of the programs that are only exported, then of those that are run."""
    yield from ((number, False) for number in range(first, first + scenarios))
    yield from ((number, True) for number in range(first, first + runs))


if __name__ == "__main__":
    sys.exit(main())
