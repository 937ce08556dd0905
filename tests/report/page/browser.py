"""The page in a real browser: the system's Chromium, without a window and without a network."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 60_000  # ms


def find_browser() -> str | None:
    """Where a Chromium is, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser with an empty profile. Skips the test where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = find_browser()
    if path is None:
        pytest.skip(f"no browser here: none of {', '.join(NAMES)} is on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


class Shown:
    """A page that is open, with all that the browser complained about and asked the network for."""

    def __init__(self, browser: Any, file: Path, width: int, height: int, dark: bool) -> None:
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            offline=True,
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("body[data-ready=yes]")

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def range(self) -> list[float]:
        """The range of time that is shown, in the unit of the axis."""
        found: list[float] = self.page.evaluate(
            "(({start, end}) => [start, end])(Bokeh.documents[0].get_model_by_name('time'))"
        )
        return found

    def bars(self, at: int) -> int:
        """How many bars the chart of a run has now."""
        count: int = self.page.evaluate(
            "(at) => Array.from(Bokeh.documents[0]._all_models.values())"
            ".filter((model) => model.name?.startsWith(`bars-${at}-`))"
            ".reduce((sum, model) => sum + model.data.left.length, 0)",
            at,
        )
        return count

    def place(self, chart: str, x: float, y: float) -> tuple[float, float]:
        """The pixel of a point of a chart: x on the time axis, y its share of the height."""
        self.page.evaluate(
            "(name) => Bokeh.index.get_by_id(Bokeh.documents[0].get_model_by_name(name).id)"
            ".el.scrollIntoView({block: 'center'})",
            chart,
        )
        left, top, width, height = self.page.evaluate(
            """(name) => {
                const model = Bokeh.documents[0].get_model_by_name(name);
                const view = Bokeh.index.get_by_id(model.id), frame = view.frame.bbox;
                const box = view.el.getBoundingClientRect();
                return [box.left + frame.x0, box.top + frame.y0, frame.width, frame.height];
            }""",
            chart,
        )
        start, end = self.range
        return left + width * (x - start) / (end - start), top + height * y

    def hover(self, chart: str, x: float, y: float) -> list[str]:
        """Point there until the page tells what is there: its lines.

        On a busy machine the page may still be moving when the pointer first comes.
        """
        until = time.monotonic() + PATIENCE / 1000
        while time.monotonic() < until:
            left, top = self.place(chart, x, y)
            self.page.mouse.move(left - 1, top)
            self.page.mouse.move(left, top)
            with contextlib.suppress(Exception):
                self.page.wait_for_selector("#hover:not([hidden])", timeout=1000)
                lines: list[str] = self.page.inner_text("#hover").split("\n")
                return lines
        raise AssertionError(f"nothing is told at {x}, {y} of {chart}")

    def until(self, expression: str) -> None:
        """Wait for what the page comes to in its own time: the frames after a change of size."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.page.evaluate(expression):
            assert time.monotonic() < end, f"it never came to be so: {expression}"
            self.page.wait_for_timeout(50)

    def step(self) -> str:
        """What the readout says."""
        text: str = self.page.inner_text("#where")
        return text

    def names(self, run: int, state: str) -> list[str]:
        """The processes in a state, as the panel of a run lists them."""
        found: list[str] = self.page.locator(f"#panel-{run} .{state} .chip").all_inner_texts()
        return found

    def close(self) -> None:
        self.context.close()
