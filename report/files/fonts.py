"""Fonts of a picture: matplotlib's own, and fonts of this machine for what that cannot write.

For a character that the first font lacks matplotlib takes the next one only if it is given a list
of families. matplotlib remembers which fonts there are, so fonts installed since are looked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matplotlib import font_manager
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

FONT = "DejaVu Sans"
"""The font that comes with matplotlib: pictures that need no other are equal everywhere."""
PREFERRED = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Noto Sans",
    "FreeSans",
)
"""Families that are tried before the machine's other fonts."""


def families(characters: Iterable[str]) -> list[str]:
    """Return the families that write `characters` together, FONT first.

    There may be characters that no family has.
    """
    missing = set(characters) - _covered(findfont(FontProperties(family=FONT)))
    chosen = [FONT]
    fonts = _fonts() if missing else iter(())
    for font in fonts:
        if not missing:
            break
        found = missing & _covered(font.fname)
        if found and font.name not in chosen:
            chosen.append(font.name)
            missing -= found
    return chosen


def _fonts() -> Iterator[FontEntry]:
    """Yield the upright fonts of this machine: the preferred ones, then the others by name."""
    known = {font.fname for font in fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except (OSError, RuntimeError):  # FreeType cannot read it: it is no font for a picture
            continue
    upright = [font for font in fontManager.ttflist if font.style == "normal"]
    yield from sorted(upright, key=lambda font: (_rank(font.name), font.name, font.fname))


def _rank(name: str) -> int:
    return PREFERRED.index(name) if name in PREFERRED else len(PREFERRED)


def _covered(path: str) -> set[str]:
    """Return the characters that a font file can write."""
    try:
        return set(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError):  # removed since, or damaged
        return set()
