"""Saved runs are held against the laws when they are read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli import main
from kernel.errors import UsageError
from kernel.units import ms
from tests.timeline.gantt import as_real, gantt
from timeline.files.document import load, save, write_run, write_runs
from timeline.laws.check import check
from timeline.record.run import REAL, Run

SOUND = "A 000--0\nB ...00"
LAB = "processes: [{name: A, program: [{cpu: 3ms}, {io: 2ms}, {cpu: 1ms}]}, {name: B, cpu: 2ms}]\n"


def saved(folder: Path, run: Run, change: Callable[[Any], object]) -> Path:
    """Save the run in a file, and change the file after that."""
    file = folder / "run.json"
    save(file, lambda stream: write_run(run, stream))
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))
    return file


def less_waiting(document: Any) -> None:
    document["processes"][1]["waiting_ns"] -= ms(1)


def busier(document: Any) -> None:
    document["cores"][0]["busy_ns"] += ms(1)


def more_demand(document: Any) -> None:
    document["processes"][0]["demand_ns"] += ms(2)


def complaint(file: Path) -> str:
    with pytest.raises(UsageError) as error:
        load(file)
    return str(error.value).removeprefix(f"{file}: is a damaged run: ")


@pytest.mark.parametrize("run", [gantt(SOUND), as_real(gantt(SOUND))], ids=["model", "real"])
def test_as_it_was_written_it_is_read(run: Run, tmp_path: Path) -> None:
    assert load(saved(tmp_path, run, lambda _: None))[0].backend == run.backend


@pytest.mark.parametrize("run", [gantt(SOUND), gantt(SOUND, backend=REAL)], ids=["model", "real"])
def test_a_sum_that_is_not_what_was_added_up(run: Run, tmp_path: Path) -> None:
    assert complaint(saved(tmp_path, run, less_waiting)) == (
        'processes[1] breaks the law "metrics as recorded": '
        "B: waiting is 2ms, but its intervals say 3ms"
    )
    assert complaint(saved(tmp_path, run, busier)).startswith(
        'cores[0] breaks the law "cores add up": core 0: busy, idle and overhead is 7ms'
    )


@pytest.mark.parametrize("name", ["turnaround_ns", "waiting_ns", "throughput_per_s"])
def test_a_mean_that_is_not_what_the_processes_come_to(name: str, tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["averages"][name] += 1

    for run in (gantt(SOUND), as_real(gantt(SOUND))):
        assert complaint(saved(tmp_path, run, change)).startswith(f"averages.{name} is ")


def test_what_rounds_to_the_same_is_told_in_ns(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document["cores"][0]["idle_ns"] += 3

    assert complaint(saved(tmp_path, gantt(SOUND), change)) == (
        'cores[0] breaks the law "cores add up": '
        "core 0: busy, idle and overhead is 6000003 ns, but should be 6000000 ns"
    )


def test_all_that_is_broken_is_counted(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        more_demand(document)
        less_waiting(document)

    assert complaint(saved(tmp_path, gantt(SOUND), change)).endswith(" (and 1 more)")


def test_a_law_that_the_model_cannot_break(tmp_path: Path) -> None:
    assert complaint(saved(tmp_path, gantt(SOUND), more_demand)).startswith(
        'processes[0] breaks the law "CPU as asked": A received 4ms of CPU but asked for 6ms'
    )


def test_a_real_run_that_broke_a_law_can_be_read(tmp_path: Path) -> None:
    [run] = load(saved(tmp_path, as_real(gantt(SOUND)), more_demand))
    assert {violation.law for violation in check(run)} == {"CPU as asked"}


def test_which_of_several_runs_it_is(tmp_path: Path) -> None:
    file = tmp_path / "runs.json"
    damaged = gantt(SOUND)
    damaged.processes[0].demand_ns += 1
    save(file, lambda stream: write_runs([gantt(SOUND), damaged], None, stream))
    with pytest.raises(UsageError, match=r"runs\.json: runs\[1\]: is a damaged run: processes\[0"):
        load(file)


def test_compare_refuses_what_is_damaged_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path, gantt(SOUND), less_waiting)
    assert main(["compare", str(file), str(file)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert told.err.startswith(f"{file}: is a damaged run: processes[1] breaks the law")


def test_compare_tells_which_law_a_real_run_broke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = saved(tmp_path, as_real(gantt(SOUND)), more_demand)
    assert main(["compare", str(file), str(file)]) == 1
    assert "A received 4ms of CPU but asked for 6ms" in capsys.readouterr().out.replace("\n", " ")


def test_a_streamed_run_is_held_against_them_too(tmp_path: Path) -> None:
    lab, file = tmp_path / "lab.yaml", tmp_path / "run.jsonl.gz"
    lab.write_text(LAB)
    assert main(["simulate", str(lab), "--out", str(file)]) == 0
    lines = gzip.decompress(file.read_bytes()).decode()
    assert lines.count('"waiting_ns":3000000') >= 1
    changed = lines.replace('"waiting_ns":3000000', '"waiting_ns":3000001', 1)
    file.write_bytes(gzip.compress(changed.encode()))
    assert 'breaks the law "metrics as recorded"' in complaint(file)
