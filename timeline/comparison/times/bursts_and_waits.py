"""Criteria of single bursts and waits: the CPU time of each burst, the time at devices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kernel.process.states import BLOCKED, RUNNING
from timeline.comparison.criteria import TIMES, TOLERANCES, Criterion
from timeline.comparison.pair import Pair
from timeline.comparison.times.difference import TimeDifference, limit_words
from timeline.record.run import ProcessRow
from timeline.record.sorted_run import SortedRun
from timeline.record.stages import Stage, stages
from translation import recorded

Piece = tuple[str, int, int, int]
"""A burst or a wait: its process, ns in the first run, ns in the second, ns of allowed error."""


def burst_criteria(sorted_runs: tuple[SortedRun, SortedRun], calls: int) -> Iterator[Criterion]:
    """Judge the CPU time of each burst. Noise only makes gaps, and does not change the CPU time.

    A process whose jobs are dropped at their deadlines is left out: how much of a burst was had by
    then is a matter of noise.
    """
    part, floor = TOLERANCES.burst, TOLERANCES.burst_floor_ns + calls
    pieces: list[Piece] = []
    for name, mine, yours, unseen in _lives(sorted_runs):
        bursts = _runs(mine), _runs(yours)
        if any(stage.why == "aborted" for stage in (*mine, *yours)):
            continue
        if len(bursts[0]) == len(bursts[1]) > 1:
            pieces += [(name, *pair, unseen) for pair in zip(*bursts, strict=True)]
    if pieces:
        yield _pieces(recorded("CPU of each burst"), pieces, part, floor, 0)


def wait_criteria(sorted_runs: tuple[SortedRun, SortedRun], more: int) -> Iterator[Criterion]:
    """Judge how long devices served each request. The scenario says how long that takes.

    A supervisor that does not get a processor at once notices late that a wait begins or ends. So
    noise may hide an error of up to `more` ns.
    """
    part, floor = TOLERANCES.wait, TOLERANCES.wait_floor_ns
    pieces: list[Piece] = []
    has_lifecycle = any(sorted_run.has_lifecycle for sorted_run in sorted_runs)
    for name, mine, yours, _ in _lives(sorted_runs):
        waits = _served(mine, has_lifecycle), _served(yours, has_lifecycle)
        if len(waits[0]) == len(waits[1]):
            pieces += [(name, *pair, 0) for pair in zip(*waits, strict=True)]
    if pieces:
        yield _pieces(recorded("time at devices"), pieces, part, floor, more)


def _pieces(what: str, pieces: Sequence[Piece], part: float, floor: int, more: int) -> Criterion:
    judged = [
        (TimeDifference(name, Pair.of(one, other)), extra) for name, one, other, extra in pieces
    ]
    worst, extra = max(
        judged, key=lambda item: abs(item[0].left) / (item[0].limit(part, floor) + item[1])
    )
    limit = worst.limit(part, floor) + extra
    holds = worst.holds(limit, more)
    got = recorded(
        "{process} {difference}", process=worst.name, difference=worst.words(part, floor + extra)
    )
    return Criterion(what, limit_words(part, floor, 0, each=True), got, holds, TIMES)


def _lives(
    sorted_runs: tuple[SortedRun, SortedRun],
) -> Iterator[tuple[str, list[Stage], list[Stage], int]]:
    """Yield each process that was not cut off: its name, its stages in both runs, and unseen ns.

    Unseen is the difference, in the second run, between its CPU time and its running intervals. A
    worker does not see the shortest gaps, nor the CPU time that it receives within longer gaps.
    """
    killed = cut_off(sorted_runs)
    rows = zip(sorted_runs[1].run.processes, *map(stages, sorted_runs), strict=True)
    for row, mine, yours in rows:
        if row.name not in killed:
            ran = sum(stage.ran for stage in yours if stage.state == RUNNING)
            yield row.name, mine, yours, abs(ran - row.cpu_ns)


def _runs(life: Sequence[Stage]) -> list[int]:
    """Return the CPU time (ns) of each burst of a process, whatever the number of its slices."""
    return [
        sum(stage.ran for stage in group)
        for running, group in groupby(life, lambda stage: stage.state == RUNNING)
        if running
    ]


def _served(life: Sequence[Stage], has_lifecycle: bool) -> list[int]:
    """Return the ns of each wait for a device, without the time in the device's queue.

    In runs with process calls, a wait without a device is a wait for another process, and left out.
    """
    return [
        stage.end - stage.since
        for stage in life
        if stage.state == BLOCKED
        and stage.why != "released"
        and (stage.device >= 0 or not has_lifecycle)
    ]


def cut_off(sorted_runs: tuple[SortedRun, SortedRun]) -> set[str]:
    """Return the names of the processes that a signal ended, or that did not end, in a run."""
    return {
        row.name
        for sorted_run in sorted_runs
        for row in sorted_run.run.processes
        if not _of_itself(row)
    }


def _of_itself(row: ProcessRow) -> bool:
    return row.completion_ns is not None and (row.exitcode or 0) >= 0
