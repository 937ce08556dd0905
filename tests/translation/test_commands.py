"""The commands in Chinese: their help, click's errors and their own; what programs read is not."""

# ruff: noqa: RUF001 - Chinese punctuation is meant

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

import multiprog
from cli import cli, main
from commands.group import Commands
from commands.sentences_of_click import MODULES, SENTENCES
from tests.paths import ROOT
from translation import chosen, language_given_back, speaking, tr
from translation.line_breaks import columns, wrap


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTIPROG_LANG", "zh")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def given_back() -> Iterator[None]:
    with language_given_back():
        yield


Captured = pytest.CaptureFixture[str]


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("name", ["", *Commands()])
def test_the_help_of_each_command_is_chinese_and_fits_eighty_columns(
    name: str, capsys: Captured
) -> None:
    assert main([*name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("用法：")
    assert "选项：\n" in shown
    assert "-h, --help" in shown
    assert "显示本帮助后退出。" in shown
    assert max(map(columns, shown.splitlines())) <= 80
    assert not [word for word in ("Usage", "Options", "OPTIONS", "FILE") if word in shown]


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("simulat", "没有命令 'simulat'。 你想用的是 'simulate' 吗？"),
        ("simulate overlap --polcy rr", "没有选项 '--polcy'。"),
        ("simulate", "缺少参数 '文件'. 试试："),
        ("simulate overlap extra", "多出了参数（extra）"),
        ("simulate overlap --policy", "选项 '--policy' 需要一个值。"),
        ("simulate overlap --live=1", "选项 '--live' 不带值。"),
        ("lessons --level easy", "'--level' 的值无效：'easy' 不是下列之一：'beginner'"),
        ("compare overlap --runs 0", "'--runs' 的值无效：0 不在范围 1<=x<=1000 内。"),
        ("simulate overlpa", "overlpa: 没有这个文件或课例；你想找的是 overlap 吗？"),
        ("lessons zombiee", "没有找到含有词语 zombiee 的内容（你想找的是 zombie 吗？）"),
        ("export overlap", "export: 请指明形式：--python 或 --rt-app"),
        ("sweep overlap", "没有要变化的量：请给出一个键和它的值"),
    ],
)
def test_an_error_is_one_line_in_chinese(typed: str, said: str, capsys: Captured) -> None:
    assert main(typed.split()) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "typed",
    [
        "--lang zh simulate overlap --polcy x",
        "simulate --lang zh overlap --polcy x",
        "simulate overlap --polcy x --lang=zh",
    ],
)
def test_the_language_may_stand_anywhere(typed: str, capsys: Captured) -> None:
    assert main(typed.split()) == 2
    assert "没有选项 '--polcy'" in capsys.readouterr().err
    assert chosen() == "en"


def test_the_words_of_a_recorded_program_choose_no_language(capsys: Captured) -> None:
    assert main(["record", "--polcy", "true", "--lang", "zh"]) == 2
    assert "No such option" in capsys.readouterr().err


def test_an_unknown_language_behind_a_command_is_one_line(capsys: Captured) -> None:
    assert main(["policies", "--lang", "tlh"]) == 2
    assert "'--lang': 'tlh' is none of the languages: en, zh_CN\n" in capsys.readouterr().err


def test_the_option_is_in_the_help_of_the_group_alone(capsys: Captured) -> None:
    assert main(["policies", "--help"]) == 0
    assert "--lang" not in capsys.readouterr().out
    assert main(["--help"]) == 0
    assert "--lang LANGUAGE" in capsys.readouterr().out


@pytest.mark.parametrize(
    "typed",
    [
        "simulate overlap --json --explain",
        "simulate convoy --json --policy fcfs,rr",
        "schema",
        "export overlap --python",
    ],
)
def test_what_programs_read_is_the_same_to_the_byte(typed: str, capsys: Captured) -> None:
    outputs = []
    for language in ("en", "zh"):
        assert main(["--lang", language, *typed.split()]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]


