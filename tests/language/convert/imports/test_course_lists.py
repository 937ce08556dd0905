"""The lists of course tools, and job logs."""

from __future__ import annotations

import gzip
from fractions import Fraction
from pathlib import Path

import pytest

from tests.language.convert.imports.conftest import Import

JOB = "{} {} 5 {} {} -1 {} {} -1 -1 {} 3 4 -1 1 -1 -1 -1"
LOG = "\n".join(
    [
        "; Version: 2.2",
        ";  MaxProcs: 64",
        "; MaxMemory: 1024",
        JOB.format(1, 100, 60, 1, 2048, 1, 1),
        JOB.format(2, 160, 30, 4, -1, 4, 1),
        JOB.format(3, 170, -1, -1, -1, 1, 5),
        JOB.format(4, 220, 90.5, -1, -1, 2, 1),
        "",
    ]
)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("./mlfq.py -l 0,180,0:100,20,2 -i 3", [
            "{name: job-0, arrival: 0, cpu: 180}",
            "{name: job-1, arrival: 100, program: "
            "[{repeat: {times: 9, do: [{cpu: 2}, {io: 3}]}}, {cpu: 2}]}",
        ]),
        ("python scheduler.py -p FIFO -l 10,200,20", [
            "{name: job-0, cpu: 10}", "{name: job-1, cpu: 200}", "{name: job-2, cpu: 20}",
        ]),
        ("mlfq.py --jlist=5,10,20", ["{name: job-0, arrival: 5, cpu: 10}"]),
        ("lottery.py -l 10:1,5:100", [
            "{name: job-0, tickets: 1, cpu: 10}", "{name: job-1, tickets: 100, cpu: 5}",
        ]),
        ("process-run.py -l 5:100,2:0", [
            "{name: job-0, cpu: 5}",
            "{name: job-1, program: [{cpu: 1}, {io: 5}, {cpu: 2}, {io: 5}, {cpu: 1}]}",
        ]),
    ],
)  # fmt: skip
def test_a_command_line_of_ostep(text: str, entries: list[str], import_text: Import) -> None:
    assert import_text(text) == [f"  - {entry}" for entry in entries]


def test_bursts_alternate_or_stand_in_pairs(import_text: Import) -> None:
    assert import_text("P1 0 4 10 3\n2 1 6\n", "bursts") == [
        "  - {name: P1, arrival: 0, program: [{cpu: 4}, {io: 10}, {cpu: 3}]}",
        "  - {name: P2, arrival: 1, cpu: 6}",
    ]
    assert import_text("A 0 3 10:5 2\nB 1 4:1 5\n") == [
        "  - {name: A, arrival: 0, priority: 3, program: [{cpu: 10}, {io: 5}, {cpu: 2}]}",
        "  - {name: B, arrival: 1, program: [{cpu: 4}, {io: 1}, {cpu: 5}]}",
    ]


def test_nyu_draws_from_its_file_of_numbers(tmp_path: Path, import_text: Import) -> None:
    numbers = tmp_path / "rfile"
    numbers.write_text("3\n7\n2\n9\n")
    made = import_text("0 20 10 5\n", "nyu", numbers=numbers)
    # 1+7%10=8, 1+2%5=3; 1+9%10=10, 1+7%5=3; 1+2%10=3 of the 2 that are left
    assert made == [
        "  - {name: P0, arrival: 0, program: [{cpu: 8}, {io: 3}, {cpu: 10}, {io: 3}, {cpu: 2}]}"
    ]


def test_nyu_draws_the_same_each_time_without_a_file(import_text: Import) -> None:
    assert import_text("0 50 10 5\n", "nyu") == import_text("0 50 10 5\n", "nyu")


def test_a_job_on_several_processors_is_as_many_processes(import_text: Import) -> None:
    assert import_text(LOG) == [
        "  - {name: job-1, memory: 2MiB, cpu: 60s}",
        "  - {name: job-2, arrival: 60s, count: 4, cpu: 30s}",
        "  - {name: job-4, arrival: 120s, count: 2, cpu: 90.5s}",
    ]


def test_a_log_is_scaled_and_cut_and_may_be_compressed(import_text: Import) -> None:
    made = import_text(gzip.compress(LOG.encode(), mtime=0), scale=Fraction(1, 1000), first=2)
    assert made == [
        "  - {name: job-1, memory: 2MiB, cpu: 60ms}",
        "  - {name: job-2, arrival: 60ms, count: 4, cpu: 30ms}",
    ]


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("mlfq.py -l ", None, "f:1:12: must be a list like 0,180,0:100,20,20 (mlfq), 10,200,20 "
         "(scheduler) or 5:100,5:0 (process-run) (got '')"),
        ("\nmlfq.py -l 0,0,0:1,2,3", None,
         "f:2:12: the run time of a job must be above 0 (got '0,0,0')"),
        ("x.py -l 5:101", None,
         "f:1:9: must be 1 to 10,000 instructions and 0 to 100 percent (got '5:101')"),
        ("0 100 10\n", "nyu", "f:1:1: must be four numbers: arrival, and above 0 total CPU time, "
         "CPU burst and I/O burst"),
        ("P1 0 4 x 3\n", "bursts",
         "f:1:8: must be a duration of 0 or more, like 5, 2.5 or 20ms (got 'x')"),
        ("P1 0\n", "bursts", "f:1:1: must be a name, an arrival, then CPU and I/O times in turn"),
        ("; x\n1 2 3\n", None, "f:2:5: a job has 18 fields (got 3)"),
        (LOG.replace(" 60 ", " sixty "), None, "f:4:9: must be a number, or -1 (got 'sixty')"),
        ("; x\n", None, "f: has no job that ran"),
        (gzip.compress(b"; x\n" * 99, mtime=0)[:-9], None, "f: is compressed by gzip, and damaged"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(
    text: str | bytes, kind: str | None, told: str, import_text: Import
) -> None:
    assert import_text(text, kind) == [told]
