"""Drive the static site in a browser: every scenario must give the command line's run, to the byte.

    python -m benchmarks.site FOLDER [--only TEXT] [--screens FOLDER] [--figures]

The folder is a site that `make site` has built. It is served on this machine, opened once, and then
opened again without a network. Each scenario that the site offers is opened and shown there, and
its saved run must be what `simulate --json` prints. Then the views are tried
(`benchmarks/site_views.py`), and times are measured (`benchmarks/site_times.py`): with `--figures`
the exit status tells, too, whether they keep their bounds. Times are measured first, alone. Then
scenarios and views are tried at once, each by a browser of its own that has visited the site.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import cli
from benchmarks.figures import Figure, show
from benchmarks.page import FLAGS, browser_path
from benchmarks.site_times import times_of
from benchmarks.site_views import tried
from playground.catalogue import catalogue

PATIENCE = 180_000  # ms: a loaded machine is slow
VISITS = 3
BROWSERS = (3, 14)  # the version of the browser's Python
FIRST, LARGEST, AGAIN = 6.0, 20e6, 4.0  # s of a first visit, its bytes, s of a return visit
BY_PYTHON = {"scenarios/lessons/life/lambda-as-target.yaml"}
"""Scenarios in whose record stands what the Python that runs the model says of an error.

They are equal where this Python is of the browser's version (`playground.site.PLATFORM`).
"""
ASK = """async ([file, text]) => {
    const answer = await playground.model.ask({do: "document", file, files: {[file]: text}});
    return answer.document ?? JSON.stringify(answer.problems);
}"""
SHOWN = """async (path) => {
    playground.open(path);
    do await new Promise((resolve) => setTimeout(resolve, 5));
    while (playground.busy || playground.wanted);
    const problems = document.getElementById("problems").textContent;
    return problems || (document.querySelector("#opening h1") ? "" : "no title is shown");
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Hands out the files of the site without a word, and counts their bytes."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}
    sent = 0

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file."""
        content = source.read()
        Quiet.sent += len(content)
        outputfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Hand out the files of a folder at an address of this machine, which is given."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def of_the_command_line(file: str) -> str:
    """Return what `simulate --json` prints for that scenario."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        cli.main(["simulate", file, "--json"])
    return said.getvalue()


class Visits:
    """Visits of the site, with all that the browser complained about and asked elsewhere for."""

    def __init__(self, chromium: Any, address: str) -> None:
        self._chromium, self.address = chromium, address
        self.complaints: list[str] = []

    def browser(self, profile: Path) -> Any:
        """Start a browser. It keeps what it caches in the folder `profile`, as that of a user."""
        return self._chromium.launch_persistent_context(
            profile, executable_path=browser_path(), args=FLAGS
        )

    def page(
        self, context: Any, fragment: str = "", size: tuple[int, int] | None = None
    ) -> tuple[Any, float]:
        """Open the site and wait until a run is shown. Return the page and the seconds.

        `size` is that of the window, in pixels.
        """
        page = context.new_page()
        if size is not None:
            page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._hear)
        page.on("request", self._asked)
        began = time.monotonic()
        page.goto(self.address + fragment)
        page.wait_for_selector("body[data-ready=yes]")
        return page, time.monotonic() - began

    def _hear(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"{said.type}: {said.text}")

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.address, "blob:", "data:")):
            self.complaints.append(f"a request elsewhere: {request.url}")

    def first(self, profile: Path) -> tuple[float, int]:
        """Visit with an empty browser, which fills `profile`. Return the seconds and the bytes."""
        context, before = self.browser(profile), Quiet.sent
        page, seconds = self.page(context)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.wait_for_timeout(3000)  # what is kept for the next visit is written
        sent = Quiet.sent - before
        context.close()
        return seconds, sent

    def without_network(self, profile: Path) -> Any:
        """Start a browser that has visited the site, without a network."""
        context = self.browser(profile)
        context.set_offline(True)
        return context


