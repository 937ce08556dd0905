"""Drive the static site in a browser: every scenario must give the command line's run, to the byte.

    python -m benchmarks.site FOLDER [--only TEXT]

The folder is a site that `make site` has built. It is served on this machine, opened once, and then
opened again without a network. Each scenario that the site offers is asked for its saved run, which
must be what `simulate --json` prints. Times: from the visit until the first run is shown, for an
empty browser and for one that has kept the site's files.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cli
from benchmarks.page import FLAGS, NAMES
from playground.catalogue import catalogue

PATIENCE = 180_000  # ms: a loaded machine is slow
ASK = """async ([file, text]) => {
    const answer = await playground.model.ask({do: "document", file, files: {[file]: text}});
    return answer.document ?? JSON.stringify(answer.problems);
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Hands out the files of the site without a word."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

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


def visit(context: Any, address: str, complaints: list[str]) -> tuple[Any, float]:
    """Open the site, and wait until the first run is shown. Return the page and the seconds."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def hear(said: Any) -> None:
        if said.type in ("error", "warning"):
            complaints.append(said.text)

    page.on("console", hear)
    began = time.monotonic()
    page.goto(address)
    page.wait_for_selector("body[data-ready=yes]")
    return page, time.monotonic() - began


def differing(page: Any, wanted: str) -> Iterator[str]:
    """Yield a line for each scenario whose run is not that of the command line."""
    for entry in catalogue():
        if wanted in entry.path:
            given = page.evaluate(ASK, [entry.path, entry.text])
            if given != of_the_command_line(entry.path):
                yield f"{entry.path}: {given[:200]}"


def main() -> int:
    """Return exit status 1 if a run differs, or the browser has complained."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="scenarios whose path has this text")
    given = parser.parse_args()
    complaints: list[str] = []
    with served(given.folder) as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_browser(), args=FLAGS)
        context = browser.new_context()
        page, first = visit(context, address, complaints)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.close()
        context.set_offline(True)
        page, again = visit(context, address, complaints)
        wrong = list(differing(page, given.only))
        requests = page.evaluate(
            "performance.getEntriesByType('resource').map((each) => each.name)"
        )
        elsewhere = [name for name in requests if not name.startswith((address, "blob:", "data:"))]
        browser.close()
    print(f"first visit {first:.1f} s, again without a network {again:.1f} s")
    for line in [*wrong, *complaints, *elsewhere]:
        print(line)
    many = sum(given.only in entry.path for entry in catalogue())
    print(
        f"{many} scenarios, {len(wrong)} differ; {len(complaints)} complaints; "
        f"{len(elsewhere)} requests elsewhere"
    )
    return int(bool(wrong or complaints or elsewhere))


def _browser() -> str:
    from shutil import which

    return next(path for name in NAMES if (path := which(name)))


if __name__ == "__main__":
    sys.exit(main())
