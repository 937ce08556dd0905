"""What is said of a scenario file is Chinese for a user who asks for it; files stay English."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

import os
import subprocess
import sys
from pathlib import Path

import pytest

from language import export_python, export_rt_app, import_file, json_schema
from language import load as load_file
from language.convert.imports.options import ImportOptions
from tests.language.conftest import Load, Wrong
from tests.paths import ROOT
from translation import speaking, tr

MISTAKES = """\
machine: {cores: 0}
processes:
- {name: 甲, cup: 3}
- {name: 乙, cpu: 3, arrival: 5, cores: [0, 0]}
- {name: 丙, program: [{io: {disk: 3ms}}]}
expect: {order: [丁]}
"""


def test_the_place_and_the_path_stay_and_the_message_is_chinese(wrong: Wrong) -> None:
    english = wrong(MISTAKES)
    with speaking("zh"):
        chinese = wrong(MISTAKES)
    for one, other in zip(english, chinese, strict=True):
        place, path, message = other.split(": ", maxsplit=2)
        assert one.startswith(f"{place}: {path}: ")
        assert any("\u4e00" <= sign <= "\u9fff" for sign in message)
    assert chinese[0] == ("f.yaml:1:18: machine.cores: 应当是从 1 到 1024 的整数（现在是：0）")


def test_a_mistake_of_yaml_and_a_remark_are_chinese(load: Load, wrong: Wrong) -> None:
    with speaking("zh"):
        assert wrong("a: [1, 2\nb: 3\n") == ["f.yaml:1:4: 不是 YAML：这个 [ 没有对应的 ]"]
        assert wrong("a: @b\n") == ["f.yaml:1:4: 不是 YAML：字符 '@' 不能出现在这里"]
        text = "scheduler: {policy: rr, quantum: 4}\nprocesses: [{name: A, cpu: 3}]\n"
        remarks = load(text, policy="fcfs").remarks
    assert remarks == ["fcfs 不使用 quantum：场景中的这一项被忽略"]


def test_the_kind_of_an_import_is_chinese_and_the_scenario_english(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("进程,到达时间,服务时间\nA,0,3\nB,2,6\n平均,1,4.5\n", encoding="utf-8")
    english = import_file(table, None, ImportOptions())
    with speaking("zh"):
        chinese = import_file(table, None, ImportOptions())
    assert chinese.what == "table: 进程的表格（CSV、TSV、空格分隔）"
    assert chinese.text == english.text


@pytest.mark.parametrize("lesson", ["overlap", "life/zombie"])
def test_what_programs_read_is_the_same_in_every_language(lesson: str) -> None:
    file = ROOT / "scenarios" / "lessons" / f"{lesson}.yaml"
    english = json_schema(), export_python(file)
    with speaking("zh"):
        assert (json_schema(), export_python(file)) == english


def test_a_remark_of_an_export_is_chinese_and_the_workload_english() -> None:
    file = ROOT / "scenarios" / "lessons" / "overlap.yaml"
    english = export_rt_app(file)
    with speaking("zh"):
        chinese = export_rt_app(file)
    assert chinese.text == english.text
    assert "略去了调度策略：在 rt-app 里由内核调度" in chinese.remarks


def test_nothing_is_translated_while_a_scenario_without_mistakes_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = []
    monkeypatch.setattr("translation.texts.current", lambda: looked_up.append(1))
    for file in (ROOT / "scenarios" / "lessons").glob("*.yaml"):
        load_file(file)
    load_file(ROOT / "scenarios" / "exercises" / "fixed-partitions-queues.yaml")
    assert looked_up == []


def test_a_key_has_its_description_in_chinese() -> None:
    seed = json_schema()["properties"]["seed"]["description"]
    with speaking("zh"):
        assert tr(seed) == "所有随机数都由它产生。"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_chinese_scenario_is_checked_under_the_c_locale(tmp_path: Path, language: str) -> None:
    file = tmp_path / "场景.yaml"
    told = []
    for text in (MISTAKES, "title: 题\nprocesses: [{name: 甲, cpu: 3}]\n"):
        file.write_text(text, encoding="utf-8")
        plain = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONCOERCECLOCALE": "0"}
        done = subprocess.run(
            [sys.executable, ROOT / "cli.py", "--lang", language, "check", file],
            capture_output=True,
            env={**os.environ, **plain, "PYTHONUTF8": "0"},
            check=False,
        )
        told.append((done.returncode, b"Traceback" in done.stderr))
    assert told == [(2, False), (0, False)]
