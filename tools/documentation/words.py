"""The words of a text, as the site's search knows them.

Chinese is written without spaces between words. Each Chinese character is a word here, and so is
each pair of neighbours. A query is cut into pairs alone, so that a page is found if it has all
pairs of the query. That needs no dictionary, neither here nor in the browser.
"""

from __future__ import annotations

import re

LATIN = re.compile(r"[a-z0-9]+")
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
SPLITTER = """
function splitQuery(query) {
  const pieces = query.match(/[\\u3400-\\u4dbf\\u4e00-\\u9fff]+|\\w+/g) || [];
  return pieces.flatMap((piece) => {
    const pairs = [...piece].slice(1).map((_, index) => piece.slice(index, index + 2));
    return /^\\w/.test(piece) || piece.length === 1 ? [piece] : pairs;
  });
}
"""
"""How a query is cut in the browser, in JavaScript."""


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case: the Latin ones, then the Chinese ones."""
    return [*LATIN.findall(text.lower()), *chinese_words(text)]


def chinese_words(text: str) -> list[str]:
    """Return the Chinese characters of a text, and all pairs of neighbours."""
    found: list[str] = []
    for run in HAN.findall(text):
        found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
    return found
