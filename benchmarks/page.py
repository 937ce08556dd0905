"""Measure the page of two runs with 20,000 intervals: its size, and how fast it is built and shown.

    python -m benchmarks.page

The time to build it is measured in a process of its own. It begins before the modules of the page
are imported, and ends when the file is written. Loading and zooming need a Chromium. If there is
none, they are not measured, and a line says so. All times are medians. The exit status is 1 if a
bound is missed.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, show
from language import Options, load
from sim import simulate
from timeline.files.document import save, write_runs

INTERVALS = 20_000
ROUNDS = 5
LARGEST = 2_500_000  # bytes
BUILT, LOADED, ZOOMED, STEPPED = 1.5, 2.0, 0.2, 0.2  # s

SCENARIO = """
title: Thirty processes
seed: 1
machine: {cores: 2, memory: 512MiB, devices: {disk: {units: 4}}}
memory: {scheme: variable, fit: first}
scheduler: {policy: rr, quantum: 5ms}
processes:
  - name: batch
    count: 30
    memory: 10MiB
    program:
      - repeat: {times: 61, do: [{cpu: {uniform: [2ms, 16ms]}}, {io: {disk: {exponential: 4ms}}}]}
"""
BUILD = """
import sys, time
from pathlib import Path
from timeline.comparison.compare import compare
from timeline.files.document import load

runs = load(Path(sys.argv[1]))
comparison = compare(*runs)
began = time.perf_counter()
from report.result import Result
from report.page import write_page

write_page(Result(runs, comparison), Path(sys.argv[2]))
print(time.perf_counter() - began)
"""
KEY = """async (key) => {
    const began = performance.now();
    document.dispatchEvent(new KeyboardEvent("keydown", {key}));
    await new Promise(requestAnimationFrame);
    await new Promise((resolve) => setTimeout(resolve, 0));
    return (performance.now() - began) / 1000;
}"""
"""Returns the seconds from a key press to the end of the next frame, in which Bokeh draws."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def browser_path() -> str | None:
    """Return where a Chromium is, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def make_runs(folder: Path) -> tuple[Path, int]:
    """Return a saved document with two runs of the scenario, and how many intervals it has."""
    file = folder / "thirty.yaml"
    file.write_text(SCENARIO)
    workload = load(file, Options()).workload
    runs = [simulate(workload, explain=True) for _ in range(2)]
    saved = folder / "runs.json"
    save(saved, lambda stream: write_runs(runs, None, stream))
    return saved, sum(len(run.intervals) for run in runs)


def build(saved: Path, page: Path) -> float:
    """Return the seconds to build the page of saved runs: the median of ROUNDS new processes."""
    command = [sys.executable, "-c", BUILD, str(saved), str(page)]
    return statistics.median(
        float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(ROUNDS)
    )


def page_figures() -> Iterator[Figure]:
    """Yield the size and the times of the page; nothing if Bokeh is not installed."""
    if find_spec("bokeh") is None:
        print("the page is not measured: bokeh is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        page = Path(name) / "page.html"
        saved, intervals = make_runs(Path(name))
        seconds = build(saved, page)
        size = page.stat().st_size
        of = f"page of {intervals:,} intervals"
        text = f"{size / 1e6:.2f} MB (at most {LARGEST / 1e6})"
        yield Figure(of, size if intervals >= INTERVALS else float("inf"), LARGEST, text, True)
        yield _seconds("  built", seconds, BUILT)
        yield from _in_browser(page)


def _seconds(what: str, value: float, bound: float) -> Figure:
    return Figure(what, value, bound, f"{value:.2f} s (at most {bound})", True)


def _in_browser(page: Path) -> Iterator[Figure]:
    path = browser_path()
    if path is None or find_spec("playwright") is None:
        print("loading and zooming are not measured: there is no Chromium, or no playwright")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        loaded = statistics.median(_load(browser, page) for _ in range(ROUNDS))
        shown = _opened(browser, page)
        shown.wait_for_timeout(1000)
        zoomed = statistics.median(shown.evaluate(KEY, key) for key in "++++----+-+-")
        stepped = statistics.median(shown.evaluate(KEY, "ArrowRight") for _ in range(12))
        browser.close()
    yield _seconds("  loaded", loaded, LOADED)
    yield _seconds("  a zoom step", zoomed, ZOOMED)
    yield _seconds("  a step of the step-through", stepped, STEPPED)


def _load(browser: Any, page: Path) -> float:
    """Return the seconds until the page is drawn and can be used."""
    began = time.perf_counter()
    shown = _opened(browser, page)
    seconds = time.perf_counter() - began
    shown.close()
    return seconds


def _opened(browser: Any, page: Path) -> Any:
    shown = browser.new_page(viewport={"width": 1280, "height": 800})
    shown.goto(page.as_uri(), wait_until="commit")
    shown.wait_for_selector("body[data-ready=yes]")
    return shown


if __name__ == "__main__":
    sys.exit(int(not show(page_figures())))
