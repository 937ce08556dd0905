"""The files that the browser loads: those of the site, with a few that are the server's.

All are known when the server starts: a request names one of them or nothing.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import NamedTuple

from playground.editor_bundle import unbundled
from playground.renderer import renderer
from report.page.document import controls, library

STYLE_OF_ALL_PAGES = "page.css"
TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
BEGIN = '<script type="module" src="app.js"></script>'
LOCAL = '<script type="module" src="local.js"></script>'
"""Begins the front end, which it loads, and adds the panel of real runs and files."""
NOT_HERE = ("worker.js", "service-worker.js", "model.js", "server-model.js", "package.json")


class File(NamedTuple):
    """A file for the browser."""

    content: bytes
    type: str


def front_end() -> dict[str, File]:
    """Return the files by their names. That of the first page is empty."""
    web = files("playground").joinpath("web")
    texts = {
        each.name: each.read_text(encoding="utf-8")
        for each in web.iterdir()
        if each.name.rpartition(".")[2] in TYPES and each.name not in NOT_HERE
    }
    page = texts.pop("index.html").replace("<!-- controls -->", controls())
    if BEGIN not in page:
        raise AssertionError(f"the page of the site does not begin its front end by {BEGIN}")
    texts[""] = page.replace(BEGIN, LOCAL).replace("<body ", "<body data-local ", 1)
    common = files("report.page").joinpath(STYLE_OF_ALL_PAGES).read_text(encoding="utf-8")
    texts["style.css"] = "\n".join((common, texts["style.css"], texts.pop("local.css")))
    texts["model.js"] = web.joinpath("server-model.js").read_text(encoding="utf-8")
    texts = {
        name: unbundled(text) if name.endswith(".js") else text for name, text in texts.items()
    }
    texts["renderer.js"] = renderer()
    texts["bokeh.js"] = library()
    return {name: File(text.encode(), _type(name)) for name, text in texts.items()}


def catalogue_file() -> File:
    """Return the file of the scenarios that are shipped. Reading them all takes a second or two."""
    from playground.catalogue import catalogue

    entries = [entry._asdict() for entry in catalogue()]
    return File(json.dumps(entries).encode(), TYPES["json"])


def _type(name: str) -> str:
    return TYPES[name.rpartition(".")[2] or "html"]
