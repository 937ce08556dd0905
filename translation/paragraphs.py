"""Texts of scenario files: titles, advice, questions. Each paragraph is a text of the catalogues.

The key of a paragraph is the paragraph on one line, so that a file may break its lines anew. A text
that no catalogue has, like that of a user's own scenario, stays as it is.
"""

from __future__ import annotations

import gettext
import re

from translation.catalogue import catalogue_of, current
from translation.languages import ENGLISH, available

_EMPTY_LINE = re.compile(r"\n\s*\n")


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, which empty lines separate, each on one line."""
    parts = (" ".join(part.split()) for part in _EMPTY_LINE.split(text))
    return [part for part in parts if part]


def tr_text(text: str) -> str:
    """Return a text of a scenario file in the language in use; an English one as it stands."""
    catalogue = current()
    return text if catalogue is None else _translated(text, catalogue)


def in_every_language(text: str) -> str:
    """Return a text of a scenario file in each language, one below the other, to be searched."""
    texts = [
        text,
        *(_translated(text, catalogue_of(name)) for name in available() if name != ENGLISH),
    ]
    return "\n".join(dict.fromkeys(texts))


def _translated(text: str, catalogue: gettext.NullTranslations) -> str:
    parts = paragraphs(text)
    said = [catalogue.gettext(part) for part in parts]
    return text if said == parts else "\n\n".join(said)
