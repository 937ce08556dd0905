"""Commands where a shell, a service or a classroom has left things otherwise than usual."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT

LESSON = str(ROOT / "scenarios/lessons/overlap.yaml")
SCENARIO = "title: Łódź\nprocesses: [{name: 编辑器, cpu: 1ms}, {name: B, cpu: 1ms}]\n"
NOWHERE = (
    "import os, sys; os.close({number}); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command with these variables beside the usual ones."""
    known = {name: text for name, text in os.environ.items() if name != "COLUMNS"}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        capture_output=True,
        env={**known, **env},
        check=False,
        encoding="utf-8",
        errors="replace",
        timeout=120,
    )


def run_without(number: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command one of whose standard descriptors is closed."""
    return subprocess.run(
        [sys.executable, "-c", NOWHERE.format(number=number), str(ROOT / "cli.py"), *arguments],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("option", ["--step", "--live"])
def test_with_stdin_closed_what_needs_a_terminal_says_so(option: str) -> None:
    done = run_without(0, "simulate", LESSON, option)

    assert done.returncode == 2
    assert done.stderr == f"{option} needs a terminal: stdin or stdout is a pipe or a file\n"


def test_with_stderr_closed_the_result_is_the_same() -> None:
    done = run_without(2, "simulate", LESSON)

    assert done.returncode == 0
    assert done.stdout == run("simulate", LESSON).stdout


def test_with_stderr_closed_a_mistake_is_still_told_by_the_status(tmp_path: Path) -> None:
    assert run_without(2, "simulate", str(tmp_path / "nothere.yaml")).returncode == 2


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
@pytest.mark.parametrize(
    "command", [["check"], ["simulate"], ["simulate", "--json"], ["export", "--python"]]
)
def test_no_name_is_too_foreign_for_an_encoding(
    tmp_path: Path, encoding: str, command: list[str]
) -> None:
    (tmp_path / "编译").mkdir()
    file = tmp_path / "编译" / "Łódź.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    done = run(command[0], str(file), *command[1:], PYTHONIOENCODING=encoding)

    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "Traceback" not in done.stderr


def test_an_exported_program_is_utf_8_whatever_the_terminal_is(tmp_path: Path) -> None:
    file = tmp_path / "made.yaml"
    file.write_text(SCENARIO, encoding="utf-8")

    compile(run("export", str(file), "--python", PYTHONIOENCODING="latin-1").stdout, "made", "exec")


def test_the_schema_can_be_written_in_every_encoding() -> None:
    done = run("schema", PYTHONIOENCODING="latin-1")

    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(run("schema").stdout)


def test_columns_beyond_all_screens_are_cut_to_the_widest() -> None:
    done = run("simulate", LESSON, COLUMNS="99999999999")

    assert done.returncode == 0
    assert max(map(len, done.stdout.splitlines())) <= 1000


def test_a_copied_folder_that_was_never_installed_knows_its_version(tmp_path: Path) -> None:
    for name in ("cli.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in (
        "commands",
        "kernel",
        "language",
        "real",
        "report",
        "scenarios",
        "sim",
        "timeline",
        "translation",
        "experiments",
    ):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.yaml"))
    unknown = (
        "import sys, importlib.metadata as m\n"
        "known = m.version\n"
        "def version(name):\n"
        "    if name == 'multiprog': raise m.PackageNotFoundError(name)\n"
        "    return known(name)\n"
        "m.version = version\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "import cli; sys.exit(cli.main(sys.argv[1:]))"
    )
    for arguments in (["--version"], ["simulate", LESSON, "--html", str(tmp_path / "page.html")]):
        done = subprocess.run(
            [sys.executable, "-c", unknown, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert "Multiprog 0." in (tmp_path / "page.html").read_text(encoding="utf-8")
