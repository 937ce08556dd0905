"""What the pages can do beyond Markdown: pictures made by the tool, and links to the playground.

A block ```` ```{picture} ```` holds one command of Multiprog. On a code host it is read as what to
type; on the site the command is run, and its picture stands there with the command below it. Every
block of YAML that is a scenario, and every command that names one, gets a link that opens the
scenario in the playground. Above each page is a link to the same page in the other language.
"""

from __future__ import annotations

import gettext
import hashlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.docutils import SphinxDirective

from tools.documentation.chinese import SearchChinese
from tools.documentation.comments import with_comments
from tools.documentation.languages import CHARTS, LOCALE, address, catalogue, language, others
from tools.documentation.playground_links import scenarios_in
from tools.documentation.staging import ROOT
from tools.documentation.weights import Passage, weights
from translation.languages import VARIABLE

COMMAND = ("python", "cli.py", "simulate")


class Picture(SphinxDirective):
    """The picture that a `simulate` makes."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return a figure: the picture, and the command as its caption."""
        typed = " ".join(line.removesuffix("\\").strip() for line in self.content)
        words = shlex.split(typed)
        if tuple(words[:3]) != COMMAND:
            raise self.error(f"a picture is made by `{' '.join(COMMAND)}`, not by: {typed}")
        spoken = str(self.config.language)
        name = f"pictures/{hashlib.sha256(typed.encode()).hexdigest()[:12]}-{spoken}.svg"
        file = Path(self.env.srcdir) / name
        file.parent.mkdir(exist_ok=True)
        self._draw(typed, [*words[1:], "--svg", str(file)], spoken)
        figure = nodes.figure()
        figure += nodes.image(uri=f"/{name}", alt=f"{CHARTS}{typed}")
        figure += nodes.caption("", "", nodes.literal(text=typed))
        return [figure]

    def _draw(self, typed: str, words: list[str], spoken: str) -> None:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=os.environ | {VARIABLE: spoken},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise self.error(f"{typed}: {done.stderr.strip()}")


def linked(app: Sphinx, tree: nodes.document) -> None:
    """Put a link to the playground behind each block that has a scenario."""
    docname = app.env.docname
    base = str(app.config.playground)
    if "://" not in base and not base.startswith("/"):
        base = "../" * docname.count("/") + base
    open_in = language(app.config.language).playground
    for block in list(tree.findall(nodes.literal_block)):
        links = [
            f'<a href="{escape(base)}#{fragment}">{open_in.format(escape(name))}</a>'
            for name, fragment in scenarios_in(block.astext(), block.get("language", ""))
        ]
        if links:
            html = f'<p class="playground">{" ".join(links)}</p>'
            place = block.parent.index(block)
            block.parent.insert(place + 1, nodes.raw("", html, format="html"))


def translated(app: Sphinx, tree: nodes.document) -> None:
    """Translate the comments behind commands. Sphinx has translated the rest."""
    folder = str(Path(app.srcdir) / LOCALE)
    code = app.config.language
    spoken = gettext.translation(app.env.docname, folder, [code], fallback=True)
    for block in tree.findall(nodes.literal_block):
        if block.get("language") == "sh":
            text = with_comments(block.astext(), spoken.gettext)
            block[:] = [nodes.Text(text)]
            block.rawsource = text  # else Sphinx does not highlight it


def passages(tree: nodes.document) -> Iterator[Passage]:
    """Yield each piece of a page's text, with the depth of the heading that it stands in."""
    for text in tree.findall(nodes.Text):
        if isinstance(text.parent, nodes.raw | nodes.comment):
            continue
        node, depth, heading = text.parent, 0, False
        while node is not None:
            heading = heading or isinstance(node, nodes.title)
            depth += isinstance(node, nodes.section)
            node = node.parent
        yield (depth if heading else 0), text.astext()


def weighed(app: Sphinx, error: Exception | None) -> None:
    """Write how much each page is about each word, for the search."""
    if error is None and app.builder.name == "html":
        pages = {name: passages(app.env.get_doctree(name)) for name in sorted(app.env.found_docs)}
        script = weights(pages, SearchEnglish({}).stem)
        (Path(app.outdir) / "_static" / "weights.js").write_text(script, encoding="utf-8")


def with_languages(app: Sphinx, page: str, _: str, context: dict[str, Any], *__: object) -> None:
    """Tell the page where it is in other languages, and whether it is in English for now."""
    spoken = language(app.config.language)
    context["other_languages"] = [
        {"tag": each.tag, "name": each.name, "address": address(page, spoken, each)}
        for each in others(spoken)
    ]
    is_page = page in app.env.found_docs
    if is_page and not catalogue(Path(app.srcdir), spoken, page).exists():
        context["untranslated"] = spoken.untranslated


def with_weights(app: Sphinx, page: str, *_: object) -> None:
    """Load the weights on the page of the search, and on no other."""
    if page == "search":
        app.add_js_file("weights.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx what there is."""
    app.add_search_language(SearchChinese)
    app.add_config_value("playground", "", "html")
    app.add_directive("picture", Picture)
    app.connect("doctree-read", translated)
    app.connect("doctree-read", linked)
    app.connect("html-page-context", with_weights)
    app.connect("html-page-context", with_languages)
    app.connect("build-finished", weighed)
    return {"parallel_read_safe": True}
