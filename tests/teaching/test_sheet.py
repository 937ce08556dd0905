"""The sheet has all that is given and nothing of the answer; the solution has the answer."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from teaching.answer_files import answer_key
from teaching.sheet.blocks import Block
from teaching.sheet.content import sheet, solution
from teaching.sheet.html import html
from teaching.sheet.markdown import markdown
from tests.teaching.conftest import ROUND_ROBIN, Pose

SECRET = ROUND_ROBIN.replace("title: Round robin", "title: Round robin\nabout: A ends at five") + (
    "expect: {completion: {A: 5}}\n"
)


def test_the_sheet_says_what_is_given(posed: Pose) -> None:
    text = markdown(sheet(posed(), "Li"))
    for part in (
        "student Li",
        "12 points",
        "rr, quantum 2ms",
        "arrivals come before",
        "| B | 1 | 5 |",
    ):
        assert part in text


def test_nothing_of_the_answer_is_on_the_sheet(posed: Pose) -> None:
    for text in (markdown(sheet(posed(SECRET), None)), html(sheet(posed(SECRET), None))):
        assert "A ends at five" not in text and "0-2" not in text and "expect" not in text


def test_the_solution_has_answer_chart_and_decisions(posed: Pose) -> None:
    text = markdown(solution(posed(), None))
    for part in ("A 0-2, B 2-4", "core 0 │AA", "## Step by step", "| 5 | C runs |"):
        assert part in text


def test_the_policy_is_hidden_where_it_is_asked(posed: Pose) -> None:
    hidden = ROUND_ROBIN.replace(
        "{gantt: all, points: 4}", "{policy: {among: [rr, fcfs], quantum: true}}"
    )
    text = markdown(sheet(posed(hidden), None))
    assert "quantum 2ms" not in text and "A 0-2, B 2-4" in text
    assert "policy: {name: rr, quantum: 2}" in answer_key(posed(hidden), None)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag not in ("meta", "path", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("path", "rect"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("content", [sheet, solution])
def test_html_is_closed_and_escaped(posed: Pose, content: object) -> None:
    blocks: list[Block] = content(
        posed(ROUND_ROBIN.replace("title: Round robin", "title: a<b>&c")), None
    )  # type: ignore[operator]
    text = html(blocks)
    tags = _Tags()
    tags.feed(text)
    assert tags.open == [] and "a&lt;b&gt;&amp;c" in text


def test_programs_are_shown_as_python(posed: Pose) -> None:
    text = """
variables: {a: 1}
programs: {child: {program: [{set: {a: 2}}, {show: a}]}}
processes: [{name: parent, program: [{start: {program: child, name: c1}}, {join: c1}, {show: a}]}]
exercise: {ask: [{prints: all}]}
"""
    shown = markdown(sheet(posed(text), None))
    assert "c1 = Process(target=child)" in shown and 'print("a =", a)' in shown
