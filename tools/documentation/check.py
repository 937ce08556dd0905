"""Check the built site: `python -m tools.documentation.check FOLDER` (`make check-docs`).

- Every link of a page leads to a file of the site, and to a place that is there.
- Every key of the scenario language has an example.
- A student who types a word into the site's search finds the right page first, in each language.

Links to other sites are listed with `--outside`, not followed: the check needs no network.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from tools.documentation.languages import LANGUAGES, Language
from tools.documentation.reference.pages import without_example

HERE = Path(__file__).parent
BY_SPHINX = {"genindex.html", "search.html"}
"""Pages that Sphinx makes: lists, and no text."""


class Page(NamedTuple):
    """The links of a page, and the places in it that a link can lead to."""

    links: list[str]
    places: set[str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page([], set())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag  # of any element
        for key, value in attrs:
            if key in ("href", "src") and value is not None:
                self.page.links.append(value)
            if key == "id" and value is not None:
                self.page.places.add(value)


def read(file: Path) -> Page:
    """Return the links and places of an HTML file."""
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    return reader.page


def dead_links(site: Path) -> Iterator[str]:
    """Yield each link that leads nowhere, with its page. Links out of the site are not followed."""
    found = {file.resolve(): read(file) for file in sorted(site.rglob("*.html"))}
    for file, page in found.items():
        if file.name in BY_SPHINX:
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not target.is_relative_to(site.resolve()):
                continue
            place = unquote(parts.fragment)
            known = found.get(target)
            if not target.exists():
                yield f"{file.relative_to(site.resolve())}: {link}: there is no such file"
            elif place and known is not None and place not in known.places:
                yield f"{file.relative_to(site.resolve())}: {link}: there is no such place"


def outside_links(site: Path) -> set[str]:
    """Return the addresses of other sites to which the pages link."""
    pages = (read(file) for file in site.rglob("*.html"))
    links = {link for page in pages for link in page.links}
    return {link for link in links if urlsplit(link).scheme in ("http", "https")}


def searches(spoken: Language) -> list[tuple[str, list[str]]]:
    """Return what a student would type, and the pages of which one must come first."""
    lines = (HERE / f"searches.{spoken.code}.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(":") for line in lines if line and not line.startswith("#")]
    return [(query.strip(), pages.split()) for query, pages in pairs]


def wrong_answers(site: Path, spoken: Language) -> Iterator[str]:
    """Yield each search whose first page is not the right one, with what comes first."""
    asked = searches(spoken)
    queries = "\n".join(query for query, _ in asked)
    done = subprocess.run(
        ["node", str(HERE / "search.js"), str(site / spoken.folder)],
        input=queries,
        capture_output=True,
        text=True,
        check=True,
    )
    for (query, right), line in zip(asked, done.stdout.splitlines(), strict=True):
        pages = json.loads(line)
        if not pages or pages[0] not in right:
            first = ", ".join(pages[:4]) or "nothing"
            yield f"search {query!r}: must find {' or '.join(right)} first, finds {first}"


def main() -> int:
    """Print what is wrong; return 1 if anything is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("site", type=Path)
    parser.add_argument("--outside", action="store_true", help="list links to other sites")
    asked = parser.parse_args()
    if asked.outside:
        print("\n".join(sorted(outside_links(asked.site))))
        return 0
    where = "an example is missing; add one in tools/documentation/reference/scenarios"
    wrong = [f"{key}: {where}" for key in without_example()]
    wrong += dead_links(asked.site)
    for spoken in LANGUAGES:
        wrong += wrong_answers(asked.site, spoken)
    for line in wrong:
        print(line)
    count = sum(len(searches(spoken)) for spoken in LANGUAGES)
    print(f"{asked.site}: {len(wrong)} mistakes; all links, {count} searches")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
