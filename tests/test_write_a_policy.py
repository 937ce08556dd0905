"""The page on writing a policy: no file stands on it for nothing, and its real run goes well.

`tests/docs/test_blocks.py` runs its other commands and compares what they print.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import blocks, file_of, printed_by, typed, write_files
from tests.paths import DOCS

PAGE = DOCS / "write-a-policy.md"
REAL = "run-real"
COMMANDS = [each for block in blocks(PAGE) if block.language == "console" for each in typed(block)]


def test_each_file_of_the_page_has_another_name_and_is_used() -> None:
    found = [block for block in blocks(PAGE) if block.language in ("python", "yaml")]
    names = [file_of(block) for block in found]
    assert None not in names
    assert len(names) == len(set(names))
    text = " ".join(each.command for each in COMMANDS)
    assert [name for name in names if name is not None and name not in text] == []


@pytest.mark.real
def test_the_real_run_of_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(PAGE, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (command,) = (
        each.command for each in COMMANDS if REAL in each.command and "core 0" in each.shown
    )
    status, printed = printed_by(command)
    assert status == 0, printed
    assert "Real · 1 core" in printed
    assert "Policy: sinking.py:Sinking, quantum 10ms" in printed
