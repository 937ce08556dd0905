"""Each block of code on a page is what it says: a scenario, a program, a command, or its output."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
from ruamel.yaml import YAML

from kernel.errors import UsageError
from language import Options, load
from language.exercises import read_exercise
from tests.docs.pages import PAGES, Block, Typed, blocks, file_of, printed_by, typed, write_files
from tests.docs.shell import (
    OTHER_PROGRAMS,
    arguments,
    commands,
    is_ours,
    lines,
    parse,
    shell_blocks,
)
from tests.paths import DOCS, ROOT

ALL = [block for page in PAGES for block in blocks(page)]
LANGUAGES = {"yaml", "python", "sh", "console", "text", "sql", "pycon", "{picture}"}
NO_SCENARIO = {
    "jobs:": "a workflow of GitHub",
    "limits:": "the limits of a machine",
    "# li-na.yaml": "an answer to an exercise",
    "student:": "an answer to an exercise",
}
"""YAML that is no scenario, by how it begins."""
OUTPUTS = {
    "architecture.md": "a drawing of the folders",
    "bring-your-own.md": "a table that tests/language/convert/imports reads",
    "bring-a-workload.md": "a table that tests/docs/test_pages.py imports",
    "experiments.md": "rows that tests/experiments writes",
    "json.md": "the outline of a document",
    "performance.md": "measurements: `make bench`, `make scale`, `make dispatch`",
    "reading-the-output.md": "tests/report/test_docs.py prints the same",
    "scenario-language.md": "messages that tests/language holds",
    "README.md": "a comparison, as one machine printed it",
}
"""Pages with blocks of text, and what holds each."""
OWN_TEST = {"assignments.md": "tests/test_assignments_page.py has the submission that is graded"}


def consoles() -> list[tuple[Path, Typed]]:
    """Return every command whose output a page shows."""
    found = [block for block in ALL if block.language == "console"]
    kept = [block for block in found if block.page.name not in OWN_TEST]
    return [(block.page, each) for block in kept for each in typed(block)]


def named(value: object) -> str:
    """The name of a test: the page, the first line of the block, or the command."""
    if isinstance(value, Typed):
        return value.command[:60]
    return value.name if isinstance(value, Block) else getattr(value, "stem", "")


def of(language: str) -> list[Block]:
    """All blocks of a language."""
    return [block for block in ALL if block.language == language]


def test_each_block_has_a_language_that_a_test_knows() -> None:
    assert len(ALL) > 150
    assert [block.name for block in ALL if block.language not in LANGUAGES] == []


def test_no_page_has_code_that_is_only_indented() -> None:
    indented = re.compile(r"(?<=\n\n) {4}(?:python|make|docker|wsl|git|pip) .*")
    found = [
        (page.name, each) for page in PAGES for each in indented.findall(page.read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("block", of("yaml"), ids=named)
def test_yaml_is_a_scenario(block: Block, tmp_path: Path) -> None:
    if block.text.startswith(tuple(NO_SCENARIO)):
        YAML(typ="safe").load(block.text)
        return
    file = tmp_path / (file_of(block) or "scenario.yaml")
    few = block.text.replace("1000000", "1000")  # a million processes take their time
    file.write_text(few, encoding="utf-8")
    try:
        load(file, Options())
    except UsageError:
        read_exercise(file)  # its numbers may come from `vary` alone


@pytest.mark.parametrize("block", of("python"), ids=named)
def test_python_is_a_program(block: Block) -> None:
    ast.parse(block.text)


@pytest.mark.parametrize("block", shell_blocks(), ids=named)
def test_what_is_typed_can_be_typed(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(block.page, tmp_path)
    monkeypatch.chdir(tmp_path)
    for line in lines(block):
        for command in commands(line):
            if not is_ours(command):
                assert command.split()[0] in OTHER_PROGRAMS, command
                continue
            for word in arguments(command):
                if re.fullmatch(r"[\w-]+\.(?:yaml|json)|FILE", word):
                    (tmp_path / word).touch()  # a file of the reader's own
            try:
                parse(command)
            except click.UsageError as error:
                pytest.fail(f"{command}: {error.format_message()}")
            for word in arguments(command):
                if word.startswith("scenarios/") and "*" not in word:
                    assert (ROOT / word).exists(), command


@pytest.mark.parametrize(("page", "each"), consoles(), ids=named)
def test_a_command_prints_what_the_page_shows(
    page: Path, each: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if each.is_real and "core 0" in each.shown:
        pytest.skip("what it prints depends on the machine")
    write_files(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    status, printed = printed_by(each.command)
    assert printed == each.shown
    assert status in (0, 2)  # 2: the page shows a message


def test_each_page_with_an_output_says_what_holds_it() -> None:
    pages = {block.page.name for block in of("text")}
    assert sorted(pages - OUTPUTS.keys()) == []
    assert sorted(OUTPUTS.keys() - pages) == []


def test_each_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    missing = [
        page.name for page in DOCS.rglob("*.md") if f"({page.relative_to(DOCS)})" not in index
    ]
    assert missing == ["README.md"]
