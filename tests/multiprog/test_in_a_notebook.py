"""Results below cells, as a browser shows them: they work, and ask for nothing outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import multiprog
from report.notebook import renderer
from tests.report.page.browser import PATIENCE, chromium

pytest.importorskip("bokeh")

EVIL = "</script></iframe><img src=x onerror=hacked=1><script>hacked=1</script>\u202e$title"
HOSTILE = f"""title: {json.dumps(EVIL)}
about: {json.dumps(EVIL)}
processes: [{{name: {json.dumps(EVIL[:60])}, cpu: 20ms}}, {{name: __proto__, cpu: 20ms}}]
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class Notebook:
    """A page with the HTML of some cells, one below the other, without a network."""

    def __init__(self, browser: Any, folder: Path, *cells: str) -> None:
        file = folder / "notebook.html"
        body = "".join(f'<div class="cell">{cell}</div>' for cell in cells)
        file.write_text(f'<!doctype html><meta charset="utf-8">{body}', encoding="utf-8")
        self.page = browser.new_context(offline=True).new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("requestfailed", lambda request: self.complaints.append(request.url))
        self.page.goto(file.as_uri())

    def cell(self, number: int) -> Any:
        """The frame of a cell, in which the page is drawn."""
        frame = self.page.frames[1 + number]
        frame.wait_for_selector("body[data-ready=yes]", timeout=PATIENCE)
        return frame

    def close(self) -> None:
        self.page.context.close()


@pytest.fixture(autouse=True)
def _new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "_brought", {})


def test_the_whole_page_of_a_run_works_below_a_cell(browser: Any, tmp_path: Path) -> None:
    shown = multiprog.simulate("overlap", explain=True).show()._repr_html_()
    notebook = Notebook(browser, tmp_path, shown)
    cell = notebook.cell(0)
    cell.get_by_text("step 1 of 7 · 0 ms").wait_for(timeout=PATIENCE)
    assert "A runs" in cell.inner_text("body")
    assert notebook.complaints == []
    notebook.close()


def test_each_cell_that_ends_with_a_run_steps_through_it(browser: Any, tmp_path: Path) -> None:
    first = multiprog.simulate("overlap", explain=True)._repr_html_()
    second = multiprog.simulate("convoy")._repr_html_()
    notebook = Notebook(browser, tmp_path, second, first)  # whichever a browser comes to first
    for number, steps in enumerate((9, 7)):
        cell = notebook.cell(number)
        cell.get_by_text(f"step 1 of {steps} · 0 ms").wait_for(timeout=PATIENCE)
        cell.click("#next")
        cell.get_by_text(f"step 2 of {steps}").wait_for(timeout=PATIENCE)
        assert cell.locator("[data-chart=lanes-0] canvas").count() > 0
    plain = notebook.page.locator(".cell > div")
    plain.first.wait_for(state="hidden", timeout=PATIENCE)
    plain.last.wait_for(state="hidden", timeout=PATIENCE)
    assert notebook.complaints == []
    notebook.close()


def test_without_the_renderer_the_plain_table_stays(browser: Any, tmp_path: Path) -> None:
    multiprog.simulate("overlap")._repr_html_()
    notebook = Notebook(browser, tmp_path, multiprog.simulate("convoy")._repr_html_())
    notebook.page.frames[1].get_by_text("The charts need the cell").wait_for(timeout=PATIENCE)
    assert notebook.page.locator(".cell > div").is_visible()
    assert notebook.complaints == []
    notebook.close()


def test_hostile_texts_are_only_text_below_a_cell(browser: Any, tmp_path: Path) -> None:
    run = multiprog.simulate(HOSTILE)
    comparison = multiprog.compare(run, multiprog.simulate(HOSTILE))
    notebook = Notebook(browser, tmp_path, run._repr_html_(), comparison._repr_html_())
    for number in range(2):
        cell = notebook.cell(number)
        assert EVIL.replace("\u202e", " ") in cell.inner_text("h1")
        assert cell.locator("img, iframe, [onerror]").count() == 0
    frames = notebook.page.frames
    assert len(frames) == 3 and notebook.page.locator("img, [onerror]").count() == 0
    assert [frame.evaluate("typeof window.hacked") for frame in frames] == ["undefined"] * 3
    assert notebook.complaints == []
    notebook.close()
