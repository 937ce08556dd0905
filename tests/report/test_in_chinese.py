"""What the report says in Chinese, and that what programs read stays English."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from cli import main
from report.files.csv_tables import save_tables
from report.files.perfetto import save_trace
from report.page.document import page
from report.replay.instant import Replay
from report.replay.scene import RunView, full_picture
from report.replay.stepping import StepThrough
from report.result import Result
from report.terminal.comparison import show_comparison
from report.terminal.policies import show_policies_compared
from report.terminal.run import show_latencies, show_run
from tests.report.page.made import compared, simulated
from tests.report.runs import piped, printed
from timeline.comparison.compare import compare
from timeline.files.document import load as load_runs
from translation import recorded, speaking, tr
from translation.texts import Recorded

NAMES = """
title: 三个进程与一个磁盘
machine: {cores: 2, memory: 24MiB, devices: {disk: {units: 1}}}
memory: {scheme: fixed, partitions: [8MiB, 16MiB]}
scheduler: {policy: rr, quantum: 5ms}
processes:
  - name: 编辑程序
    memory: 6MiB
    program: [{cpu: 30ms}, {io: {disk: 20ms}}, {cpu: 10ms}]
  - {name: 编译, arrival: 5ms, memory: 10MiB, program: [{cpu: 12ms}, {io: {disk: 30ms}}]}
  - {name: 很长很长很长很长的名字, arrival: 20ms, memory: 4MiB, program: [{cpu: 25ms}]}
"""


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    with speaking("zh"):
        yield


def has_han(text: str) -> bool:
    return re.search("[\u4e00-\u9fff]", text) is not None


@pytest.mark.parametrize("width", [44, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, width: int) -> None:
    run = simulated(tmp_path, NAMES)
    console = piped(width)

    show_run(run, console)
    show_latencies(run, console)
    show_policies_compared([run, run], console)

    lines = printed(console).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert "核 0" in printed(console)


def test_a_comparison_is_told_in_chinese(tmp_path: Path) -> None:
    first, second = compared(tmp_path)[0].runs
    console = piped(80)

    comparison = compare(first, second)
    show_comparison(first, second, comparison, console)

    text = printed(console)
    assert max(map(cell_len, text.splitlines())) <= 80
    assert "模型和真实机器" in tr(comparison.sentence)
    assert "结论：" in text
    assert not re.search("agree|within|against", text)


def test_the_document_of_a_comparison_is_english(tmp_path: Path) -> None:
    first, second = compared(tmp_path)[0].runs

    document = compare(first, second).to_json()

    with speaking("en"):
        assert document == compare(first, second).to_json()
    assert not has_han(json.dumps(document, ensure_ascii=False))


def test_a_recorded_text_is_kept_through_the_document(tmp_path: Path) -> None:
    run = simulated(tmp_path, NAMES)
    assert all(isinstance(line.what, Recorded) for line in run.expectations)


def test_the_lanes_of_a_chart_begin_at_one_cell(tmp_path: Path) -> None:
    run = simulated(tmp_path, NAMES)
    console = piped(80)

    show_run(run, console, full=False)

    lanes = [line for line in printed(console).splitlines() if "│" in line]
    assert len({cell_len(line[: line.index("│")]) for line in lanes}) == 1


@pytest.mark.parametrize("size", [(80, 24), (44, 16)])
def test_pictures_that_fill_the_terminal_fit_it(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    run = simulated(tmp_path, NAMES)
    console = piped(width)
    shown = StepThrough([run])
    view = RunView(
        Replay(run), 20_000_000, tr("SIMULATED ({policy})", policy="rr"), "编辑程序到达。" * 20
    )

    pictures = [full_picture("标题" * 60, [view], run.makespan_ns, "键" * 60, console, height)]
    for _ in shown.steps:
        pictures.append(shown.lines(console, height))
        shown.go(1)
    for lines in pictures:
        assert len(lines) <= height
        assert all(cell_len(line.plain) <= width for line in lines)


def test_a_page_speaks_chinese_and_carries_its_texts(tmp_path: Path) -> None:
    text = page(Result([simulated(tmp_path)]), "")

    assert '<html lang="zh-CN">' in text
    assert 'speak({"' in text
    assert "进程" in text

    with speaking("en"):
        english = page(Result([simulated(tmp_path)]), "")
    assert '<html lang="en">' in english
    assert "speak({" not in english
    assert not has_han(english)


def test_tables_and_traces_keep_their_words(tmp_path: Path) -> None:
    run = simulated(tmp_path)
    save_tables(tmp_path / "zh", [run])
    save_trace([run, run], tmp_path / "zh.json")

    with speaking("en"):
        save_tables(tmp_path / "en", [run])
        save_trace([run, run], tmp_path / "en.json")
    for file in (tmp_path / "en").iterdir():
        assert file.read_bytes() == (tmp_path / "zh" / file.name).read_bytes()
    assert (tmp_path / "en.json").read_bytes() == (tmp_path / "zh.json").read_bytes()


@pytest.mark.parametrize("lesson", ["overlap", "zombie", "deadlock"])
def test_the_json_of_a_run_is_the_same_in_every_language(
    lesson: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for language in ("en", "zh"):
        main(["--lang", language, "simulate", lesson, "--json", "--explain"])
        said[language] = capsys.readouterr().out

    assert said["en"]
    assert said["en"] == said["zh"]


def test_a_file_that_is_no_run_is_told_in_chinese(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"format": "other"}')

    with pytest.raises(Exception, match="不是保存的运行记录"):
        load_runs(file)


def test_a_recorded_text_is_translated_after_it_was_copied_or_sent() -> None:
    text = recorded("{process} at {address}", process="A", address=recorded("nothing"))

    for same in (recorded(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))):
        assert same == "A at nothing"
        assert tr(same) == "A 在 没有"
