"""Traces for Perfetto: they keep the rules of the format, and hold the record."""

from __future__ import annotations

import io
import json
import os
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.scheduling.explain import Decision
from report.files.perfetto import save_trace, write_trace
from tests.report.files.chrome_trace import breaches
from tests.sim.cases import random_case, workload_of
from tests.timeline.gantt import gantt
from timeline.record.run import REAL, LifecycleEvent, MemoryEvent, Observation, Overhead, Run

TWO = """
A 00.1
B ..0--0
"""
POLICIES = ("fcfs", "rr", "sjf", "srtf", "priority")


def trace(*runs: Run) -> str:
    stream = io.StringIO()
    write_trace(runs, stream)
    return stream.getvalue()


def events(*runs: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(trace(*runs), parse_float=Decimal)["traceEvents"]
    return found


@pytest.mark.parametrize("policy", POLICIES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=20)
def test_traces_keep_the_rules_of_the_format(policy: str, seed: int) -> None:
    from sim import simulate

    run = simulate(workload_of(random_case(policy, seed), 1000), explain=True)

    assert list(breaches(trace(run))) == []
    assert list(breaches(trace(run, run))) == []


def test_the_rules_catch_a_broken_trace() -> None:
    """A check that cannot fail would be none."""
    broken = json.loads(trace(gantt(TWO)))
    first = next(event for event in broken["traceEvents"] if event["ph"] == "X")
    overlapping = {**first, "ts": first["ts"] + first["dur"] / 2}
    cases = [
        overlapping,
        {**first, "dur": 0},
        {**first, "tid": 7},
        {**first, "pid": 2},
        {**first, "name": ""},
        {"ph": "C", "name": "x", "pid": 1, "tid": first["tid"], "ts": 0, "args": {"y": "z"}},
        {"ph": "i", "name": "x", "pid": 1, "tid": first["tid"], "ts": 0},
    ]
    for case in cases:
        changed = {"traceEvents": [*broken["traceEvents"], case]}
        assert list(breaches(json.dumps(changed, separators=(",", ":")))), case


def test_two_workers_that_saw_themselves_run_together_do_not_overlap() -> None:
    run = gantt(TWO, backend=REAL, overheads=[Overhead(0, 1_900_000, 2_100_000, "dispatch")])

    assert list(breaches(trace(run))) == []


def test_every_running_interval_is_a_slice_on_its_core_to_the_nanosecond() -> None:
    run = gantt(TWO, unit=1_000_001)
    names = {
        event["tid"]: event["args"]["name"]
        for event in events(run)
        if event["name"] == "thread_name"
    }
    found = {
        (names[event["tid"]], event["name"], event["ts"] * 1000, event["dur"] * 1000)
        for event in events(run)
        if event.get("cat") == "running"
    }

    assert found == {
        (f"core {row.core}", run.process_names[row.process], row.start, row.end - row.start)
        for row in run.intervals
        if row.core >= 0
    }


def test_each_run_is_a_process_of_the_trace() -> None:
    found = events(gantt(TWO), gantt(TWO, backend=REAL))
    names = [event["args"]["name"] for event in found if event["name"] == "process_name"]

    assert names == ["SIMULATED (rr)", "REAL (rr)"]


def test_what_the_kernel_saw_has_a_track_of_its_own() -> None:
    run = gantt(TWO)
    columns = {"process": [0, 1], "start_ns": [5, 2_000_100], "end_ns": [2_000_000, 4_000_000]}
    run = replace(
        run, machine={**run.machine, "kernel_trace": {"intervals": {**columns, "core": [0, 0]}}}
    )
    seen = [event for event in events(run) if event.get("cat") == "sched_switch"]
    assert [(e["name"], e["ts"] * 1000, e["dur"] * 1000) for e in seen] == [
        ("A", 5, 1_999_995),
        ("B", 2_000_100, 1_999_900),
    ]
    named = {e["args"]["name"] for e in events(run) if e["name"] == "thread_name"}
    assert "core 0, kernel's trace" in named
    assert list(breaches(trace(run))) == []


def test_counters_follow_the_ready_queue() -> None:
    found = [
        (event["ts"], event["args"]["processes"])
        for event in events(gantt(TWO))
        if event["name"] == "ready queue"
    ]

    assert found == [(0, 1), (3000, 0)]


def test_what_takes_no_time_is_an_instant_with_what_is_known_of_it() -> None:
    run = gantt(TWO)
    run = replace(
        run,
        memory_events=[MemoryEvent(1_000, "placed", "A", 0, 4096)],
        lifecycle=[LifecycleEvent(0, "born", "A", "scenario")],
        observations=[Observation(2_000, "B", "psutil", {"rss": 7})],
        decisions=[Decision(0, 0, "picked", "A", "first come", (("A", {"since_ns": 0}),))],
    )
    found = {event["name"]: event for event in events(run) if event["ph"] == "i"}

    assert found["placed"]["args"] == {"base": 0, "size": 4096} and found["placed"]["ts"] == 1
    assert found["born"]["args"] == {"by": "scenario"}
    assert found["psutil"]["args"] == {"rss": 7}
    assert found["picked A"]["args"] == {"rule": "first come", "ready": "A since_ns 0"}


def test_the_trace_processor_loads_it_without_an_error(tmp_path: Path) -> None:
    """Where Perfetto's own processor is: name it in TRACE_PROCESSOR, or have it on the path."""
    binary = os.environ.get("TRACE_PROCESSOR") or shutil.which("trace_processor_shell")
    if binary is None:
        pytest.skip("Perfetto's trace processor is not here: set TRACE_PROCESSOR to it")
    api = pytest.importorskip("perfetto.trace_processor")
    file = tmp_path / "trace.json"
    save_trace([gantt(TWO), gantt(TWO, backend=REAL)], file)
    config = api.TraceProcessorConfig(bin_path=binary)
    with api.TraceProcessor(trace=str(file), config=config) as processor:
        errors = "select name, value from stats where severity = 'error' and value > 0"
        assert list(processor.query(errors)) == []
        slices = next(iter(processor.query("select count(*) as n from slice"))).n
    assert slices >= sum(event["ph"] in "Xi" for event in events(gantt(TWO), gantt(TWO)))
