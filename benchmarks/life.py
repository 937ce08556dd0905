"""Random programs of the life of processes, each as model, as exported program, and as real run.

    python -m benchmarks.life --first 0 --count 100 --seed 1 --real

Each program is written by `benchmarks.life_scenes`. What its processes print and observe must be
the same on the model, in the exported plain program and, with --real, on real processes. The
programs of a seed have numbers, so that a batch can be gone on with.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.life_scenes import made
from benchmarks.programs import yaml
from benchmarks.proof import foreign, run_program
from kernel.errors import MultiprogError
from kernel.workload import Workload
from language import Options, load
from language.convert.to_python.printed import Printed, is_printed, printed_by
from language.convert.to_python.program import Exported
from language.loading import export
from sim import simulate
from timeline.comparison.observations import compared
from timeline.laws.check import check
from timeline.record.run import Run

SECONDS = 60  # s after which an exported program is killed
TRIES = 3
"""How often a witness may differ. Time decides nothing in these programs on a quiet machine; on a
busy one a process may not come to its call in the time that it is given."""

Said = dict[str, list[tuple[str, Any]]]
"""What each process observed and printed, in order: (name of the observation, value)."""


class Program(NamedTuple):
    """A random program: its workload, the exported plain program, and the model's run."""

    workload: Workload
    exported: Exported
    model: Run


def program(seed: str, folder: Path) -> Program:
    """Return the program of that seed. Its scenario is written to `lab.yaml` in the folder."""
    path = folder / "lab.yaml"
    path.write_text(yaml(made(seed)), encoding="utf-8")
    workload = load(path).workload
    return Program(workload, export(path, Options()), simulate(workload))


def said(run: Run) -> Said:
    """Return what the processes of a run say."""
    found: Said = defaultdict(list)
    for row in compared(run):
        found[row.process].append((row.name, row.value))
    return found


def wrong_with_model(program: Program) -> list[str]:
    """Return in words what is wrong with the model's run by itself, or with the exported text."""
    wrong = [str(each) for each in check(program.model)]
    if program.model.stuck:
        wrong.append(f"the model is stuck: {program.model.stuck}")
    return wrong + foreign(program.exported.text, program.exported.names)


def wrong_with_exported(program: Program, folder: Path) -> list[str]:
    """Run the exported program. Return what it prints otherwise than the model says."""
    output = run_program(program.exported.text, folder, SECONDS)
    names = [spec.name for spec in program.workload.processes]
    lines: Mapping[str, list[Printed]] = defaultdict(list)
    for line in printed_by(output, names, program.exported.names):
        lines[line.process].append(line)
    wrong = [] if "(it did not end)" not in output else ["exported: it did not end"]
    for name, rows in _with_all(said(program.model), names).items():
        expected = [(what, value) for what, value in rows if is_printed(what, value)]
        wrong += _first_difference(name, expected, lines[name])
    return wrong


def _with_all(found: Said, names: list[str]) -> Said:
    return {name: found.get(name, []) for name in names}


def _first_difference(
    name: str, expected: list[tuple[str, Any]], lines: list[Printed]
) -> list[str]:
    for number, (what, value) in enumerate(expected):
        if number >= len(lines):
            return [f"exported: {name} does not print {what}: {value!r}"]
        if not lines[number].is_of(what, value):
            got = f"{lines[number].name}: {lines[number].text}"
            return [f"exported: {name} prints {got} instead of {what}: {value!r}"]
    more = lines[len(expected) :]
    return [f"exported: {name} prints {more[0].name}: {more[0].text}, too"] if more else []


def wrong_with_real(program: Program) -> list[str]:
    """Run the program on real processes. Return what they say otherwise than the model says."""
    from real.run import run_real  # needs Linux

    try:
        run = run_real(program.workload)
    except MultiprogError as error:
        return [f"real: {error}"]
    wrong = [f"real: {each}" for each in check(run)]
    model, real = said(program.model), said(run)
    for name in sorted(model.keys() | real.keys()):
        for mine, yours in zip(_padded(model, real, name), _padded(real, model, name), strict=True):
            if mine != yours:
                wrong.append(f"real: {name} says {yours} instead of {mine}")
                break
    return wrong


def _padded(one: Said, other: Said, name: str) -> list[tuple[str, Any]]:
    rows = one.get(name, [])
    return [*rows, *[("nothing", None)] * (len(other.get(name, [])) - len(rows))]


def main() -> int:
    """Return exit status 1 if a program came out otherwise than the model says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", action="store_true", help="only the model, and the export")
    parser.add_argument("--real", action="store_true", help="real processes, too")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after so long")
    arguments = parser.parse_args()
    counts: Counter[str] = Counter()
    stop = time.monotonic() + arguments.seconds
    for number in range(arguments.first, arguments.first + arguments.count):
        if time.monotonic() > stop:
            print(f"stopped before {number}")
            break
        _one(f"{arguments.seed} {number}", arguments, counts)
    print(f"seed {arguments.seed}, from {arguments.first}: {dict(counts)}", flush=True)
    return int(counts["bad"] > 0)


def _one(seed: str, arguments: argparse.Namespace, counts: Counter[str]) -> None:
    """Run the program of that seed in all ways that are asked for, and count what came out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            made = program(seed, folder)
        except Exception as error:
            counts["bad"] += 1
            print(f"{seed}: {type(error).__name__}: {error}", flush=True)
            return
        wrong = wrong_with_model(made)
        counts["programs"] += 1
        if not arguments.model:
            wrong += _tried(lambda: wrong_with_exported(made, folder), counts, "exported")
        if arguments.real:
            wrong += _tried(lambda: wrong_with_real(made), counts, "real")
        counts["bad"] += bool(wrong)
        for line in wrong:
            print(f"{seed}: {line}", flush=True)


def _tried(witness: Any, counts: Counter[str], kind: str) -> list[str]:
    """Return what the witness does otherwise, in the last of at most TRIES runs."""
    wrong: list[str] = []
    for attempt in range(TRIES):
        wrong = witness()
        if not wrong:
            counts[kind] += 1
            counts[f"{kind}, again"] += bool(attempt)
            break
    return wrong


if __name__ == "__main__":
    sys.exit(main())
