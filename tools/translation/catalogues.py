"""The catalogues as files: `.po` that people write, `.mo` and JSON that the program reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tools.translation.extraction import PARTS, SCRIPTS
from tools.translation.files import ROOT, Text

FOLDER = ROOT / "translation"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # in every compiled file: the same bytes each time


def languages() -> list[str]:
    """Return the names of the languages that have a folder of catalogues."""
    return sorted(each.name for each in FOLDER.iterdir() if any(each.glob("*.po")))


def read(language: str, part: str) -> Catalog:
    """Return the catalogue of a part; an empty one if there is no file yet."""
    file = FOLDER / language / f"{part}.po"
    if not file.exists():
        return Catalog(locale=language, fuzzy=False)
    with file.open("rb") as stream:
        return read_po(stream, locale=language)


def updated(language: str, part: str, texts: Iterable[Text]) -> Catalog:
    """Return the catalogue with exactly `texts`: known ones keep their translation.

    A text that is new has none, and none is guessed from a similar one.
    """
    before = read(language, part)
    after = Catalog(locale=language, fuzzy=False)
    for text in texts:
        known = before.get(text.one)
        message: Any = text.one if text.many is None else (text.one, text.many)
        translation = known.string if known is not None and known.id == message else None
        after.add(message, translation, locations=[(text.file, text.line)])
    return after


def as_po(catalogue: Catalog, language: str) -> bytes:
    """Return the text of a `.po` file: sorted by file, without dates and line numbers."""
    stream = BytesIO()
    write_po(
        stream, catalogue, width=100, omit_header=True, sort_by_file=True, include_lineno=False
    )
    header = HEADER.format(language=language, plurals=catalogue.plural_forms)
    return header.encode() + stream.getvalue()


HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def messages(language: str, parts: Iterable[str]) -> Iterator[tuple[str, Message]]:
    """Yield each translated message with the part that it is in."""
    for part in parts:
        for message in read(language, part):
            if message.id and message.string and any(forms(message)):
                yield part, message


def compiled(language: str) -> dict[Path, bytes]:
    """Return the files that the program reads, below the language's folder, with their bytes."""
    whole = Catalog(locale=language, fuzzy=False, creation_date=EPOCH, revision_date=EPOCH)
    for _, message in messages(language, PARTS):
        whole.add(message.id, message.string)
    stream = BytesIO()
    write_mo(stream, whole)
    files = {Path("LC_MESSAGES/multiprog.mo"): stream.getvalue()}
    for name, parts in SCRIPTS.items():
        texts = {_key(message): message.string for _, message in messages(language, parts)}
        said = json.dumps(texts, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
        files[Path("scripts", f"{name}.json")] = said.encode()
    return files


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    """Return the translations of a message: one for each form of the plural. Empty are missing."""
    found = message.string or ""
    return (found,) if isinstance(found, str) else tuple(found)
