"""docs/assignments.md: its example is graded as it says, and it names every key, kind and check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli import main
from language import json_schema
from language.schema.assignment import BOARD, KINDS, RULES
from tests.paths import DOCS
from tests.teaching.assignment.test_grading import QUEUE

PAGE = (DOCS / "assignments.md").read_text(encoding="utf-8")


def test_the_example_prints_what_stands_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    scenario = re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    Path(scenario[0]).write_text(scenario[1], encoding="utf-8")
    Path("li-na.py").write_text(QUEUE.replace("self.quantum", "None"), encoding="utf-8")
    command, printed = re.findall(r"```console\n\$ python cli.py (.*?)\n(.*?)```", PAGE, re.DOTALL)[
        0
    ]
    assert main(command.split()) == 0
    assert capsys.readouterr().out.rstrip() == printed.rstrip()


def test_it_names_every_key_kind_check_and_measure() -> None:
    keys = json_schema()["$defs"]["Assignment"]["properties"]
    limits = json_schema()["$defs"]["AssignmentLimits"]["properties"]
    named = [*keys, *limits, *KINDS, *RULES, *BOARD]
    assert [name for name in named if not re.search(rf"`{name}\b", PAGE)] == []
