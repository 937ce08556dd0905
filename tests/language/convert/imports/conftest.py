"""Imports of small texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.errors import UsageError
from language import load
from language.convert.imports.importing import import_file
from language.convert.imports.options import ImportOptions

Import = Callable[..., list[str]]


def imported(path: Path, kind: str | None = None, options: ImportOptions | None = None) -> str:
    """The scenario of a file, which `check` accepts."""
    made = import_file(path, kind, options or ImportOptions())
    scenario = path.with_name("imported.yaml")
    scenario.write_text(made.text, encoding="utf-8")
    load(scenario)
    return made.text


@pytest.fixture
def import_text(tmp_path: Path) -> Import:
    """Imports a text, and returns the lines of the entries, or the mistakes."""

    def run(content: str | bytes, kind: str | None = None, **asked: object) -> list[str]:
        path = tmp_path / "f"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            text = imported(path, kind, ImportOptions(**asked))  # type: ignore[arg-type]
        except UsageError as error:
            return [line.replace(str(path), "f") for line in str(error).split("\n")]
        return text.partition("processes:\n")[2].rstrip("\n").split("\n")

    return run
