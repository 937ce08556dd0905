"""Every dispatch of a record, with its circumstances and its dead time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from kernel.dispatch_price import Circumstances, Price
from kernel.process.states import BLOCKED, RUNNING
from kernel.units import ms
from timeline.record.run import REAL, Run
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import Stage, stages

ADMITTED_JUST_NOW = ms(1)
"""A process that could have its core so soon (ns) after its admission is still being loaded."""


class Dispatched(NamedTuple):
    """A core is given to a process: the beginning of a slice."""

    process: int
    core: int
    start_ns: int  # when the process first saw itself run
    circumstances: Circumstances
    dead_ns: int | None  # dead time of the dispatch, ns; None: the run is simulated


def price_of(run: Run) -> Price | None:
    """Return the price that the machine of a real run had, if the record has it."""
    written = run.machine.get("price")
    return Price.from_json(written) if run.backend == REAL and written is not None else None


def dispatched(sorted_run: SortedRun) -> list[Dispatched]:
    """Return every dispatch of a run in the order of time, with its circumstances.

    The dead time of a real dispatch ends when the process sees itself run. It begins when the
    process is ready, the core is free, and all events that the dispatcher waits for have happened.
    """
    decided = {(row.core, row.end_ns): row.start_ns for row in sorted_run.run.overheads}
    early, home = (
        dispatcher_fact(sorted_run.run, "early_ns") or 0,
        dispatcher_fact(sorted_run.run, "supervisor_core"),
    )
    found = []
    for life in stages(sorted_run):
        ran: Stage | None = None
        for stage in life:
            if stage.state == RUNNING:
                found.append(_dispatched(sorted_run, stage, ran, decided, early, home))
                ran = stage
    return sorted(found, key=lambda each: (each.start_ns, each.core))


def dispatcher_fact(run: Run, name: str) -> int | None:
    """Return the number with this name in `machine.dispatch` of a real record, or None.

    `early_ns`: a slice may be so much too short; the process gets that time in its next slice.
    `supervisor_core`: the core that the supervisor shares with workers.
    """
    about = run.machine.get("dispatch")
    found = about.get(name) if isinstance(about, Mapping) else None
    return found if type(found) is int else None


def _dispatched(
    sorted_run: SortedRun,
    stage: Stage,
    ran: Stage | None,
    decided: Mapping[tuple[int, int], int],
    early: int,
    home: int | None,
) -> Dispatched:
    row, core = sorted_run.run.processes[stage.process], stage.waited_for
    ready = row.arrival_ns if stage.before is None else stage.before.end
    free = 0 if core is None else core.end
    due = max(ready, free)
    decision = decided.get((stage.core, stage.start), due)
    since = due if core is not None and free <= decision <= free + early else max(due, decision)
    return Dispatched(
        stage.process,
        stage.core,
        stage.start,
        Circumstances(
            first=ran is None,
            away_ns=0 if ran is None else max(0, due - ran.end),
            idle_ns=max(0, ready - free),
            slice_ns=0 if core is None else core.end - core.start,
            loads=loads(sorted_run, stage, ready, due),
            resumed=stage.before is not None and stage.before.state == RUNNING,
            home=stage.core == home,
        ),
        max(0, stage.start - since) if sorted_run.run.backend == REAL else None,
    )


def loads(sorted_run: SortedRun, stage: Stage, ready: int, due: int) -> int:
    """Return the bytes that are loaded for a process, just admitted, before its slice begins.

    Return 0 if it was not just admitted. Programs that are admitted when the run begins have been
    loaded before.
    """
    place, before = sorted_run.run.processes[stage.process].memory, stage.before
    admitted = before is None or before.state not in (RUNNING, BLOCKED)
    if place is None or not admitted or ready <= 0 or due - ready > ADMITTED_JUST_NOW:
        return 0
    return place.requested
