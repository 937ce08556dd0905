"""A result below a cell, as a browser shows it: its page works, and asks for nothing outside."""

from __future__ import annotations

from pathlib import Path

import pytest

import multiprog
from tests.report.page.browser import PATIENCE, chromium


def test_the_page_of_a_run_works_below_a_cell(tmp_path: Path) -> None:
    pytest.importorskip("bokeh")
    shown = multiprog.simulate("overlap", explain=True).show()._repr_html_()
    cell = tmp_path / "cell.html"
    cell.write_text(f'<!doctype html><meta charset="utf-8">{shown}', encoding="utf-8")
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_context(offline=True).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(request.url))
        page.goto(cell.as_uri())
        frame = page.frames[1]
        frame.wait_for_selector("body[data-ready=yes]", timeout=PATIENCE)
        frame.get_by_text("step 1 of 7 · 0 ms").wait_for(timeout=PATIENCE)
        assert "A runs" in frame.inner_text("body")
    assert complaints == []
