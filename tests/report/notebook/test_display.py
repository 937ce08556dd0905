"""A result below a cell: a plain table for every viewer, and a frame that draws the page."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from types import ModuleType, SimpleNamespace

import pytest

import translation
from report.notebook import renderer
from report.notebook.display import display
from report.result import Result
from tests.report.runs import make_run
from tests.timeline.gantt import gantt
from timeline.record.run import REAL, Run

pytest.importorskip("bokeh")

TWO = """
A 00.1
B ..0--0
"""
SMALL = 20_000  # characters: what a cell may add to a notebook
HOSTILE = "</script></iframe><img src=x onerror=hacked=1>\u202e'\" $name ]]>"


class Elements(HTMLParser):
    """The elements of a piece of HTML, and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes[tag] = dict(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(autouse=True)
def _new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "_brought", {})


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """A function that begins an execution of a cell, as the kernel of a notebook tells it."""

    def begin(cell: str, number: int) -> None:
        request = {"metadata": {"cellId": cell}}
        shell = SimpleNamespace(execution_count=number, get_parent=lambda: request)
        ipython = ModuleType("IPython")
        monkeypatch.setattr(ipython, "get_ipython", lambda: shell, raising=False)
        monkeypatch.setitem(sys.modules, "IPython", ipython)

    return begin


def shown(run: Run | None = None) -> str:
    return display(Result([run or gantt(TWO)]))


def brings(html: str) -> bool:
    """Whether a cell brings the renderer."""
    return len(html) > 10 * SMALL


def hostile() -> Run:
    run = gantt(TWO)
    run.processes[0].name = HOSTILE
    return replace(run, scenario={**run.scenario, "title": HOSTILE, "about": HOSTILE})


def test_the_first_cell_brings_the_renderer_and_the_others_stay_small() -> None:
    first, second = shown(), shown()
    assert brings(first)
    assert len(second) < SMALL


def test_a_cell_that_is_executed_again_brings_the_renderer_again(
    notebook: Callable[[str, int], None],
) -> None:
    notebook("one", 1)
    assert brings(shown())
    notebook("two", 2)
    assert not brings(shown())
    notebook("one", 3)
    assert brings(shown())


def test_one_execution_brings_the_renderer_once(notebook: Callable[[str, int], None]) -> None:
    notebook("one", 1)
    assert [brings(shown()) for _ in range(3)] == [True, False, False]


def test_each_language_has_a_renderer_of_its_own() -> None:
    assert brings(shown())
    with translation.speaking("zh_CN"):
        chinese = shown()
        assert brings(chinese)
        assert not brings(shown())
    assert "step through the run" not in chinese


def test_without_bokeh_there_is_the_table_and_what_the_charts_need(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing: Callable[[str], None] = lambda _: None  # noqa: E731
    monkeypatch.setattr("report.notebook.display.find_spec", nothing)
    found = Elements(shown())
    assert "table" in found.names and "iframe" not in found.names
    assert "pip install 'multiprog[notebook]'" in found.words


def test_the_frame_takes_no_room_before_it_is_drawn() -> None:
    style = Elements(shown()).attributes["iframe"]["style"]
    assert style is not None and "height:0" in style


def test_the_plain_part_has_a_table_for_each_run() -> None:
    words = Elements(display(Result([gantt(TWO), gantt(TWO, backend=REAL)]))).words
    assert "simulated" in words and "real" in words
    assert words.count("times in us") == 2


def test_a_run_of_many_processes_has_a_part_of_them_in_its_table() -> None:
    found = Elements(shown(make_run((f"job-{at}", "running", at, at + 1) for at in range(250))))
    assert found.names.count("tr") < 100
    assert "250 processes: the first 10" in found.words


def test_hostile_texts_are_text_in_the_plain_part() -> None:
    found = Elements(shown(hostile()))
    harmless = {"div", "b", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "iframe"}
    assert set(found.names) <= harmless
    assert "<img src=x onerror=hacked=1>" in found.words


def test_hostile_texts_are_in_the_frame_only_packed() -> None:
    shown()  # the second one has no renderer
    inner = Elements(shown(hostile())).attributes["iframe"]["srcdoc"]
    assert inner is not None and "hacked" not in inner
    assert Elements(inner).names == Elements(str(_inner(gantt(TWO)))).names


def _inner(run: Run) -> str | None:
    return Elements(shown(run)).attributes["iframe"]["srcdoc"]
