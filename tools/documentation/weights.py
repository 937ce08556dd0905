"""How much a page is about a word: what the site's search ranks pages by.

Sphinx's search knows on which pages a word stands, and not how often. Here each page gets a weight
for each word: its count, a word of a heading counting more, over the fourth root of the
page's length. The page that is most about a word has the weight 1.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from tools.documentation.words import words

IN_A_HEADING, IN_THE_TITLE = 6, 30
LEAST = 0.08  # smaller weights are left out
RECORDS = re.compile(
    r"decisions|changes|contributing|architecture|reliability|performance|fidelity"
)
FACTORS = (
    (re.compile("explained/the-article"), 0.3),  # it has a heading for each word of process-life
    (re.compile(r"(start|how-to|explained)/"), 1.2),
    (re.compile(r"reference/|glossary|index"), 0.3),
    (re.compile(r"experiments/"), 0.2),
    (re.compile("textbook"), 0.1),
)
Passage = tuple[int, str]
"""A piece of a page: the depth of the heading that it stands in, 0 if in none; and the text."""


def weights(pages: Mapping[str, Iterable[Passage]], stem: Callable[[str], str]) -> str:
    """Return a script that defines WEIGHTS: for each stem the pages with their weights."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for page, passages in pages.items():
        counts = _counts(passages, stem)
        length = sum(counts.values()) ** 0.25
        for word, count in counts.items():
            found[word][page] = count / length * _factor(page)
    table = {word: _scaled(shares) for word, shares in sorted(found.items())}
    return f"var WEIGHTS = {json.dumps(table, separators=(',', ':'))};\n"


def _counts(passages: Iterable[Passage], stem: Callable[[str], str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for depth, text in passages:
        times = {0: 1, 1: IN_THE_TITLE}.get(depth, IN_A_HEADING)
        for word in words(text):
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
