"""A streamed run: the same record as one that is kept, and what is no such file."""

from __future__ import annotations

import gzip
import io
import json
import random
from pathlib import Path

import pytest

from kernel.errors import UsageError
from language import Options, ScenarioError, load
from sim import simulate, stream
from tests.effort import cases
from timeline.files import document
from timeline.files.document import write_run
from timeline.files.stream_reading import load_stream
from timeline.files.streaming import Streamed
from timeline.laws.check import check
from timeline.record.run import Run

SCENARIO = """
seed: 3
machine: {cores: 2, memory: 64MiB, devices: {disk: {units: 1}}, costs: {switch: 10us}}
scheduler: {policy: POLICY}
processes:
  - name: batch
    count: 300
    arrival: {every: {exponential: 20ms}}
    memory: 4MiB
    program:
      - repeat: {times: 2, do: [{cpu: {uniform: [5ms, 60ms]}}, {io: {disk: {exponential: 5ms}}}]}
  - {name: anywhere, count: 40, arrival: {uniform: [0ms, 900ms]}, cpu: 30ms, deadline: 300ms}
  - {name: first, cpu: 40ms, priority: 2}
"""


def written(folder: Path, text: str, policy: str = "rr") -> Path:
    file = folder / "many.yaml"
    file.write_text(text.replace("POLICY", policy))
    return file


def streamed(file: Path, out: Path) -> Path:
    workload = load(file, Options(drawn=True)).workload
    lines = io.StringIO()
    stream(workload, Streamed(workload, lines.write))
    out.write_text(lines.getvalue())
    return out


def text_of(run: Run) -> str:
    stream = io.StringIO()
    write_run(run, stream)
    return stream.getvalue()


@pytest.mark.parametrize("policy", ["rr", "srtf", "mlfq", "fair", "lottery"])
def test_a_streamed_run_is_the_run_that_would_have_been_kept(policy: str, tmp_path: Path) -> None:
    file = written(tmp_path, SCENARIO, policy)
    kept = simulate(load(file).workload)
    again = load_stream(streamed(file, tmp_path / "run.jsonl"))
    assert text_of(again) == text_of(kept)
    assert check(again) == []


def test_nothing_is_kept_of_processes_that_are_gone(tmp_path: Path) -> None:
    workload = load(written(tmp_path, SCENARIO), Options(drawn=True)).workload
    record = Streamed(workload, lambda _: None)
    stream(workload, record)
    assert not record.facts
    columns = [column for column in vars(record._sums).values() if isinstance(column, dict)]
    assert columns
    assert not any(columns)
    assert record.totals.rows == 341


def test_the_sums_of_a_streamed_run_are_those_of_its_rows(tmp_path: Path) -> None:
    workload = load(written(tmp_path, SCENARIO), Options(drawn=True)).workload
    lines = io.StringIO()
    record = Streamed(workload, lines.write)
    summary = stream(workload, record)
    rows = [
        row
        for line in lines.getvalue().splitlines()
        for row in json.loads(line).get("processes", [])
    ]
    assert record.totals.turnaround.total == sum(row["turnaround_ns"] for row in rows)
    assert record.totals.waiting.total == sum(row["waiting_ns"] for row in rows)
    assert summary.makespan_ns == max(row["completion_ns"] for row in rows)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("[{alloc: 1MiB}, {cpu: 1ms}]", "steps in memory"),
        ("[{start: {program: x, name: c}}]", "start, or wait"),
    ],
)
def test_what_cannot_be_streamed_is_refused(program: str, words: str, tmp_path: Path) -> None:
    text = f"""
machine: {{memory: 8MiB}}
programs: {{x: {{cpu: 1ms}}}}
processes: [{{name: A, memory: 1MiB, program: {program}}}]
"""
    with pytest.raises(ScenarioError, match=words) as caught:
        load(written(tmp_path, text), Options(drawn=True))
    assert "save the run as .json" in str(caught.value)


# -- what is no streamed run ----------------------------------------------------------------------


@pytest.fixture
def lines(tmp_path: Path) -> list[str]:
    return streamed(written(tmp_path, SCENARIO), tmp_path / "run.jsonl").read_text().splitlines()


def message_of(lines: list[str], folder: Path) -> str:
    file = folder / "damaged.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines))
    with pytest.raises(UsageError) as caught:
        document.load(file)
    return str(caught.value).removeprefix(f"{file}:")


def test_a_byte_order_mark_does_not_matter(lines: list[str], tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    assert len(load_stream(file).processes) > 0


def test_a_file_that_is_cut_off_says_so(lines: list[str], tmp_path: Path) -> None:
    assert message_of(lines[:-1], tmp_path) == " is cut off: the last line, the end, is missing"
    assert "1: is not a streamed run" in message_of(lines[1:], tmp_path)


def test_a_first_line_that_comes_twice_begins_a_second_run(
    lines: list[str], tmp_path: Path
) -> None:
    said = message_of([lines[0], *lines], tmp_path)
    assert said == "2: begins a second run; a file holds one"


def test_a_line_that_is_missing_is_missed(lines: list[str], tmp_path: Path) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith('{"intervals"'))
    assert "intervals; its end says" in message_of(lines[:at] + lines[at + 1 :], tmp_path)


def test_a_line_that_is_wrong_is_named(lines: list[str], tmp_path: Path) -> None:
    at = next(at for at, line in enumerate(lines) if line.startswith('{"intervals"'))
    for wrong, words in (
        ("{", "is not JSON"),
        ("[]", "must be an object"),
        ('{"what": 1}', "has 'what'"),
        ('{"intervals":7}', "is damaged: intervals must be an object"),
        ('{"processes":[{"index":0}, {"index":0}]}', "another one"),
        ('{"overheads":{}}', "must have the columns core, start_ns"),
    ):
        said = message_of([*lines[:at], wrong, *lines[at + 1 :]], tmp_path)
        assert said.startswith(f"{at + 1}: {words}") or words in said


def test_a_packed_file_that_is_cut_off_says_so(lines: list[str], tmp_path: Path) -> None:
    file = tmp_path / "cut.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(lines).encode())[:-20])
    with pytest.raises(UsageError, match="is damaged, or cut off"):
        document.load(file)
    file.write_text("no gzip at all")
    with pytest.raises(UsageError, match="is damaged, or cut off"):
        document.load(file)


def test_no_damage_is_more_than_one_line(lines: list[str], tmp_path: Path) -> None:
    draw, file = random.Random(5), tmp_path / "damaged.jsonl"
    for _ in range(cases(120)):
        damaged = list(lines)
        at = draw.randrange(len(damaged))
        damaged[at] = _damaged(draw, damaged[at])
        file.write_text("\n".join(damaged), encoding="utf-8")
        assert "\n" not in _complaint(file)


def _complaint(file: Path) -> str:
    """Return why the file is refused; nothing if it is not."""
    try:
        document.load(file)
    except UsageError as error:
        return str(error)
    return ""


def _damaged(draw: random.Random, line: str) -> str:
    """Some piece of it replaced by something else, or by nothing."""
    start = draw.randrange(len(line))
    end = min(len(line), start + draw.choice((1, 1, 3, 40)))
    instead = draw.choice(("", "null", "-1", "[]", "{}", '"x"', "NaN", "1e999", "true", ",", "é"))
    return line[:start] + instead + line[end:]
