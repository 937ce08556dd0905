"""The chart of a sheet: an SVG that needs neither a script nor a package."""

from __future__ import annotations

from xml.etree import ElementTree

from report.base.chart import Chart, span_of
from report.files.chart_svg import chart_svg
from tests.timeline.gantt import gantt
from timeline.record.run import Run

TWO = """
A 00.1
B ..0--0
"""


def drawn(run: Run, span: int) -> ElementTree.Element:
    return ElementTree.fromstring(chart_svg(Chart(run), span))


def test_a_run_shows_its_slices_where_they_ran() -> None:
    run = gantt(TWO)
    titles = [rect.findtext("title") for rect in drawn(run, span_of(run)).iter("rect")]

    assert "A, 0 ms to 2 ms, expired" in titles
    assert "B blocked, 3 ms to 5 ms" in titles
    assert len(titles) == len(run.intervals) + 4  # four slices are on the cores as well


def test_a_longer_axis_makes_a_run_narrower() -> None:
    run = gantt(TWO)
    ends = [
        max(float(r.get("x", 0)) + float(r.get("width", 0)) for r in svg.iter("rect"))
        for svg in (drawn(run, span_of(run)), drawn(run, 2 * span_of(run)))
    ]

    assert ends[1] < ends[0]


def test_names_are_text() -> None:
    run = gantt(TWO)
    run.processes[0].name = "<script>alert(1)</script>"

    assert "<script>" not in chart_svg(Chart(run), span_of(run))
