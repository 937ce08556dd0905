"""What the witnesses of a random program say, and whether the rules allow it.

The witnesses are the exported plain program, run by a plain Python, and real processes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import life_pools, life_priorities, life_scenes, life_tangles, life_threads
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
HANGS = 0.5
"""Seconds: a program in which no process waits longer hangs if all of them have slept for so long.
Times in tangles are at most 40 ms, and 60 ms among threads."""
LONG = 8.0  # the same where processes wait up to 5 s

Said = dict[str, list[tuple[str, Any]]]
"""What each process observed and printed, in order: (name of the observation, value)."""


class Kind(NamedTuple):
    """A kind of random programs."""

    name: str
    made: Callable[[str], dict[str, Any]]  # the scenario of a seed
    hangs: float = LONG  # see HANGS
    may_be_stuck: bool = False
    exports: bool = True  # a plain program can do what its processes do


SCENES = Kind("scenes", life_scenes.made)
POOLS = Kind("pools", life_pools.made, may_be_stuck=True)
TANGLES = Kind("tangles", life_tangles.made, HANGS, may_be_stuck=True)
THREADS = Kind("threads", life_threads.made, HANGS, may_be_stuck=True)
WORKERS = Kind("killed workers", life_pools.made_with_signals, may_be_stuck=True, exports=False)
PRIORITIES = Kind("priorities", life_priorities.made, may_be_stuck=True, exports=False)
ROUND = [SCENES, TANGLES, SCENES, TANGLES, POOLS, TANGLES, SCENES, TANGLES, None, TANGLES]
"""The kinds of ten programs in a row. None: the three rest kinds take turns."""
REST = [THREADS, WORKERS, PRIORITIES]


def kind_of(number: int) -> Kind:
    """Return which kind of program has that number."""
    return ROUND[number % len(ROUND)] or REST[number // len(ROUND) % len(REST)]


class Program(NamedTuple):
    """A random program: its workload, the exported plain program if any, and the model's run."""

    kind: Kind
    workload: Workload
    exported: Exported | None
    model: Run


def program(seed: int | str, number: int, folder: Path) -> Program:
    """Return the program of that number. Its scenario is written to `lab.yaml` in the folder."""
    path, kind = folder / "lab.yaml", kind_of(number)
    path.write_text(yaml(kind.made(f"{seed} {number}")), encoding="utf-8")
    workload = load(path).workload
    plain = export(path, Options()) if kind.exports else None
    return Program(kind, workload, plain, simulate(workload))


def said(run: Run) -> Said:
    """Return what the processes of a run say."""
    found: Said = defaultdict(list)
    for row in compared(run):
        found[row.process].append((row.name, row.value))
    return found


def wrong_with_model(program: Program) -> list[str]:
    """Return in words what is wrong with the model's run by itself, or with the exported text."""
    wrong = [str(each) for each in check(program.model)]
    if program.model.stuck and not program.kind.may_be_stuck:
        wrong.append(f"the model is stuck: {program.model.stuck}")
    if program.exported is not None:
        wrong += foreign(program.exported.text, program.exported.names)
    return wrong


class Answer(NamedTuple):
    """What a witness says otherwise than the model, and whether the rules allow what it says."""

    differs: list[str]  # in words; empty: nothing
    allowed: bool | None  # None: not judged


SAME = Answer([], True)


def exported(program: Program, folder: Path, orders: int) -> Answer:
    """Run the exported program, and judge what it prints; of so many orders of events at most."""
    from real.plain.program import run_program  # needs Linux

    assert program.exported is not None
    ran = run_program(program.exported.text, SECONDS, quiet=program.kind.hangs, folder=folder)
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
    return Answer(wrong, allows(program.workload, lines, ends, orders, shown=is_printed))


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


def real(program: Program, orders: int) -> Answer:
    """Run the program on real processes, and judge what they observe, as `exported` does.

    The run waits for the end of other real runs on the host.
    """
    from real.host.run_lock import alone_on_host
    from real.run import run_real  # needs Linux

    try:
        with alone_on_host(True, lambda _text: None):
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
    return Answer(differs, allows(program.workload, lines, not run.stuck, orders))


def _first_pair(one: Said, other: Said, name: str) -> tuple[Any, Any]:
    """Return the first two observations of a process that differ, or two that are the same."""
    pairs = zip(_padded(one, other, name), _padded(other, one, name), strict=True)
    return next(((mine, yours) for mine, yours in pairs if mine != yours), (None, None))


def _padded(one: Said, other: Said, name: str) -> list[tuple[str, Any]]:
    rows = one.get(name, [])
    return [*rows, *[("nothing", None)] * (len(other.get(name, [])) - len(rows))]
