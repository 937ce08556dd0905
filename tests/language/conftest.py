"""Scenarios as texts: `load` writes one to a file and loads it, `wrong` says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel.workload import Workload
from language import Loaded, Options, ScenarioError
from language import load as load_file

Load = Callable[..., Loaded]
Wrong = Callable[..., list[str]]
Processes = Callable[[str], Workload]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Return a function that loads a text as the file f.yaml of the current folder."""
    monkeypatch.chdir(tmp_path)

    def load(text: str, **options: Any) -> Loaded:
        Path("f.yaml").write_text(text, encoding="utf-8")
        return load_file("f.yaml", Options(**options))

    return load


@pytest.fixture
def wrong(load: Load) -> Wrong:
    """Return a function that loads a wrong text and returns the lines of the error."""

    def wrong(text: str, **options: Any) -> list[str]:
        with pytest.raises(ScenarioError) as caught:
            load(text, **options)
        return str(caught.value).split("\n")

    return wrong
