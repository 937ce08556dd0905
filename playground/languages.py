"""What the front end says in its reader's language: files of texts, fetched when they are needed.

languages.json         the names of the languages that there are
texts.LANGUAGE.json    the texts of the scripts and of the page, by the English ones
scenarios.LANGUAGE.json   group and title of each scenario, in the catalogue's order
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from playground.catalogue import Entry
from translation import available, speaking, texts_for, tr, tr_text
from translation.languages import ENGLISH

NAMES = {ENGLISH: "English", "zh_CN": "中文"}
"""What a language calls itself."""
LANGUAGES = "languages.json"


def texts() -> Iterator[tuple[str, str]]:
    """Yield name and content of the files, without those of the scenarios."""
    yield LANGUAGES, _json({each: NAMES.get(each, each) for each in available()})
    for language in others():
        with speaking(language):
            yield f"texts.{language}.json", _json(dict(texts_for("playground")))


def others() -> tuple[str, ...]:
    """Return the languages that have such files: all but English."""
    return tuple(each for each in available() if each != ENGLISH)


def scenarios_file(language: str) -> str:
    """Return the name of the file of the scenarios in this language."""
    return f"scenarios.{language}.json"


def scenarios(language: str, entries: Iterable[Entry]) -> str:
    """Return the content of that file."""
    with speaking(language):
        return _json([[tr(each.group), tr_text(each.title)] for each in entries])


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
