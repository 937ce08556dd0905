"""What the pages can do beyond Markdown: pictures made by the tool, and links to the playground.

A block ```` ```{picture} ```` holds one command of Multiprog. On a code host it is read as what to
type; on the site the command is run, and its picture stands there with the command below it. Every
block of YAML that is a scenario, and every command that names one, gets a link that opens the
scenario in the playground.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from kernel.errors import UsageError
from language import Options, load
from language.convert.link import LONGEST, Linked, packed
from tools.documentation.staging import ROOT

COMMAND = ("python", "cli.py", "simulate")
MOST = 1_000  # processes of a scenario that the playground is offered
SCENARIO = re.compile(r"\bscenarios/[\w/.-]+\.ya?ml\b")


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


def scenarios_in(text: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield each scenario of a block: how a link names it, and the fragment of the link."""
    if language == "yaml" and is_scenario(text):
        yield "", packed(Linked(text, None))
    elif language in ("sh", "console"):
        for name in dict.fromkeys(SCENARIO.findall(text)):
            file = ROOT / name
            if file.is_file() and file.stat().st_size < LONGEST:
                yield f"{file.stem} ", packed(Linked(file.read_text(encoding="utf-8"), None))


def is_scenario(text: str) -> bool:
    """Return whether the text is a whole scenario."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(text, encoding="utf-8")
        try:
            load(file, Options(limits={"processes": MOST}))
        except UsageError:
            return False
        return True


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx what there is."""
    app.add_config_value("playground", "", "html")
    app.add_directive("picture", Picture)
    app.connect("doctree-read", linked)
    return {"parallel_read_safe": True}