def test_the_rows_of_a_sweep_are_the_same_to_the_byte(tmp_path: Path, capsys: Captured) -> None:
    rows = []
    for language in ("en", "zh"):
        out = tmp_path / f"{language}.csv"
        typed = ["sweep", "convoy", "scheduler.policy=fcfs,rr", "--jobs", "1", "--out", str(out)]
        assert main(["--lang", language, *typed]) == 0
        rows.append(out.read_bytes())
    assert rows[0] == rows[1]
    shown = capsys.readouterr().out
    assert "2 points · 1 replication each" in shown
    assert "2 个点 · 每点重复 1 次" in shown


WRONG = """\
from kernel.scheduling import Policy


class Mine(Policy):
    def ready(self, process, why):
        raise ValueError("wrong")

    def pick(self, core):
        return None
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers need Linux")
def test_a_worker_speaks_the_language_of_its_command(capsys: Captured, tmp_path: Path) -> None:
    policy = tmp_path / "mine.py"
    policy.write_text(WRONG, encoding="utf-8")
    typed = f"sweep convoy scheduler.policy={policy}:Mine --jobs 2 --repeat 2"
    assert main(["--lang", "zh", *typed.split()]) == 2
    said = capsys.readouterr().err  # of the replication that failed first
    assert f"第 1 个点，共 1 个（scheduler.policy={policy}:Mine），第 " in said


def test_help_has_the_names_of_the_context_whatever_a_context_before_it_had() -> None:
    command = cli.commands["open"]
    assert " -h" not in command.get_help(click.Context(command))
    parent = click.Context(cli, **cli.context_settings)
    assert " -h, --help" in command.get_help(click.Context(command, parent=parent))


def test_click_takes_its_sentences_from_the_catalogue() -> None:
    speaks = [name for name in MODULES if import_module(f"click.{name}").__dict__.get("_") is tr]
    assert speaks == [name for name in MODULES if hasattr(import_module(f"click.{name}"), "_")]
    assert "exceptions" in speaks
    with speaking("zh"):
        assert [sentence for sentence in SENTENCES if tr(sentence) == sentence] == []
        assert click.UsageError("x").format_message() == "x"


@pytest.mark.usefixtures("given_back")
def test_the_help_of_completions_is_translated() -> None:
    context = click.Context(cli, info_name="multiprog", **cli.context_settings)
    with speaking("zh"):
        (found,) = cli.shell_complete(context, "compar")
        assert found.help == "把模型与真实运行相比较，或比较两份运行记录。"


# -- the help's lines ------------------------------------------------------------------------------


def test_lines_are_counted_in_columns_and_begin_with_no_closing_mark() -> None:
    text = "打印时间线、进程表和总计，然后退出（见 `lessons`）。"
    for width in range(13, 60):  # the part that cannot be broken has 13 columns
        lines = wrap(text, width)
        assert max(map(columns, lines)) <= width
        assert not [line for line in lines if line[0] in "，。）、"]
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


# -- in Python -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("given_back")
def test_a_python_program_chooses_its_language() -> None:
    assert multiprog.language() == "en"
    assert multiprog.language("zh-Hans") == "zh_CN"
    with pytest.raises(multiprog.UsageError, match="没有这个文件或课例；你想找的是 overlap 吗"):
        multiprog.load("overlpa")
    with pytest.raises(multiprog.UsageError, match="tlh"):
        multiprog.language("tlh")
    in_chinese = multiprog.simulate("overlap").to_json()
    assert multiprog.language("en") == "en"
    assert multiprog.simulate("overlap").to_json() == in_chinese


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "zh_CN\n"), ("", "en\n"), ("tlh", "none of the languages")]
)
def test_a_python_program_speaks_as_the_environment_says(language: str, said: str) -> None:
    program = (
        "import os; before = dict(os.environ); import multiprog; print(multiprog.language()); "
        "assert os.environ == before"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "MULTIPROG_LANG": language},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said in done.stdout + done.stderr


@pytest.mark.usefixtures("given_back")
def test_lessons_are_shown_in_chinese_and_named_as_ever() -> None:
    multiprog.language("zh")
    found = multiprog.lessons("overlap")[0]
    assert (found.name, found.level) == ("overlap", "beginner")
    assert found.title.isascii() is False
    assert multiprog.lessons(topic="内存") == multiprog.lessons(topic="memory") != []
