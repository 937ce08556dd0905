"""The chart of a run as SVG, as answer sheets and course systems get it."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from report.base.chart import Chart, span_of
from teaching.sheet.chart_svg import chart_svg
from tests.timeline.gantt import gantt

TWO = gantt("""
A 00.1
B ..0--0
""")


def _rectangles(svg: str) -> list[str]:
    """The words of each rectangle, which a pointer on it shows."""
    return [each.findtext("title") or "" for each in ElementTree.fromstring(svg).iter("rect")]


def test_a_run_shows_its_slices_where_they_ran() -> None:
    drawn = _rectangles(chart_svg(Chart(TWO), span_of(TWO)))

    assert "A, 0 ms to 2 ms, expired" in drawn
    assert "B blocked, 3 ms to 5 ms" in drawn
    assert len(drawn) == len(TWO.intervals) + 4  # four slices are on the cores as well


def test_without_states_only_the_cores_are_drawn() -> None:
    drawn = _rectangles(chart_svg(Chart(TWO), span_of(TWO), states=False))

    assert len(drawn) == 4 and "B blocked, 3 ms to 5 ms" not in drawn


def test_titles_and_names_are_text_and_never_markup() -> None:
    run = gantt("A 00.1")
    run.processes[0].name = "<script>alert(1)</script>"
    run = replace(run, scenario={**run.scenario, "title": "</svg><img src=x>"})
    svg = chart_svg(Chart(run), span_of(run))

    assert "<script>" not in svg and "<img" not in svg
    assert "&lt;img src=x&gt;" in svg
