"""What a real process had not had of the jobs that were dropped at their deadlines.

In the schedule a job is dropped with what is left of its virtual CPU time. The worker may have had
less by then, if other programs had its core, so this is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kernel.process.program import CPU, RELEASE, Program
from kernel.process.states import RUNNING
from timeline.record.intervals import Interval


def dropped_cpu(
    program: Program,
    completed: Sequence[int],
    dropped_at: Mapping[int, int],
    intervals: Sequence[Interval],
) -> dict[int, int]:
    """Return the CPU time (ns) that each dropped job had not had, by the number of the job.

    `completed` are the times at which the other jobs were done, in order. `dropped_at` has the time
    at which each dropped job was. Times in ns of the run. `intervals` are those of the process.
    """
    found: dict[int, int] = {}
    done, begun = iter(completed), 0
    for number, asked in enumerate(_demands(program)):
        end = dropped_at.get(number)
        if end is not None:
            found[number] = max(0, asked - _ran(intervals, begun, end))
        else:
            end = next(done, begun)
        begun = max(begun, end)
    return found


def _demands(program: Program) -> Iterable[int]:
    """Yield the CPU time that each job asks for, ns."""
    asked = 0
    for place, duration in zip(program.places, program.durations, strict=True):
        if place == RELEASE:
            yield asked
            asked = 0
        elif place == CPU:
            asked += duration
    yield asked


def _ran(intervals: Sequence[Interval], start: int, end: int) -> int:
    return sum(
        max(0, min(each.end, end) - max(each.start, start))
        for each in intervals
        if each.state == RUNNING
    )
