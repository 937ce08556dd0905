"""The saved run of a recording: when each thread ran, was ready and blocked."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kernel.files.writing import save

if TYPE_CHECKING:
    from commands.recorded_times import Processors
    from kernel.workload import Workload
    from language.convert.imports.traces.threads import Threads, TracedThread, Turn
    from real.recorder.watching import Watched
    from timeline.record.intervals import Intervals
    from timeline.record.metrics import ProcessFacts
    from timeline.record.run import Observation

_RESOLUTION = 1_000
"""ns: the trace's times are whole microseconds."""


def save_recorded(
    path: Path,
    scenario: Path | None,
    text: str,
    threads: Threads,
    turns: Sequence[Turn],
    seen: Watched,
    processors: Processors,
) -> None:
    """Save the run. Raises ScenarioError if the scenario is beyond the limits of scenarios."""
    from timeline.files.document import write_run
    from timeline.record.assembly import RunFacts, make_run
    from timeline.record.run import REAL

    workload = _workload(scenario, text)
    intervals, facts = _intervals(workload, threads, turns, seen, processors)
    run = make_run(
        RunFacts(
            REAL,
            workload,
            intervals=intervals,
            processes=facts,
            machine={"recorded": True, "dispatch": {"slack_ns": _RESOLUTION}},
            observations=_observations(threads),
            stopped=seen.stopped,
        )
    )
    save(path, lambda stream: write_run(run, stream))


def _observations(threads: Threads) -> list[Observation]:
    """Return what each thread received, as a run of the scenario observes it."""
    from language.convert.imports.traces.from_trace import active_threads, names_of
    from timeline.record.run import Observation

    names = names_of(active_threads(threads), numbered=True)
    return [
        Observation(at - threads.first, names[serial], f"receive {names[serial]}", 1)
        for serial, at in threads.received
        if serial in names
    ]


def _workload(scenario: Path | None, text: str) -> Workload:
    from language import load

    if scenario is not None:
        return load(scenario).workload
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recorded.yaml"
        path.write_text(text, encoding="utf-8")
        return load(path).workload


def _intervals(
    workload: Workload,
    threads: Threads,
    turns: Sequence[Turn],
    seen: Watched,
    processors: Processors,
) -> tuple[Intervals, list[ProcessFacts]]:
    from language.convert.imports.traces.from_trace import active_threads, names_of
    from timeline.record.intervals import Intervals
    from timeline.record.metrics import ProcessFacts

    active = active_threads(threads)
    names = names_of(active, numbered=True)
    index = {spec.name: spec.index for spec in workload.processes}
    core_of = {cpu: core for core, cpu in enumerate(processors.numbers)}
    by_thread: dict[int, list[Turn]] = defaultdict(list)
    for turn in turns:
        by_thread[turn.thread.serial].append(turn)
    intervals = Intervals()
    facts = [ProcessFacts() for _ in workload.processes]
    for thread in active:
        number = index[names[thread.serial]]
        spec = workload.processes[number]
        _add(intervals, number, spec.arrival, thread, by_thread[thread.serial], threads, core_of)
        exitcode = seen.status if thread.number == seen.root else 0
        over = thread.died - threads.first if thread.died >= 0 else None
        facts[number] = ProcessFacts(
            admitted=spec.arrival,
            completion=over,
            exitcode=None if over is None else exitcode,
            pid=thread.number,
        )
    return intervals, facts


def _add(
    intervals: Intervals,
    number: int,
    arrival: int,
    thread: TracedThread,
    turns: Sequence[Turn],
    threads: Threads,
    core_of: dict[int, int],
) -> None:
    """Add the intervals of one thread, from its arrival on without a gap."""
    from kernel.process.states import BLOCKED, READY, RUNNING

    at = arrival
    first = threads.first
    if turns and turns[0].start - first > at:
        intervals.add((number, BLOCKED, at, turns[0].start - first, -1, -1, "woke"))
        at = turns[0].start - first
    for place, turn in enumerate(turns):
        end = turn.end - first
        if end <= at:
            continue
        last = place == len(turns) - 1 and thread.died < 0
        following = turns[place + 1].state if place + 1 < len(turns) else ""
        if turn.state == "running":
            why = "ended" if turn.over else "preempted" if following == "ready" else "blocked"
            row = (number, RUNNING, at, end, core_of[turn.cpu], -1, "stopped" if last else why)
        elif turn.state == "ready":
            row = (number, READY, at, end, -1, -1, "stopped" if last else "dispatched")
        else:
            row = (number, BLOCKED, at, end, -1, -1, "stopped" if last else "woke")
        intervals.add(row)
        at = end
