"""What the pages can do beyond Markdown: pictures made by the tool, and links to the playground.

A block ```` ```{picture} ```` holds one command of Multiprog. On a code host it is read as what to
type; on the site the command is run, and its picture stands there with the command below it. Every
block of YAML that is a scenario, and every command that names one, gets a link that opens the
scenario in the playground.
"""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.docutils import SphinxDirective

from tools.documentation.playground_links import scenarios_in
from tools.documentation.staging import ROOT
from tools.documentation.weights import weights

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
        name = f"pictures/{hashlib.sha256(typed.encode()).hexdigest()[:12]}.svg"
        file = Path(self.env.srcdir) / name
        file.parent.mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, *words[1:], "--svg", str(file)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise self.error(f"{typed}: {done.stderr.strip()}")
        figure = nodes.figure()
        figure += nodes.image(uri=f"/{name}", alt=f"the charts that are printed by: {typed}")
        figure += nodes.caption("", "", nodes.literal(text=typed))
        return [figure]


def linked(app: Sphinx, tree: nodes.document) -> None:
    """Put a link to the playground behind each block that has a scenario."""
    docname = app.env.docname
    base = str(app.config.playground)
    if "://" not in base and not base.startswith("/"):
        base = "../" * docname.count("/") + base
    for block in list(tree.findall(nodes.literal_block)):
        links = [
            f'<a href="{escape(base)}#{fragment}">Open {escape(name)}in the playground</a>'
            for name, fragment in scenarios_in(block.astext(), block.get("language", ""))
        ]
        if links:
            html = f'<p class="playground">{" ".join(links)}</p>'
            place = block.parent.index(block)
            block.parent.insert(place + 1, nodes.raw("", html, format="html"))


def weighed(app: Sphinx, error: Exception | None) -> None:
    """Write how much each page is about each word, for the search."""
    if error is None:
        stem = SearchEnglish({}).stem
        script = weights(Path(app.srcdir), stem)
        (Path(app.outdir) / "_static" / "weights.js").write_text(script, encoding="utf-8")


def with_weights(app: Sphinx, page: str, *_: object) -> None:
    """Load the weights on the page of the search, and on no other."""
    if page == "search":
        app.add_js_file("weights.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx what there is."""
    app.add_config_value("playground", "", "html")
    app.add_directive("picture", Picture)
    app.connect("doctree-read", linked)
    app.connect("html-page-context", with_weights)
    app.connect("build-finished", weighed)
    return {"parallel_read_safe": True}
