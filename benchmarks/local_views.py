"""Look at the panel of the playground's server: its real runs, their queue, the folder's files.

    python -m benchmarks.local_views WORK [--screens FOLDER]

WORK is the folder of npm's packages that `make site` fills; axe is there. A server is started in a
folder of its own, and a page asks it for a real run, a comparison, a run that is refused, and two
runs that only wait for a device, of which one goes on and one is in the queue. Each view is looked
at as those of the static site are (`benchmarks/looks.py`).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.local_playground import POLICY, Server
from benchmarks.looks import axe_of, looks
from benchmarks.page import FLAGS, browser_path
from benchmarks.site_keys import IDLE

PATIENCE = 120_000  # ms: a loaded machine is slow
SCENARIO = """title: Two programs on a machine of one's own
processes:
  - {name: A, program: [{cpu: 30ms}, {io: 20ms}, {cpu: 30ms}]}
  - {name: B, arrival: 5ms, cpu: 40ms}
scheduler: {policy: rr, quantum: 10ms}
"""
WAITS = "processes: [{name: waits for its device, program: [{io: 900s}]}]\n"
MISTAKEN = SCENARIO.replace("policy: rr", "policy: nobody")
FILES = {"first.yaml": SCENARIO, "other.yaml": WAITS, "mine.py": POLICY}
OUTSIDE = "../outside.py"


def fill_queue(page: Any) -> None:
    """Bring the queue to what the views show: a run that goes on, one that waits, three at an end.

    The third of these was refused, as its scenario has a mistake.
    """
    _open(page, "first.yaml")
    for number, kind in enumerate(("run-real", "compare", "run-real")):
        if number == 2:
            _put(page, MISTAKEN)
        page.click(f"#{kind}")
        page.locator("#runs li.done").nth(number).wait_for()
    _open(page, "other.yaml")
    for state in ("running", "waiting"):
        page.click("#run-real")
        page.wait_for_selector(f"#runs li.{state}")


def views(page: Any) -> Iterator[str]:
    """Bring the page to each of its views, and yield its name."""
    _open(page, "first.yaml")
    _show(page, 0)
    yield "real"
    _show(page, 1)
    yield "compared"
    _put(page, MISTAKEN)
    yield "mistaken"
    _open(page, "mine.py")
    page.click("#keep")  # under the name OUTSIDE
    page.wait_for_selector("#folder-said.failed")
    yield "refused"


def _open(page: Any, name: str) -> None:
    """Open a file of the folder."""
    page.select_option("#folder-files", "")
    page.select_option("#folder-files", name)
    tab = "policy" if name.endswith(".py") else "scenario"
    page.wait_for_selector(f"#tab-{tab}[aria-selected=true]")
    page.evaluate(IDLE)


def _put(page: Any, text: str) -> None:
    """Put a text into the editor."""
    page.evaluate("(text) => playground.put(text)", text)
    page.evaluate(IDLE)


def _show(page: Any, place: int) -> None:
    """Show the result of a run of the list."""
    run = page.locator("#runs li").nth(place)
    run.get_by_text("Show", exact=True).click()
    page.wait_for_selector(f"#status >> text=Shown: {run.locator('strong').inner_text()}")


class Opened:
    """The page behind the link of a server, with what the browser complained about."""

    def __init__(self, browser: Any, link: str) -> None:
        self.page = browser.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("console", self._hear)
        self.page.on("dialog", lambda dialog: dialog.accept(OUTSIDE))
        self.page.goto(link)
        self.page.wait_for_selector("body[data-ready=yes]")

    def _hear(self, said: Any) -> None:
        refused = said.location.get("url", "").endswith("outside.py")  # as a view asks for it
        if said.type in ("error", "warning") and not refused:
            self.complaints.append(f"{said.type}: {said.text}")


def main() -> int:
    """Return exit status 1 if a view fails, or the browser has complained."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--screens", type=Path, help="write a picture of each view there")
    given = parser.parse_args()
    axe = axe_of(given.work)
    with TemporaryDirectory() as name, sync_playwright() as driver:
        folder = Path(name)
        for file, text in FILES.items():
            (folder / file).write_text(text, encoding="utf-8")
        browser = driver.chromium.launch(executable_path=browser_path(), args=FLAGS)
        with Server(folder) as server:
            opened = Opened(browser, server.link)
            fill_queue(opened.page)
            wrong = list(looks(opened.page, views, axe, given.screens))
        browser.close()
    print(*wrong, *opened.complaints, sep="\n")
    print(f"the local server: {len(wrong)} failures, {len(opened.complaints)} complaints")
    return int(bool(wrong or opened.complaints))


if __name__ == "__main__":
    sys.exit(main())
