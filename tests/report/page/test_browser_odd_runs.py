"""The page of runs that are not usual: zombies, hostile names, very many or no intervals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kernel.process.states import RUNNING
from report.result import Result
from tests.report.page.browser import Shown
from tests.report.page.made import simulated, written
from tests.report.runs import alternating, make_run


def test_a_process_that_is_not_reaped_is_called_a_zombie(browser: Any, tmp_path: Path) -> None:
    lesson = Path("scenarios/lessons/life/zombie.yaml").read_text()
    page = Shown(
        browser, written(Result([simulated(tmp_path, lesson)]), tmp_path)[1], 1280, 800, False
    )

    assert "zombie: ended, not yet joined" in page.page.inner_text(".legend")
    while not page.names(0, "zombie"):
        assert not page.page.is_disabled("#next")
        page.page.click("#next")
    assert page.names(0, "zombie") == ["c1"]
    page.close()


def test_a_hostile_name_is_text(browser: Any, tmp_path: Path) -> None:
    run = alternating(3)
    run = replace(
        run,
        scenario={"title": "</title><script>boom()</script>", "about": "<img src=x>", "text": "&"},
    )
    run.processes[0].name = '"><img src=x onerror=boom()></script>'
    page = Shown(browser, written(Result([run]), tmp_path)[1], 1280, 800, dark=False)

    assert page.complaints == []
    assert page.page.locator("img").count() == 0
    assert page.page.inner_text("h1") == "</title><script>boom()</script>"
    page.close()


def test_what_is_drawn_together_is_said_and_comes_apart(browser: Any, tmp_path: Path) -> None:
    many = alternating(30, 10)
    for index in range(20_000):
        many.intervals.add((0, RUNNING, index * 15_000, index * 15_000 + 7_000, 0, -1, "expired"))
    page = Shown(browser, written(Result([many]), tmp_path)[1], 1280, 800, False)
    assert "drawn together" in page.page.inner_text("#aggregated")
    for _ in range(14):
        page.page.keyboard.press("+")

    assert page.page.inner_text("#aggregated") == ""
    assert page.complaints == []
    page.close()


def test_of_very_many_processes_the_first_have_lanes(browser: Any, tmp_path: Path) -> None:
    page = Shown(browser, written(Result([alternating(400)]), tmp_path)[1], 1280, 800, False)

    assert "The first 100 of 400 processes have a lane." in page.page.inner_text("#aggregated")
    assert len(shown_names := page.names(0, "ready")) == 60, shown_names
    assert "and 339 more" in page.page.inner_text("#panel-0 .ready")
    assert page.complaints == []
    page.close()


def test_a_run_of_no_length_can_be_shown(browser: Any, tmp_path: Path) -> None:
    page = Shown(browser, written(Result([make_run([])]), tmp_path)[1], 800, 600, False)

    assert page.complaints == []
    page.close()
