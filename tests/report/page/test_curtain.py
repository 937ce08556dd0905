"""The page with a curtain: what comes later is not drawn, and each step is asked first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli import main
from tests.report.page.browser import Shown

SCENARIO = """
scheduler: {policy: rr, quantum: 20ms}
processes: [{name: Ann, cpu: 30ms}, {name: Bob, cpu: 40ms}]
"""  # Ann 0-20, Bob 20-40, Ann 40-50, Bob 50-70


@pytest.fixture
def curtained(browser: Any, tmp_path: Path) -> Any:
    file, page = tmp_path / "two.yaml", tmp_path / "page.html"
    file.write_text(SCENARIO, encoding="utf-8")
    assert main(["simulate", str(file), "--html", str(page), "--curtain"]) == 0
    shown = Shown(browser, page, 1280, 800, dark=False)
    yield shown
    shown.close()


def _bars(page: Any) -> float:
    """The right edge of the last bar that is drawn."""
    found: float = page.evaluate(
        """() => Math.max(0, ...[...Bokeh.documents[0]._all_models.values()]
             .filter((model) => model.name?.startsWith("bars-0"))
             .flatMap((model) => [...model.data.right]))"""
    )
    return found


def test_a_step_is_asked_and_then_revealed(curtained: Shown) -> None:
    page = curtained.page
    page.wait_for_selector("body[data-ready=yes]")
    assert page.inner_text("#curtain p") == "0 ms: which process has the core from here?"
    assert _bars(page) == 0 and not page.is_visible("#closing")
    page.click("#curtain button:has-text('Bob')")
    assert page.inner_text("#curtain").startswith("Wrong: it is Ann.")
    assert _bars(page) == 20
    page.click("#next")
    page.click("#curtain button:has-text('Bob')")
    assert "Right: Bob." in page.inner_text("#curtain")
    assert "1 of 2 right" in page.inner_text("#curtain")
    assert _bars(page) == 40


def test_the_end_cannot_be_reached_without_the_questions(curtained: Shown) -> None:
    page = curtained.page
    page.wait_for_selector("body[data-ready=yes]")
    page.keyboard.press("End")
    assert _bars(page) == 0
    for _ in range(20):
        if page.locator("#curtain button").count():
            page.locator("#curtain button").first.click()
        page.keyboard.press("End")
    assert page.is_visible("#closing") and _bars(page) == 70
    assert curtained.complaints == []


def test_the_curtain_needs_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    assert main(["simulate", str(file), "--curtain"]) == 2
    assert "--curtain is for the page: give --html FILE, too" in capsys.readouterr().err
