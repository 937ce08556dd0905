"""The files that the browser loads: those of the site, with a few that are the server's.

All are known when the server starts: a request names one of them or nothing.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import NamedTuple

from playground import languages
from playground.editor_bundle import unbundled
from playground.renderer import renderer
from report.page.document import controls, library
from translation import chosen

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
CATALOGUE = "catalogue.json"
OF_CATALOGUE = {CATALOGUE, *map(languages.scenarios_file, languages.others())}
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
    asked = f'<body data-local data-language="{chosen()}" '
    texts[""] = page.replace(BEGIN, LOCAL).replace("<body ", asked, 1)
    common = files("report.page").joinpath(STYLE_OF_ALL_PAGES).read_text(encoding="utf-8")
    texts["style.css"] = "\n".join((common, texts["style.css"], texts.pop("local.css")))
    texts["model.js"] = web.joinpath("server-model.js").read_text(encoding="utf-8")
    texts = {
        name: unbundled(text) if name.endswith(".js") else text for name, text in texts.items()
    }
    texts["renderer.js"] = renderer()
    texts["bokeh.js"] = library()
    texts.update(languages.texts())
    return {name: File(text.encode(), _type(name)) for name, text in texts.items()}


def catalogue_files() -> dict[str, File]:
    """Return the files of the scenarios that are shipped. Reading all takes a second or two."""
    from playground.catalogue import catalogue

    entries = list(catalogue())
    texts = {CATALOGUE: json.dumps([entry._asdict() for entry in entries])}
    for language in languages.others():
        texts[languages.scenarios_file(language)] = languages.scenarios(language, entries)
    return {name: File(text.encode(), TYPES["json"]) for name, text in texts.items()}


def _type(name: str) -> str:
    return TYPES[name.rpartition(".")[2] or "html"]
