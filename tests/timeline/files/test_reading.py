"""Saved runs that cannot have been so are refused by name, or break a law."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from kernel.hardware import MemorySpec
from tests.timeline.memory.test_memory import broken, jobs, run_of
from timeline.files.document import read_run, write_run


def saved(**spec: Any) -> Any:
    stream = io.StringIO()
    write_run(run_of(MemorySpec(20, (10, 10), **spec), *jobs(4, 10)), stream)
    return json.loads(stream.getvalue())


@pytest.mark.parametrize("size", [0, -1])
@pytest.mark.parametrize("key", ["size", "requested"])
def test_a_partition_without_bytes(key: str, size: int) -> None:
    document = saved()
    document["processes"][0]["memory"][key] = size
    with pytest.raises(ValueError, match=r"processes\[0\].memory has a size below 1"):
        read_run(document)


def test_a_cost_that_is_no_time() -> None:
    document = saved()
    document["machine"]["costs"]["switch"] = "x"
    with pytest.raises(ValueError, match=r"machine.costs.switch"):
        read_run(document)


@pytest.mark.parametrize("queues", ["single", "per-partition"])
def test_a_program_that_no_place_holds_breaks_the_laws(queues: str) -> None:
    document = saved(queues=queues)
    document["processes"][0]["memory"]["requested"] = 11
    assert {"program fits", "placed by the scheme"} <= broken(read_run(document))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"process": [9]}, "intervals.process names one"),
        ({"core": [-1]}, "intervals.core names one"),
        ({"start_ns": []}, "machine.kernel_trace.intervals"),
        ({"end_ns": ["x"]}, r"machine.kernel_trace.intervals.end_ns\[0\]"),
    ],
)
def test_a_kernel_trace_that_cannot_be_of_this_run(change: dict[str, Any], reason: str) -> None:
    document = saved()
    columns = {"process": [0], "start_ns": [0], "end_ns": [1], "core": [0]}
    document["machine"]["kernel_trace"] = {"lost": 0, "others": [], "intervals": columns | change}
    with pytest.raises(ValueError, match=reason):
        read_run(document)
