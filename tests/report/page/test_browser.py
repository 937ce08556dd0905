"""The page as a person uses it, in a real browser without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kernel.process.states import BLOCKED, READY, RUNNING
from report.replay.steps import steps
from report.result import Result
from tests.report.page.browser import Shown
from tests.report.page.made import LAG
from tests.report.runs import MS
from timeline.record.run import Run


def in_state(run: Run, state: int, at: int) -> list[str]:
    """The processes in a state at an instant (ns), from the record."""
    return [
        run.process_names[row.process]
        for row in run.intervals
        if row.state == state and row.start <= at < row.end
    ]


@pytest.mark.parametrize("size", [(1280, 800), (800, 600)])
@pytest.mark.parametrize("dark", [False, True])
def test_it_opens_without_a_network_and_without_a_complaint(
    browser: Any, made: tuple[Result, Path], size: tuple[int, int], dark: bool
) -> None:
    page = Shown(browser, made[1], *size, dark=dark)

    page.page.screenshot()
    assert page.complaints == []
    assert page.requests == [made[1].as_uri()]
    assert page.page.evaluate("document.documentElement.dataset.theme") == (
        "dark" if dark else "light"
    )
    assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.close()


def test_both_charts_zoom_as_one(shown: Shown) -> None:
    before, bars = shown.range, [shown.bars(0), shown.bars(1)]
    shown.page.click("#zoom-in")
    shown.page.click("#zoom-in")
    shown.page.click("#zoom-in")

    start, end = shown.range
    assert end - start == pytest.approx((before[1] - before[0]) / 8)
    assert shown.bars(0) < bars[0]
    assert shown.bars(1) < bars[1]
    shared = "['lanes-0','lanes-1','curve-busy','memory-1']"
    ids = f"new Set({shared}.map(n => Bokeh.documents[0].get_model_by_name(n).x_range.id)).size"
    assert shown.page.evaluate(ids) == 1


def test_control_and_the_wheel_zoom_where_the_pointer_is(shown: Shown) -> None:
    before = shown.range
    shown.page.mouse.move(*shown.place("lanes-0", 50, 0.1))
    shown.page.keyboard.down("Control")
    shown.page.mouse.wheel(0, -200)
    shown.page.keyboard.up("Control")
    shown.page.wait_for_timeout(200)

    start, end = shown.range
    assert before[0] < start < 50 < end < before[1]


def test_the_wheel_alone_scrolls_the_page(shown: Shown) -> None:
    before = shown.range
    shown.page.mouse.move(*shown.place("lanes-0", 50, 0.1))
    shown.page.mouse.wheel(0, 300)
    shown.page.wait_for_timeout(300)

    assert shown.range == before
    assert shown.page.evaluate("scrollY") > 0


def test_dragging_pans(shown: Shown) -> None:
    shown.page.click("#zoom-in")
    before = shown.range
    x, y = shown.place("lanes-0", sum(before) / 2, 0.1)
    shown.page.mouse.move(x, y)
    shown.page.mouse.down()
    shown.page.mouse.move(x - 60, y, steps=4)
    shown.page.mouse.up()
    shown.page.wait_for_timeout(200)

    assert shown.range[0] > before[0]
    assert shown.range[1] - shown.range[0] == pytest.approx(before[1] - before[0])


def test_the_pointer_tells_of_the_interval_below_it(
    shown: Shown, made: tuple[Result, Path]
) -> None:
    run = made[0].runs[0]
    lanes = len(run.cores) + len(run.processes)
    for row in run.intervals:
        middle = (row.start + row.end) / 2 / MS
        lane = (len(run.cores) + row.process + 0.5) / lanes
        told = shown.hover("lanes-0", middle, lane)
        facts = dict(zip(told[::2], told[1::2], strict=True))
        assert facts["process"] == run.process_names[row.process]
        assert facts["from"] == f"{row.start / MS:g} ms"
        assert facts["until"] == f"{row.end / MS:g} ms"
        assert facts["lasted"] == f"{(row.end - row.start) / MS:g} ms"


def test_the_pointer_tells_who_lies_in_memory(shown: Shown) -> None:
    assert shown.hover("memory-0", 10, 0.9)[1] == "editor"


def test_every_step_shows_what_the_record_says(shown: Shown, made: tuple[Result, Path]) -> None:
    model, real = made[0].runs
    walked = steps(model)
    assert len(walked) >= 10
    for number, step in enumerate(walked):
        text = shown.step()
        assert text.startswith(f"step {number + 1} of ")
        assert text.endswith(f"{step.at_ns / MS:g} ms")
        assert shown.page.inner_text("#panel-0 .words") == step.words
        late = LAG if step.first < step.last else 0  # the end is nobody's decision
        for run, at in ((model, step.at_ns), (real, step.at_ns + late)):
            panel = made[0].runs.index(run)
            assert sorted(shown.names(panel, "running")) == sorted(in_state(run, RUNNING, at))
            assert sorted(shown.names(panel, "ready")) == sorted(in_state(run, READY, at))
            assert sorted(shown.names(panel, "blocked")) == sorted(in_state(run, BLOCKED, at))
        shown.page.keyboard.press("ArrowRight")


def test_the_ready_queue_has_the_keys_of_the_decision(shown: Shown) -> None:
    shown.page.keyboard.press("ArrowRight")  # batch arrives, and is shorter than editor's rest
    shown.page.wait_for_selector("#panel-0 .ready .chip")

    assert shown.page.inner_text("#panel-0 .ready li") == "editor\nremaining 25ms".replace("\n", "")


def test_the_memory_map_says_who_lies_where(shown: Shown) -> None:
    shown.page.keyboard.press("ArrowRight")

    label = shown.page.get_attribute("#panel-0 .map", "aria-label")
    assert label in ("memory: batch at 8MiB, editor at 0", "memory: editor at 0, batch at 8MiB")


def test_it_is_used_by_keyboard_alone(shown: Shown) -> None:
    page, whole = shown.page, shown.range
    page.keyboard.press("End")
    last = re.fullmatch(r"step (\d+) of (\d+) · .*", shown.step())
    assert last is not None
    assert last[1] == last[2]
    page.keyboard.press("Home")
    assert shown.step().startswith("step 1 ")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    assert shown.step().startswith("step 2 ")
    page.keyboard.press("+")
    assert shown.range != whole
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("0")
    assert shown.range == pytest.approx(whole)
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") in ("BUTTON", "INPUT")
    assert shown.complaints == []


def test_it_plays_until_the_end_and_stops(shown: Shown) -> None:
    shown.page.keyboard.press("End")
    shown.page.keyboard.press("ArrowLeft")
    before = shown.step()
    shown.page.keyboard.press(" ")
    assert shown.page.get_attribute("#play", "aria-pressed") == "true"
    shown.page.wait_for_selector("#play[aria-pressed=false]")

    assert shown.step() != before


def test_the_slider_goes_to_any_step(shown: Shown) -> None:
    shown.page.fill("#slider", "4")

    assert shown.step().startswith("step 5 ")


def test_a_click_goes_to_the_decision_before_it(shown: Shown, made: tuple[Result, Path]) -> None:
    third = steps(made[0].runs[0])[2]
    shown.page.mouse.click(*shown.place("lanes-0", third.at_ns / MS + 0.5, 0.1))
    shown.page.wait_for_timeout(500)  # longer than it takes to be no double click

    assert shown.step().endswith(f"{third.at_ns / MS:g} ms")


def test_on_paper_it_is_light_and_complete(shown: Shown) -> None:
    shown.page.keyboard.press("t")
    paper = shown.page.pdf(format="A4", print_background=True)

    assert paper.startswith(b"%PDF")
    assert shown.page.evaluate("document.documentElement.dataset.theme") == "dark"  # again


def test_on_a_narrow_page_the_panel_begins_where_its_chart_begins(shown: Shown) -> None:
    shown.page.set_viewport_size({"width": 800, "height": 900})
    left = "document.querySelector('{}').getBoundingClientRect().left"
    shown.until(f"{left.format('#panel-0')} === {left.format('.run .chart')}")


def test_it_follows_a_change_of_size(shown: Shown) -> None:
    words = "Bokeh.documents[0].get_model_by_name('words-0').data.text.join(' ')"
    assert "editor" in shown.page.evaluate(words)
    shown.page.set_viewport_size({"width": 320, "height": 700})
    shown.until(f"!({words}).includes('batch')")

    assert "ba" in shown.page.evaluate(words)
    assert shown.page.inner_text("#labels") == ""
    shown.page.set_viewport_size({"width": 1280, "height": 800})
    shown.until(f"({words}).includes('batch')")
    assert shown.complaints == []


def test_on_a_phone_nothing_is_wider_than_the_screen(
    browser: Any, made: tuple[Result, Path]
) -> None:
    page = Shown(browser, made[1], 400, 800, dark=False)

    page.until("document.documentElement.scrollWidth <= 400")
    page.close()


def test_on_paper_every_column_of_every_table_is_there(shown: Shown) -> None:
    sheet = 703  # pixels between the margins of an A4 sheet
    shown.page.set_viewport_size({"width": sheet, "height": 1000})
    shown.page.emulate_media(media="print")
    shown.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    edges = shown.page.evaluate(
        "[...document.querySelectorAll('td, th')].map((each) => each.getBoundingClientRect().right)"
    )

    assert len(edges) > 50
    assert max(edges) <= sheet


def test_where_nothing_is_too_short_nothing_is_said(shown: Shown) -> None:
    assert shown.page.inner_text("#aggregated") == ""
