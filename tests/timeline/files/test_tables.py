"""Tidy tables: a row for each fact of the record, and none for anything else."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from kernel.scheduling.explain import Decision
from tests.timeline.gantt import gantt
from timeline.files.tables import labels, tables
from timeline.record.run import REAL, MemoryEvent, Observation, Overhead, Run

TWO = """
A 00.0
B ..0--0
"""


def table(runs: list[Run], name: str) -> list[dict[str, Any]]:
    """The rows of one table."""
    found = next(each for each in tables(runs) if each.name == name)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def test_each_interval_is_a_row() -> None:
    run = gantt(TWO)
    rows = table([run], "intervals")

    assert len(rows) == len(run.intervals)
    first = next(row for row in rows if row["process"] == "A")
    assert first == {
        "run": "simulated",
        "process": "A",
        "state": "running",
        "start_ns": 0,
        "end_ns": 2_000_000,
        "core": 0,
        "device": None,
        "why": "expired",
    }


def test_what_does_not_apply_is_none() -> None:
    waits = [row for row in table([gantt(TWO)], "intervals") if row["state"] == "ready"]

    assert waits and all(row["core"] is None for row in waits)


def test_columns_of_a_table_are_equally_long() -> None:
    for each in tables([gantt(TWO), gantt(TWO, backend=REAL)]):
        assert len({len(column) for column in each.columns.values()}) == 1, each.name


def test_times_and_sizes_have_their_unit_in_the_name() -> None:
    """Whatever is measured in ns or bytes says so."""
    run = gantt(TWO)
    run = replace(
        run,
        memory_events=[
            MemoryEvent(0, "placed", "A", 0, 4096),
            MemoryEvent(5, "waits", "B", -1, -1),
        ],
    )
    for each in tables([run]):
        for name in each.columns:
            assert not re.search(r"(^|_)(at|base|size|start|end|makespan|turnaround)$", name), name

    assert table([run], "memory") == [
        {"run": "simulated", "at_ns": 0, "event": "placed", "process": "A"}
        | {"base_bytes": 0, "size_bytes": 4096},
        {"run": "simulated", "at_ns": 5, "event": "waits", "process": "B"}
        | {"base_bytes": None, "size_bytes": None},
    ]


def test_several_runs_are_told_apart_by_the_machine_or_the_policy_or_a_number() -> None:
    model, real = gantt(TWO), gantt(TWO, backend=REAL)
    other = gantt(TWO, scheduler={"policy": "fcfs"})

    assert labels([model, real]) == ["simulated", "real"]
    assert labels([model, other]) == ["rr", "fcfs"]
    assert labels([model, model]) == ["1", "2"]
    assert {row["run"] for row in table([model, real], "processes")} == {"simulated", "real"}


def test_an_observation_of_several_values_is_several_facts() -> None:
    run = gantt(TWO)
    run = replace(
        run,
        observations=[
            Observation(7, "A", "psutil", {"rss": 10, "threads": 1}),
            Observation(8, "B", "said", [1, 2]),
        ],
    )

    assert [
        (row["process"], row["name"], row["value"]) for row in table([run], "observations")
    ] == [
        ("A", "psutil.rss", 10),
        ("A", "psutil.threads", 1),
        ("B", "said", [1, 2]),
    ]


def test_a_ready_process_is_a_row_for_each_of_its_keys() -> None:
    run = gantt(TWO)
    ready: tuple[tuple[str, dict[str, int]], ...] = (
        ("A", {"remaining_ns": 5, "level": 0}),
        ("B", {}),
    )
    run = replace(run, decisions=[Decision(0, 0, "picked", "A", "the least", ready)])

    assert [tuple(row.values()) for row in table([run], "ready")] == [
        ("simulated", 0, 0, "A", "remaining_ns", 5),
        ("simulated", 0, 0, "A", "level", 0),
        ("simulated", 0, 1, "B", None, None),
    ]


def test_every_list_of_rows_that_the_record_has_is_a_table() -> None:
    run = gantt(TWO, overheads=[Overhead(0, 1, 2, "switch")])

    names = [each.name for each in tables([run])]
    assert {"intervals", "processes", "decisions", "memory", "observations"} < set(names)
    assert {"overheads", "life", "jobs", "occupancy", "expectations"} < set(names)
    assert table([run], "overheads") == [
        {"run": "simulated", "core": 0, "start_ns": 1, "end_ns": 2, "why": "switch"}
    ]