def differing(page: Any, wanted: str) -> Iterator[str]:
    """Yield a line for each scenario that is not shown, or whose run is another one."""
    for entry in catalogue():
        if wanted not in entry.path:
            continue
        problem = page.evaluate(SHOWN, entry.path)
        if problem:
            yield f"{entry.path} is not shown: {problem[:200]}"
        given = page.evaluate(ASK, [entry.path, entry.text])
        if entry.path in BY_PYTHON and sys.version_info[:2] != BROWSERS:
            continue
        if given != of_the_command_line(entry.path):
            yield f"{entry.path}: {given[:200]}"


class Part(NamedTuple):
    """What a process of its own tries: the scenarios, or the views."""

    views: bool
    address: str
    profile: Path
    given: argparse.Namespace

    def tried(self) -> tuple[int, list[str]]:
        """Print a line for each failure. Return their number, and the browser's complaints."""
        from playwright.sync_api import sync_playwright

        wrong, began = 0, time.monotonic()
        with sync_playwright() as driver:
            visits = Visits(driver.chromium, self.address)
            context = visits.without_network(self.profile)
            for line in self._lines(visits, context):
                print(line, flush=True)
                wrong += 1
            context.close()
        name = "views" if self.views else "scenarios"
        print(f"the {name} were tried in {time.monotonic() - began:.0f} s", flush=True)
        return wrong, visits.complaints

    def _lines(self, visits: Visits, context: Any) -> Iterator[str]:
        if self.views:
            return tried(visits, context, self.given.folder, self.given.screens)
        return differing(visits.page(context)[0], self.given.only)


def main() -> int:
    """Return exit status 1 if a run differs, a view fails, or the browser has complained."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="scenarios whose path has this text")
    parser.add_argument("--screens", type=Path, help="write a picture of each view there")
    parser.add_argument("--figures", action="store_true", help="fail if a time is missed")
    given = parser.parse_args()
    with served(given.folder) as address, TemporaryDirectory() as kept:
        profiles = [Path(kept) / str(number) for number in range(VISITS)]
        held, complaints = _measured(address, profiles)
        parts = [
            Part(views, address, profile, given)
            for views, profile in zip((True, False), profiles, strict=False)
        ]
        with ProcessPoolExecutor(len(parts), get_context("spawn")) as pool:
            found = list(pool.map(Part.tried, parts))
    wrong = sum(number for number, _ in found)
    complaints += [line for _, lines in found for line in lines]
    print(*complaints, sep="\n")
    many = sum(given.only in entry.path for entry in catalogue())
    print(f"{many} scenarios; {wrong} failures; {len(complaints)} complaints")
    return int(bool(wrong or complaints) or (given.figures and not held))


def _measured(address: str, profiles: list[Path]) -> tuple[bool, list[str]]:
    """Visit the site with each profile, which is empty, and again. Show all times.

    Return whether they hold, and what the browsers complained about.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        visits = Visits(driver.chromium, address)
        first = sorted(visits.first(profile) for profile in profiles)[VISITS // 2]
        context = visits.without_network(profiles[0])
        again = []
        for _ in range(VISITS):
            page, seconds = visits.page(context)
            page.close()
            again.append(seconds)
        page, _ = visits.page(context)
        held = show((*_visits(first, sorted(again)[VISITS // 2]), *times_of(page)))
        context.close()
    return held, visits.complaints


def _visits(first: tuple[float, int], again: float) -> Iterator[Figure]:
    seconds, sent = first
    yield Figure("first visit", seconds, FIRST, f"{seconds:.1f} s (at most {FIRST})", True)
    size = f"{sent / 1e6:.1f} MB (at most {LARGEST / 1e6:.0f})"
    yield Figure("  what is fetched", sent, LARGEST, size, True)
    words = f"{again:.1f} s (at most {AGAIN})"
    yield Figure("return visit, without a network", again, AGAIN, words, True)


if __name__ == "__main__":
    sys.exit(main())
