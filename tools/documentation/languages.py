"""The languages of the documentation's site: English, and those into which pages are translated.

English is the language of `docs/`. A translated page has a catalogue,
`docs/locale/LANGUAGE/LC_MESSAGES/PAGE.po`, with each of its paragraphs in both languages. A page
without a catalogue stands in English in the site of the other language, and says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

LOCALE = "locale"
"""The folder of the catalogues, in `docs/` and in what Sphinx reads."""

CHARTS = "the charts that are printed by: "
"""How a picture is described to a reader who does not see it; its command follows."""


class Language(NamedTuple):
    """A language, and what the site itself says in it."""

    code: str  # Sphinx's, and the name of the catalogues' folder
    folder: str  # in the site; English is at the top
    name: str
    untranslated: str  # above a page without a catalogue
    playground: str  # of the link behind a scenario; its name comes in, or nothing

    @property
    def tag(self) -> str:
        """Return the tag by which a browser knows the language."""
        return self.code.replace("_", "-")


ENGLISH = Language("en", "", "English", "", "Open {}in the playground")
CHINESE = Language("zh_CN", "zh", "中文", "本页尚未翻译，以下是英文原文。", "在演练场中打开 {}")
LANGUAGES = (ENGLISH, CHINESE)


def language(code: str) -> Language:
    """Return the language with this code."""
    return next(each for each in LANGUAGES if each.code == code)


def others(spoken: Language) -> tuple[Language, ...]:
    """Return the other languages of the site."""
    return tuple(each for each in LANGUAGES if each is not spoken)


def address(page: str, spoken: Language, other: Language) -> str:
    """Return the address of the same page in another language, seen from the page."""
    up = page.count("/") + (1 if spoken.folder else 0)
    down = f"{other.folder}/" if other.folder else ""
    return f"{'../' * up}{down}{page}.html"


def catalogue(folder: Path, spoken: Language, page: str) -> Path:
    """Return where the catalogue of a page lies, below the folder of the pages."""
    return folder / LOCALE / spoken.code / "LC_MESSAGES" / f"{page}.po"


def translated(folder: Path, spoken: Language) -> list[str]:
    """Return the pages that have a catalogue, by their names on the site without an ending."""
    top = folder / LOCALE / spoken.code / "LC_MESSAGES"
    return sorted(file.relative_to(top).with_suffix("").as_posix() for file in top.rglob("*.po"))
