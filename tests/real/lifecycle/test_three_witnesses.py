"""`compare FILE --program`: the exported plain program is a third witness."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cli
from tests import paths

pytestmark = pytest.mark.real

TALK = """
title: talk
programs: {child: {program: [{receive: q}, {print: done}]}}
processes:
- name: P
  program:
  - start: {program: child}
  - io: 30ms
  - send: {queue: q, value: 7}
  - join: child
  - observe: child
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "talk.yaml"
    path.write_text(TALK, encoding="utf-8")
    return path


def test_the_third_lane_is_in_the_json_document(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["compare", str(file), "--program", "--json"])
    comparison = json.loads(capsys.readouterr().out)["comparison"]
    assert comparison["witness"]["verdict"] == "same"
    assert [
        [row["process"], row["name"], row["program"]] for row in comparison["witness"]["rows"]
    ] == [
        ["child", "receive q", "7"],
        ["child", "prints", "done"],
        ["P", "observe child", comparison["witness"]["rows"][2]["program"]],
    ]
    assert comparison["criteria"][-1]["what"] == "plain program"


def test_the_third_lane_is_printed_and_on_the_page(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    cli.main(["compare", str(file), "--program", "--full", "--html", str(page)])
    text = capsys.readouterr().out
    assert "The plain program" in text
    assert "✓ child: receive q" in text
    assert "The plain program" in page.read_text(encoding="utf-8")


def test_a_scenario_that_is_no_plain_program_is_refused_before_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lesson = paths.LESSONS / "life" / "protection-fault.yaml"
    assert cli.main(["compare", str(lesson), "--program"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "is not exported" in said.err
    assert f"{lesson}:" in said.err
