"""Random programs of the life of processes, each as model, as exported program, and as real run.

    python -m benchmarks.life --first 0 --count 100 --seed 1 --real

Programs with even numbers are scenes (`benchmarks.life_scenes`): what their processes print and
observe must be the same on the model, in the exported plain program and, with --real, on real
processes. Programs with odd numbers are tangles (`benchmarks.life_tangles`), in which timing
decides: the rules must allow what a witness says. A batch can be gone on with by its numbers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import life_scenes, life_tangles
from benchmarks.programs import yaml
from benchmarks.proof import foreign
from kernel.errors import MultiprogError
from kernel.lifecycle.outcomes import allows
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
HANGS = 1.5  # s; a tangle whose processes have slept for so long hangs
ORDERS = 300  # orders of events that are tried before a witness is not judged
TRIES = 3
"""How often a witness may differ. Time decides nothing in these programs on a quiet machine; on a
busy one a process may not come to its call in the time that it is given."""

Said = dict[str, list[tuple[str, Any]]]
"""What each process observed and printed, in order: (name of the observation, value)."""


class Program(NamedTuple):
    """A random program: its workload, the exported plain program, and the model's run."""

    tangled: bool
    workload: Workload
    exported: Exported
    model: Run


def program(seed: str, folder: Path) -> Program:
    """Return the program of that seed. Its scenario is written to `lab.yaml` in the folder."""
    path = folder / "lab.yaml"
    tangled = int(seed.split()[1]) % 2 == 1
    made = life_tangles.made(seed) if tangled else life_scenes.made(seed)
    path.write_text(yaml(made), encoding="utf-8")
    workload = load(path).workload
    return Program(tangled, workload, export(path, Options()), simulate(workload))


def said(run: Run) -> Said:
    """Return what the processes of a run say."""
    found: Said = defaultdict(list)
    for row in compared(run):
        found[row.process].append((row.name, row.value))
    return found


def wrong_with_model(program: Program) -> list[str]:
    """Return in words what is wrong with the model's run by itself, or with the exported text."""
    wrong = [str(each) for each in check(program.model)]
    if program.model.stuck and not program.tangled:
        wrong.append(f"the model is stuck: {program.model.stuck}")
    return wrong + foreign(program.exported.text, program.exported.names)


class Answer(NamedTuple):
    """What a witness says otherwise than the model, and whether the rules allow what it says."""

    differs: list[str]  # in words; empty: nothing
    allowed: bool | None  # None: not judged


SAME = Answer([], True)


def exported(program: Program, folder: Path) -> Answer:
    """Run the exported program, and judge what it prints."""
    from real.plain.program import run_program  # needs Linux

    quiet = HANGS if program.tangled else SECONDS
    ran = run_program(program.exported.text, SECONDS, quiet=quiet, folder=folder)
    names = [spec.name for spec in program.workload.processes]
    lines: Mapping[str, list[Printed]] = defaultdict(list)
    for line in printed_by(ran.printed, names, program.exported.names):
        lines[line.process].append(line)
    ends = ran.stopped is None
    wrong = [] if ends == (not program.model.stuck) else [f"exported: ends: {ends}"]
    for name, rows in _with_all(said(program.model), names).items():
        expected = [(what, value) for what, value in rows if is_printed(what, value)]
        wrong += _first_difference(name, expected, lines[name])
    if not wrong:
        return SAME
    return Answer(wrong, allows(program.workload, lines, ends, ORDERS, shown=is_printed))


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


class Observed(NamedTuple):
    """One observation of a real process."""

    name: str
    value: Any

    def is_of(self, name: str, value: Any) -> bool:
        """Return whether it is this observation."""
        return (name, value) == self


def real(program: Program) -> Answer:
    """Run the program on real processes, and judge what they observe."""
    from real.run import run_real  # needs Linux

    try:
        run = run_real(program.workload)
    except MultiprogError as error:
        return Answer([f"real: {error}"], False)
    broken = [f"real: {each}" for each in check(run)]
    broken += [f"real: {each}" for each in run.divergences]
    model, yours = said(program.model), said(run)
    differs = [
        f"real: {name} says {theirs} instead of {mine}"
        for name in sorted(model.keys() | yours.keys())
        for mine, theirs in [_first_pair(model, yours, name)]
        if mine != theirs
    ]
    if broken or not differs:
        return Answer(broken + differs, not broken)
    lines = {name: [Observed(*each) for each in rows] for name, rows in yours.items()}
    return Answer(differs, allows(program.workload, lines, not run.stuck, ORDERS))


def _first_pair(one: Said, other: Said, name: str) -> tuple[Any, Any]:
    """Return the first two observations of a process that differ, or two that are the same."""
    pairs = zip(_padded(one, other, name), _padded(other, one, name), strict=True)
    return next(((mine, yours) for mine, yours in pairs if mine != yours), (None, None))


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
            written = program(seed, folder)
        except Exception as error:
            counts["bad"] += 1
            print(f"{seed}: {type(error).__name__}: {error}", flush=True)
            return
        wrong = wrong_with_model(written)
        counts["programs"] += 1
        if not arguments.model:
            wrong += _tried(lambda: exported(written, folder), counts, "exported")
        if arguments.real:
            wrong += _tried(lambda: real(written), counts, "real")
        counts["bad"] += bool(wrong)
        for line in wrong:
            print(f"{seed}: {line}", flush=True)


def _tried(witness: Callable[[], Answer], counts: Counter[str], kind: str) -> list[str]:
    """Return what the witness does otherwise than the rules allow, in each of TRIES runs."""
    answer = SAME
    for attempt in range(TRIES):
        answer = witness()
        if not answer.differs or answer.allowed:
            counts[kind] += 1
            counts[f"{kind}, otherwise"] += bool(answer.differs)
            counts[f"{kind}, again"] += bool(attempt)
            return []
    if answer.allowed is None:
        counts[f"{kind}, not judged"] += 1
        return []
    return answer.differs


if __name__ == "__main__":
    sys.exit(main())
