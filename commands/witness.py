"""The third witness of a comparison: the exported plain program, run by itself."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from commands.asked import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kernel.workload import Workload
    from language.convert.to_python.printed import Printed
    from language.convert.to_python.program import Exported
    from timeline.comparison.witness import Witness
    from timeline.record.run import Run

MARGIN = 5.0  # seconds for the start of a program, on a busy machine
MOST_ORDERS = 5_000
"""How many orders of events are tried at most to find the one that the program saw."""
TIMES = 20  # a program that ends in the model may take so many times as long


def exported(file: Path, asked: Asked) -> Exported:
    """Return the plain program of the scenario. Raises ScenarioError if it has none."""
    from language.loading import export

    return export(file, asked.options())


def witness(program: Exported, workload: Workload, model: Run, reals: Sequence[Run]) -> Witness:
    """Run the plain program, and hold what it prints against the model and the first real run."""
    from kernel.lifecycle.outcomes import allows
    from language.convert.to_python.printed import is_printed, printed_by
    from real.plain.program import run_program
    from timeline.comparison.witness import DIFFERENT, allowed, judge_witness, rows_beside

    given = given_names(workload)
    ran = run_program(program.text, _seconds(workload, model), quiet=_quiet(workload))
    lines = list(printed_by(ran.printed, set(given.values()), program.names))
    rows = rows_beside(lines, model, reals[0] if reals else None, given, is_printed)
    found = judge_witness(rows, model, ran.stopped, ran.seconds)
    if found.verdict != DIFFERENT:
        return found
    said: dict[str, list[Printed]] = defaultdict(list)
    for line in lines:
        said[line.process].append(line)
    answer = allows(workload, said, ran.stopped is None, MOST_ORDERS, shown=is_printed)
    return allowed(found, answer)


def given_names(workload: Workload) -> dict[str, str]:
    """Return by the name of each process in the record the name of its Process object."""
    given = {spec.name: spec.name for spec in workload.processes}
    for spec in workload.processes:
        for call in spec.program.calls:
            if call.kind == "start":
                given[workload.processes[call.child].name] = call.name
    return given


def _seconds(workload: Workload, model: Run) -> float:
    """Return how long the program may take, s. One that hangs in the model need not end."""
    expected = model.makespan_ns / 1e9
    if model.stuck:
        return 3 * expected + _quiet(workload) + MARGIN
    return TIMES * (expected + MARGIN)


def _quiet(workload: Workload) -> float:
    """Return after how many seconds in which all its processes sleep none of them will go on."""
    stall = workload.lifecycle.stall_timeout if workload.lifecycle is not None else 0
    return (max(_waits(workload), default=0) + stall) / 1e9 + 1.0


def _waits(workload: Workload) -> Iterator[int]:
    """Yield how long the program may sleep at once and then go on by itself, ns."""
    from kernel.process.call_timeouts import timeout_of
    from kernel.process.program import CPU

    arrivals = sorted(spec.arrival for spec in workload.processes)
    yield from (later - earlier for earlier, later in pairwise(arrivals))
    for spec in workload.processes:
        for place, duration in zip(spec.program.places, spec.program.durations, strict=True):
            if place > CPU:
                yield duration
        yield from (timeout_of(call) or 0 for call in spec.program.calls)
