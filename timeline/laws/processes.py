"""Laws of one process: its intervals, its times and its totals agree with each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from kernel.process.memory_steps import EXITCODES
from kernel.process.states import BLOCKED, NEW, READY, RUNNING, State
from timeline.record.intervals import Interval
from timeline.record.jobs import dropped_cpu
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import Breach, SortedRun, text_of


def one_core_a_process(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes that run on two cores at a time, or on a core that they may not use."""
    for row, track in sorted_run.rows_with_tracks:
        latest: Interval | None = None
        for interval in track:
            if interval.state != RUNNING:
                continue
            core, start = interval.core, interval.start
            if latest is not None and latest.core != core and start < latest.end:
                text = f"{row.name} runs on cores {latest.core} and {core} at once"
                yield f"{text} at {text_of(start)}", start, row.name, core
            if not _may_run(row, core, len(sorted_run.run.cores)):
                text = f"{row.name} runs on core {core}, which is not one of its cores"
                yield f"{text}, at {text_of(start)}", start, row.name, core
            latest = interval


def _may_run(row: ProcessRow, core: int, cores: int) -> bool:
    return 0 <= core < cores and (row.affinity is None or core in row.affinity)


def no_gap_no_overlap(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield gaps and overlaps of a process's intervals between its arrival and its end."""
    for row, track in sorted_run.rows_with_tracks:
        at = row.arrival_ns
        for interval in track:
            if interval.start != at:
                kind = "a gap" if interval.start > at else "an overlap"
                text = f"{row.name} has {kind} of {text_of(abs(interval.start - at))}"
                yield f"{text} before {text_of(interval.start)}", at, row.name, None
            if interval.end < interval.start:
                text = f"{row.name} has an interval that ends before it starts"
                yield f"{text}, at {text_of(interval.start)}", at, row.name, None
            at = interval.end
        end = max((i.end for i in track if i.state != State.ZOMBIE), default=row.arrival_ns)
        if row.completion_ns is not None and row.completion_ns != end:
            text = f"{row.name} completes at {text_of(row.completion_ns)}"
            yield f"{text}, but its record ends at {text_of(end)}", end, row.name, None


def cpu_as_asked(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield programs that were not killed and did not receive the CPU time that they asked for.

    They need not receive that of jobs that were dropped at their deadlines.
    """
    for row, track in sorted_run.rows_with_tracks:
        by_signal = row.exitcode is not None and row.exitcode < 0
        killed = (by_signal or any(interval.why == "killed" for interval in track[-2:])) and (
            row.exitcode != EXITCODES["fault"]
        )
        if row.completion_ns is None or killed or not track:
            continue
        allowed = sorted_run.cpu_tolerance(row)
        asked = row.demand_ns - dropped_cpu(row)
        if abs(row.cpu_ns - asked) > allowed:
            text = f"{row.name} received {text_of(row.cpu_ns)} of CPU"
            text = f"{text} but asked for {text_of(asked)}"
            yield f"{text} (allowed: {text_of(allowed)} off)", 0, row.name, None


def metrics_as_recorded(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield times and counts of a process that are not those of its intervals.

    CPU time is checked only in simulated runs: a real machine measures it. The times are defined
    as in Silberschatz, Galvin, Gagne, Operating System Concepts, ch. 5.
    """
    for row, track in sorted_run.rows_with_tracks:
        spent: dict[int, int] = defaultdict(int)
        for interval in track:
            spent[interval.state] += interval.end - interval.start
        pairs = {
            "turnaround": (row.turnaround_ns, _since(row, row.completion_ns)),
            "response": (row.response_ns, _since(row, row.first_run_ns)),
            "first run": (row.first_run_ns, _first(track, RUNNING)),
            "waiting": (row.waiting_ns, spent[READY]),
            "blocked": (row.blocked_ns, spent[BLOCKED]),
            "suspended": (row.suspended_ns, spent[State.SUSPENDED]),
        }
        if sorted_run.simulated:
            pairs["CPU time"] = (row.cpu_ns, spent[RUNNING])
        for what, (got, wanted) in pairs.items():
            if got != wanted:
                text = f"{row.name}: {what} is {text_of(got)}"
                yield f"{text}, but its intervals say {text_of(wanted)}", 0, row.name, None
        cores = _slices(track)
        counts = {
            "slices": (row.slices, len(cores)),
            "preemptions": (row.preemptions, sum(i.why in _AGAINST_ITS_WILL for i in track)),
            "migrations": (row.migrations, sum(a != b for a, b in pairwise(cores))),
        }
        for what, (counted, there) in counts.items():
            if counted != there:
                text = f"{row.name}: {what} are {counted}, but its intervals say {there}"
                yield text, 0, row.name, None


_AGAINST_ITS_WILL = ("expired", "preempted")


def _slices(track: list[Interval]) -> list[int]:
    """Return the core of each slice. A slice goes on after an interruption by another program."""
    ran = [interval for interval in track if interval.state == RUNNING]
    before = [None, *ran]
    return [
        row.core
        for last, row in zip(before, ran, strict=False)
        if last is None or last.why != "interrupted"
    ]


def _since(row: ProcessRow, time: int | None) -> int | None:
    return None if time is None else time - row.arrival_ns


def _first(track: list[Interval], state: State) -> int | None:
    return next((interval.start for interval in track if interval.state == state), None)


def times_in_order(sorted_run: SortedRun) -> Iterator[Breach]:
    """Yield processes unless arrival <= admission <= first run <= completion.

    A process must enter its first state after `new` at its admission.
    """
    for row, track in sorted_run.rows_with_tracks:
        times = [row.arrival_ns, row.admitted_ns, row.first_run_ns, row.completion_ns]
        known = [time for time in times if time is not None]
        if known != sorted(known):
            shown = ", ".join(map(text_of, times))
            text = f"{row.name}: arrival, admission, first run, completion are "
            text = f"{text}out of order ({shown})"
            yield text, row.arrival_ns, row.name, None
        entered = next((i.start for i in track if i.state not in (NEW, State.ZOMBIE)), None)
        if entered is not None and entered != row.admitted_ns:
            text = f"{row.name} takes part from {text_of(entered)}"
            text = f"{text}, but is admitted at {text_of(row.admitted_ns)}"
            yield text, entered, row.name, None
