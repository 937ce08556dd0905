"""How much a page is about a word: what the site's search ranks pages by.

Sphinx's search knows on which pages a word stands, and not how often. Here each page gets a weight
for each word: its count, a word of a heading counting more, over the fourth root of the
page's length. The page that is most about a word has the weight 1.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

WORD = re.compile(r"[a-z0-9]+")
IN_A_HEADING, IN_THE_TITLE = 6, 30
LEAST = 0.08  # smaller weights are left out
RECORDS = re.compile(
    r"decisions|changes|contributing|architecture|reliability|performance|fidelity"
)
FACTORS = (
    (re.compile(r"(start|how-to|explained)/"), 1.2),
    (re.compile(r"reference/|experiments/|glossary|index"), 0.3),
    (re.compile("textbook"), 0.1),
)


def weights(folder: Path, stem: Callable[[str], str]) -> str:
    """Return a script that defines WEIGHTS: for each stem the pages with their weights."""
    counts = {file: _counts(file, stem) for file in sorted(folder.rglob("*.md"))}
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for file, words in counts.items():
        page = file.relative_to(folder).with_suffix("").as_posix()
        length = sum(words.values()) ** 0.25
        for word, count in words.items():
            found[word][page] = count / length * _factor(page)
    table = {word: _scaled(pages) for word, pages in sorted(found.items())}
    return f"var WEIGHTS = {json.dumps(table, separators=(',', ':'))};\n"


def _counts(file: Path, stem: Callable[[str], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        marks = len(line) - len(line.lstrip("#"))
        times = {0: 1, 1: IN_THE_TITLE}.get(marks, IN_A_HEADING)
        for word in WORD.findall(line.lower()):
            found[stem(word)] += times
    return found


def _factor(page: str) -> float:
    """Return how much a page of its kind counts: records and lists less than the others."""
    if RECORDS.fullmatch(page):
        return 0.3
    return next((factor for kind, factor in FACTORS if kind.match(page)), 1.0)


def _scaled(pages: dict[str, float]) -> dict[str, float]:
    most = max(pages.values())
    return dict(_shares(pages, most))


def _shares(pages: dict[str, float], most: float) -> Iterator[tuple[str, float]]:
    for page, weight in pages.items():
        if (share := round(weight / most, 2)) >= LEAST:
            yield page, share
