"""Scenarios by name, what --help says, and what a shell completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import cli, main
from commands import table
from commands.names import EXAMPLES, named
from commands.shipped import KINDS, find, found_by, names, scenarios
from kernel.errors import UsageError
from language.source.limits import LIMITS
from language.source.tree import parse
from tests.paths import EXERCISES, LESSONS, ROOT, SCENARIOS

ENTRIES = list(table.ENTRIES.values())


# -- a name where a file is taken -----------------------------------------------------------------


def test_every_scenario_that_comes_with_multiprog_is_found_by_its_name() -> None:
    there = set(SCENARIOS.rglob("*.yaml"))
    listed = list(scenarios())
    assert {each.path for each in listed} == there
    assert [each.name for each in listed if find(each.name) != each.path] == []
    assert len(set(names())) == len(there)


@pytest.mark.parametrize(
    ("name", "first", "file"),
    [
        ("overlap", "lessons", LESSONS / "overlap.yaml"),
        ("zombie", "lessons", LESSONS / "life" / "zombie.yaml"),
        ("zombie", "exercises", EXERCISES / "zombie.yaml"),
        ("exercises/zombie", "lessons", EXERCISES / "zombie.yaml"),
        ("assignments/stride", "exercises", EXERCISES / "assignments" / "stride.yaml"),
        ("quantum", "experiments", SCENARIOS / "experiments" / "quantum.yaml"),
        ("stallings-rr-q1", "lessons", SCENARIOS / "textbook" / "stallings-rr-q1.yaml"),
    ],
)
def test_a_name_means_the_scenario_of_the_commands_own_folder_first(
    name: str, first: str, file: Path
) -> None:
    assert named(Path(name), first).resolve() == file


def test_a_file_that_exists_wins_over_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert named(Path("overlap")) == LESSONS / "overlap.yaml"
    (tmp_path / "overlap").touch()
    assert named(Path("overlap")) == Path("overlap")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("overlp", "overlap"),
        ("zombei", "zombie"),
        ("convoy.yaml", "convoy"),
        ("x/convoy", "convoy"),
    ],
)
def test_a_near_miss_is_hinted_at(
    typed: str, meant: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=f"^{typed}: no such file or lesson; did you mean {meant}"):
        named(Path(typed))


@pytest.mark.parametrize("typed", ["nowhere.yaml", "a.json", "x/y.yaml", "quite-another-thing-1"])
def test_what_is_near_nothing_is_left_to_its_reader(typed: str) -> None:
    assert named(Path(typed)) == Path(typed)


@pytest.mark.parametrize("folder", EXAMPLES)
def test_the_example_of_a_missing_argument_is_there(folder: str) -> None:
    assert find(EXAMPLES[folder], folder) is not None


@pytest.mark.parametrize(
    "words",
    [
        ("simulate", "overlap"),
        ("check", "overlap", "exercises/zombie", "gate-2012-rr"),
        ("export", "zombie", "--python"),
        ("exercise", "zombie", "--student", "42"),
        ("sweep", "convoy", "scheduler.policy=fcfs,rr", "--jobs", "1"),
        ("simulate", "rr"),
    ],
)
def test_commands_take_names_in_any_folder(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(list(words)) == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("simulate",), "Missing argument 'FILE'. Try: multiprog simulate overlap"),
        (("exercise",), "Missing argument 'FILE'. Try: multiprog exercise rr"),
        (("sweep",), "Missing argument 'FILE'. Try: multiprog sweep quantum"),
        (("check",), "Missing argument 'FILES...'. Try: multiprog check overlap"),
        (("compare", "ovrlap"), "did you mean overlap?"),
        (("grade", "zombei", "answers"), "did you mean zombie?"),
        (("simulate", "overlap", "--slow", "20"), "--slow: is for --live"),
        (("simulate", "overlap", "--slow", "1"), "1 is not in the range"),
        (("simulate", "overlap", "--slow", "fast"), "'fast' is not a valid integer"),
        (("lessons", "zmbie"), "nothing has the words zmbie (did you mean zombie?)"),
        (("lessons", "--topic", "cooking"), "there are multiprogramming; "),
        (("lessons", "--level", "genius"), "'genius' is not one of"),
        (("lessons", "zombie", "--life", "--textbook"), "give only one of"),
        (("lessons", "convoy", "--level", "advanced"), "nothing has the words convoy and of the"),
        (("--show-completion", "csh"), "'csh' is not one of"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    words: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(list(words)) == 2
    out, err = capsys.readouterr()
    assert says in err
    assert (out, err.count("\n")) == ("", 1)


# -- lessons ---------------------------------------------------------------------------------------


def test_each_lesson_and_exercise_has_a_topic_and_a_level() -> None:
    heads = {each.name: each.head for each in scenarios(("lessons", "exercises"))}
    assert [name for name, head in heads.items() if not (head.topic and head.level)] == []
    assert len({head.topic for head in heads.values()}) < 15


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "level: begginer",
            "level: must be beginner, intermediate or advanced (got 'begginer'; did",
        ),
        ("level: 3", "level: must be beginner, intermediate or advanced (got 3)"),
        ("topic: [memory]", "topic: must be text (got a list)"),
        ("topic:", "topic: must be text (got nothing)"),
    ],
)
def test_a_wrong_topic_or_level_is_told_with_its_line(
    line: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(f"title: Mine\n{line}\nprocesses: [{{name: A, cpu: 5ms}}]\n")
    assert main(["check", str(file)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"{file}:2:") and says in err and err.count("\n") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_head_of_a_file_is_what_the_whole_file_says(kind: str) -> None:
    for each in list(scenarios([kind]))[::7]:
        root, _ = parse("", each.path.read_text(encoding="utf-8"), LIMITS)
        assert root is not None
        plain = root.plain()
        for key in ("title", "topic", "level", "about"):
            assert getattr(each.head, key) == plain.get(key, "").strip(), each.path


def test_lessons_are_listed_by_topic_the_easy_ones_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lessons"]) == 0
    text = capsys.readouterr().out
    assert "\nMemory\n  external-fragmentation (beginner)\n" in text
    assert text.index("partitions (beginner)") < text.index("swapping (intermediate)")
    assert max(map(len, text.splitlines())) <= 80


def test_words_find_what_has_them_the_name_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "zombies"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Lessons\n  ")
    assert "exercises/zombie (beginner)" in text
    assert "Run one by its name: multiprog simulate " in text
    assert found_by(["convoy"], scenarios(("lessons",)))[0].name == "convoy"
    assert found_by(["fork", "isolation"], scenarios(("lessons",)))[0].name == "isolation-fork"


def test_topic_and_level_narrow_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons", "--topic", "memory", "--level", "intermediate"]) == 0
    text = capsys.readouterr().out
    assert "compaction (intermediate)" in text
    assert "convoy" not in text and "(beginner)" not in text


# -- help and completion ---------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_the_table_says_of_a_command_what_its_docstring_begins_with(entry: table.Entry) -> None:
    command = cli.commands[entry.name]
    assert command.name == entry.name
    assert command.get_short_help_str(limit=100) == entry.help


def test_each_command_has_a_file_and_each_file_is_a_command() -> None:
    files = {file.stem for file in (ROOT / "commands" / "cli").glob("*.py")} - {"__init__"}
    elsewhere = {"playground.command"}  # a folder above the commands
    assert files | elsewhere == {entry.module for entry in ENTRIES}


def test_help_shows_the_groups_and_examples_that_work() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).output
    assert [heading for heading in table.GROUPS if f"\n{heading}:\n" not in shown] == []
    assert max(map(len, shown.splitlines())) <= 80
    for words, _ in table.EXAMPLES:
        assert f"  multiprog {words}  " in shown
        typed = words.split()
        if typed[0] != "compare":
            assert main(typed) == 0


def test_help_loads_no_command() -> None:
    program = (
        "import sys, cli; cli.main(['--help']); "
        "loaded = [name for name in sys.modules if name.startswith(('commands.cli', 'report'))];"
        "sys.exit(len(loaded))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell_is_printed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--show-completion", shell]) == 0
    assert "_MULTIPROG_COMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("sim", "simulate"),
        ("simulate over", "overlap"),
        ("exercise zom", "zombie-memory"),
        ("simulate convoy --policy rr,sr", "rr,srtf"),
        ("policies ml", "mlfq"),
        ("lessons --le", "--level"),
    ],
)
def test_a_shell_completes_commands_lessons_and_policies(typed: str, completed: str) -> None:
    words = ["multiprog", *typed.split()]
    asked = {"_MULTIPROG_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words)}
    program = "import sys; sys.argv = ['multiprog']; import cli; sys.exit(cli.main())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **asked, "COMP_CWORD": str(len(words) - 1)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert f"plain,{completed}" in done.stdout.splitlines()
