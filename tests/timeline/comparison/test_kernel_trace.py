"""The workers' log against the kernel's trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.report.runs import make_run
from timeline.comparison.kernel_trace import compare_with_trace
from timeline.record.run import REAL, Run
from timeline.record.sorted_run import SortedRun

MS = 1_000_000
US = 1_000


def traced(*intervals: tuple[int, int, int], lost: int = 0) -> Run:
    """Two processes of 10 ms each, and the kernel's intervals: process, start and end in µs."""
    run = make_run(
        [("A", "running", 0, 10), ("B", "ready", 0, 10), ("B", "running", 10, 20)], backend=REAL
    )
    columns: dict[str, Any] = {
        "process": [row[0] for row in intervals],
        "start_ns": [row[1] * US for row in intervals],
        "end_ns": [row[2] * US for row in intervals],
        "core": [0 for _ in intervals],
    }
    others = [{"pid": 9, "name": "other", "ns": 5 * MS}]
    trace = {"switches": 9, "lost": lost, "intervals": columns, "others": others}
    return replace(run, machine={**run.machine, "kernel_trace": trace})


def test_a_run_without_a_trace_has_nothing_to_compare() -> None:
    assert compare_with_trace(SortedRun(make_run([("A", "running", 0, 10)], backend=REAL))) is None


def test_edges_are_measured_without_sign() -> None:
    found = compare_with_trace(SortedRun(traced((0, 0, 9_980), (1, 9_990, 20_000))))
    assert found is not None
    assert found.intervals == 2
    assert (found.start_p50_ns, found.end_p50_ns) == (10 * US, 20 * US)
    assert found.missed == 0
    assert found.others == (("other", 5 * MS),)


def test_gaps_that_no_worker_can_see_are_joined() -> None:
    found = compare_with_trace(SortedRun(traced((0, 0, 5_000), (0, 5_050, 10_000))))
    assert found is not None
    assert (found.intervals, found.edge_p50_ns) == (1, 0)


def test_a_long_interval_that_no_worker_saw_is_missed() -> None:
    found = compare_with_trace(
        SortedRun(traced((0, 0, 10_000), (0, 30_000, 30_300), (0, 40_000, 40_100), lost=3))
    )
    assert found is not None
    assert (found.missed, found.missed_ns, found.lost) == (1, 300 * US, 3)
