"""The folder that Sphinx reads: links lead where the files are, the index has its navigation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paths import DOCS
from tools.documentation.staging import GENERATED, pages, stage

PAGE = "# Every key\n\nText.\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the staged pages, with one that is generated."""
    folder = tmp_path_factory.mktemp("staged") / "source"
    stage(folder, {"reference/keys.md": PAGE})
    return folder


def test_each_page_is_there(folder: Path) -> None:
    assert len(pages()) > 40
    assert [path for path in pages().values() if not (folder / path).is_file()] == []


def test_a_link_to_a_page_outside_of_docs_leads_to_its_copy(folder: Path) -> None:
    text = (folder / "architecture.md").read_text(encoding="utf-8")
    assert "](contributing.md#the-rules)" in text
    assert "](docs/architecture.md)" not in (folder / "contributing.md").read_text("utf-8")
    assert "](architecture.md)" in (folder / "contributing.md").read_text("utf-8")


def test_the_index_has_each_page_once_in_its_navigation(folder: Path) -> None:
    text = (folder / "index.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in text.split("```{toctree}")[1:]]
    entries = [line for part in blocks for line in part.splitlines() if line and line[0] != ":"]
    assert len(entries) == len(set(entries))
    staged = {file.relative_to(folder).as_posix() for file in folder.rglob("*.md")}
    assert {f"{entry}.md" for entry in entries} == staged - {"index.md"}


def test_a_generated_page_is_in_the_list_of_the_reference(folder: Path) -> None:
    assert GENERATED in (DOCS / "README.md").read_text(encoding="utf-8")
    assert "- [Every key](reference/keys.md)" in (folder / "index.md").read_text(encoding="utf-8")
    assert (folder / "reference" / "keys.md").read_text(encoding="utf-8") == PAGE
