"""The folder from which Sphinx builds the site: the pages of `docs/`, and those made from the code.

A page of `docs/` can be read on a code host: it names other files of the project by relative links,
and says nothing of the site's navigation. Here links are turned to where the files lie on the
site, and the index gets its navigation from its own lists of links.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from tools.documentation.languages import LOCALE

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
OTHERS = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changes.md"}
"""Pages of the project that do not lie in `docs/`, and their names on the site."""
FILES = "files"  # the folder for scenarios and other files that pages link to
FENCE = re.compile(r"^( *)(```+)[^`]*?^\1\2 *$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(\]\()([^)\s]+)(\))")
GENERATED = "<!-- Here the site lists the pages that are made from the code. -->"


def stage(folder: Path, generated: Mapping[str, str]) -> None:
    """Make `folder` anew: pages, catalogues, the files linked to, and `generated` (path to text).

    The text of a generated page begins with `# ` and its title.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for source, path in sorted(pages().items()):
        text = _turned(source.read_text(encoding="utf-8"), source, path, folder)
        if path == "index.md":
            text = _with_navigation(text.replace(GENERATED, _listed(generated)))
        _write(folder / path, text)
    for path, text in generated.items():
        _write(folder / path, text)
    for source in sorted((*DOCS.rglob("*.svg"), *(DOCS / LOCALE).rglob("*.po"))):
        _copy(source, folder / source.relative_to(DOCS))


def pages() -> dict[Path, str]:
    """Return every page that is written by hand, and its path on the site."""
    found = {}
    for source in DOCS.rglob("*.md"):
        name = source.relative_to(DOCS).as_posix()
        found[source] = "index.md" if name == "README.md" else name
    return found | {ROOT / name: path for name, path in OTHERS.items()}


def outside_fences(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is prose (and no block of code)."""
    end = 0
    for block in FENCE.finditer(text):
        yield text[end : block.start()], True
        yield block.group(), False
        end = block.end()
    yield text[end:], True


def _turned(text: str, source: Path, path: str, folder: Path) -> str:
    """Return the text of a page with each relative link turned to a page or file of the site."""

    def turned(link: re.Match[str]) -> str:
        target, mark, anchor = link.group(2).partition("#")
        if not target or "://" in target or target.startswith("mailto:"):
            return link.group()
        file = (source.parent / target).resolve()
        where = known.get(file)
        if where is None and file.is_file() and file.suffix != ".svg":
            where = f"{FILES}/{file.relative_to(ROOT).as_posix()}"
            _copy(file, folder / where)
        if where is None:
            return link.group()
        relative = os.path.relpath(where, PurePosixPath(path).parent)
        return f"{link.group(1)}{relative}{mark}{anchor}{link.group(3)}"

    known = pages()
    pieces = outside_fences(text)
    return "".join(LINK.sub(turned, piece) if prose else piece for piece, prose in pieces)


def _listed(generated: Mapping[str, str]) -> str:
    """Return a list of links to the generated pages, by their titles."""
    titles = {path: text.partition("\n")[0].removeprefix("# ") for path, text in generated.items()}
    return "\n".join(f"- [{title}]({path})" for path, title in titles.items())


def _with_navigation(index: str) -> str:
    """Return the index with a hidden table of contents behind each section: the pages it links to.

    A page that several sections link to belongs to the first.
    """
    seen: set[str] = set()
    parts = re.split(r"^(?=## )", index, flags=re.MULTILINE)
    for number, part in enumerate(parts[1:], 1):
        linked = [link for _, link, _ in LINK.findall(part) if link.endswith(".md")]
        names = [name for name in dict.fromkeys(linked) if name not in seen]
        seen.update(names)
        if names:
            caption = part.partition("\n")[0].removeprefix("## ")
            entries = "\n".join(name.removesuffix(".md") for name in names)
            parts[number] = (
                f"{part.rstrip()}\n\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n"
                f"{entries}\n```\n\n"
            )
    return "".join(parts)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, path)
