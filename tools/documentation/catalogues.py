"""Bring the catalogues of the translated pages up to date: `make docs-catalogues`.

`python -m tools.documentation.catalogues [PAGE...]` reads the English pages and writes each
paragraph that is new into the catalogues. A paragraph that was changed keeps its translation,
marked as fuzzy: a person reads both, corrects the translation and takes the mark away. A paragraph
that is gone is taken out. A PAGE, like `start/install`, gets a catalogue if it has none.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tools.documentation.comments import comments
from tools.documentation.languages import (
    CHINESE,
    ENGLISH,
    Language,
    catalogue,
    language,
    others,
    translated,
)
from tools.documentation.reference.pages import generated
from tools.documentation.sphinx import sphinx
from tools.documentation.staging import DOCS, stage
from tools.documentation.translation import mistakes

WIDTH = 100
HEADER = """\
# The page {page} in {name}. `make docs-catalogues` brings it up to date.
msgid ""
msgstr ""
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def updated(old: Catalog, template: Catalog) -> Catalog:
    """Return a catalogue with the paragraphs of a template, and the translations of an old one."""
    old.update(template, update_creation_date=False)
    old.obsolete.clear()
    return old


def read(file: Path, spoken: Language) -> Catalog:
    """Return the catalogue in a file; an empty one if there is none."""
    if not file.exists():
        return Catalog(spoken.code)
    with file.open("rb") as stream:
        return read_po(stream, locale=spoken.code)


def write(page: str, found: Catalog, spoken: Language) -> None:
    """Write the catalogue of a page: the same bytes for the same paragraphs."""
    file = catalogue(DOCS, spoken, page)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as stream:
        stream.write(HEADER.format(page=page, name=spoken.name, code=spoken.code).encode())
        write_po(stream, found, WIDTH, omit_header=True, no_location=True, include_previous=True)


def templates(folder: Path) -> dict[str, Catalog]:
    """Return each English page's paragraphs as a catalogue without translations."""
    source, output = folder / "source", folder / "templates"
    stage(source, generated())
    if sphinx("gettext", source, output, folder / "trees", []):
        sys.exit(1)
    found = {}
    for file in source.rglob("*.md"):
        page = file.relative_to(source).with_suffix("").as_posix()
        found[page] = read(output / f"{page}.pot", ENGLISH)
        for comment in comments(file.read_text(encoding="utf-8")):
            found[page].add(comment)
    return found


def main() -> int:
    """Update all catalogues, and say which of their paragraphs wait for a translator."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", nargs="*", help="a page that gets a catalogue, like start/install")
    codes = [each.code for each in others(ENGLISH)]
    parser.add_argument("--language", choices=codes, default=CHINESE.code)
    asked = parser.parse_args()
    spoken = language(asked.language)
    with tempfile.TemporaryDirectory() as name:
        found = templates(Path(name))
        for page in sorted({*translated(DOCS, spoken), *asked.page}):
            if page not in found:
                print(f"{page}: there is no such page", file=sys.stderr)
                return 2
            old = read(catalogue(DOCS, spoken, page), spoken)
            new = updated(old, found[page])
            write(page, new, spoken)
            waiting = list(mistakes(new))
            print(f"{page}: {len(new)} paragraphs, {len(waiting)} wait for a translator")
            print(*(f"  {line}\n" for line in waiting), sep="", end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
