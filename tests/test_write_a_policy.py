"""The page on writing a policy: its files are written, its commands run, in their order.

After a change that is meant to change what they print, `python -m tests.test_write_a_policy` writes
the outputs anew; read every line of `git diff docs` before you commit it.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import tempfile
from pathlib import Path

import pytest

from cli import main
from tests.paths import DOCS

PAGE = DOCS / "write-a-policy.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPED = re.compile(r"\$ (.*?[^\\])\n(.*)", re.DOTALL)  # a line that ends in \ goes on
REAL = "run-real"


def blocks() -> list[tuple[str, str]]:
    """(language, text) of every code block of the page."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def commands() -> list[tuple[str, str]]:
    """(what is typed, what is shown)."""
    texts = [text for language, text in blocks() if language == "console"]
    return [(found[1], found[2]) for text in texts if (found := TYPED.fullmatch(text))]


def write_files(folder: Path) -> list[str]:
    """Every file of the page; the first line of each is its name."""
    names = []
    for language, text in blocks():
        if language in ("python", "yaml"):
            names.append(text.partition("\n")[0].removeprefix("# "))
            (folder / names[-1]).write_text(text, encoding="utf-8")
    return names


def printed_by(typed: str) -> tuple[int, str]:
    """Exit status and all that a command prints; `| grep WORD` picks the lines with it."""
    command, _, word = typed.partition(" | grep ")
    python, script, *arguments = shlex.split(command.replace("\\\n", ""))
    assert (python, script) == ("python", "cli.py")
    stream = io.StringIO()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        status = main(arguments)
    lines = stream.getvalue().splitlines(keepends=True)
    return status, "".join(line for line in lines if word in line)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the current folder one with the page's files and nothing else."""
    write_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def test_there_is_no_block_that_is_not_tested(tmp_path: Path) -> None:
    assert {language for language, _ in blocks()} == {"python", "yaml", "console"}
    names = write_files(tmp_path)
    assert len(names) == len(set(names))
    text = " ".join(typed for typed, _ in commands())
    assert [name for name in names if name not in text] == []


@pytest.mark.parametrize(("typed", "shown"), commands(), ids=lambda text: text[18:60])
@pytest.mark.usefixtures("folder")
def test_a_command_prints_what_the_page_shows(typed: str, shown: str) -> None:
    if REAL in typed and "core 0" in shown:
        pytest.skip("what it prints depends on the machine; see below")
    status, printed = printed_by(typed)
    assert printed == shown
    assert status == (2 if "wrong.py" in typed else 0)


@pytest.mark.real
@pytest.mark.usefixtures("folder")
def test_the_real_run_of_the_page() -> None:
    (typed,) = (typed for typed, shown in commands() if REAL in typed and "core 0" in shown)
    status, printed = printed_by(typed)
    assert status == 0, printed
    assert "Real · 1 core" in printed
    assert "Policy: sinking.py:Sinking, quantum 10ms" in printed


def write_outputs() -> None:
    """Put what the commands print now into the page."""
    here, text = Path.cwd(), PAGE.read_text(encoding="utf-8")
    os.environ["COLUMNS"] = "80"
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_files(Path())
        for typed, shown in commands():
            old = f"```console\n$ {typed}\n{shown}```\n"
            text = text.replace(old, f"```console\n$ {typed}\n{printed_by(typed)[1]}```\n")
        os.chdir(here)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_outputs()
