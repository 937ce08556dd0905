"""The fonts of a picture: matplotlib's own, then fonts of this machine for the other characters.

For a character that the first font lacks, matplotlib takes the next font only if it is given a list
of families. matplotlib keeps a list of installed fonts; newer fonts are added to it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matplotlib import font_manager
from matplotlib.font_manager import FontEntry, FontProperties, findfont, fontManager, get_font

FONT = "DejaVu Sans"
"""The font that comes with matplotlib. A picture that needs no other is equal on all machines."""
PREFERRED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans",
    "FreeSans",
)
"""The families that are tried before the other fonts of the machine.

Fonts of simplified Chinese come first: those of Linux, of macOS, of Windows.
"""


def families(characters: Iterable[str]) -> list[str]:
    """Return the families that together have as many of `characters` as possible, FONT first."""
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
        except (OSError, RuntimeError):  # FreeType cannot read it, so matplotlib cannot use it
            continue
    upright = [font for font in fontManager.ttflist if font.style == "normal"]
    yield from sorted(upright, key=lambda font: (_rank(font.name), font.name, font.fname))


def _rank(name: str) -> int:
    return PREFERRED.index(name) if name in PREFERRED else len(PREFERRED)


def _covered(path: str) -> set[str]:
    """Return the characters that a font file has; none if it cannot be read."""
    try:
        return set(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError):  # the file was removed, or is damaged
        return set()
