"""Chinese in the site's search: without this, Sphinx finds no Chinese word."""

from __future__ import annotations

import re

from sphinx.search.en import SearchEnglish

from tools.documentation.words import SPLITTER, chinese_words


class SearchChinese(SearchEnglish):
    """English and Chinese words; the English ones are stemmed."""

    lang = "zh"
    language_name = "English"  # the stemmer's, by which the browser finds it
    js_splitter_code = SPLITTER
    _word_re = re.compile(r"\w+", re.ASCII)

    def split(self, input: str) -> list[str]:
        """Return the words of a text."""
        return [*super().split(input), *chinese_words(input)]
