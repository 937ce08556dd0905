"""What Multiprog says, in the language of its user.

The English text stands in the code and is the key of its translations, which lie in gettext
catalogues: `zh_CN/*.po`, by the folder that says it, compiled into one file. A language is one
folder more. What programs read (JSON, headings of CSV files, keys, exit codes) is never translated.

    from translation import tr

    raise UsageError(tr("{file} is not a scenario: give a .yaml file", file=path))
"""

from translation.catalogue import (
    choose,
    choose_by_environment,
    chosen,
    in_english,
    language_given_back,
    speaking,
    texts_for,
)
from translation.languages import UnknownLanguageError, available, of_environment
from translation.paragraphs import in_every_language, paragraphs, tr_text
from translation.texts import mark, recorded, recorded_n, tr, tr_n

__all__ = [
    "UnknownLanguageError",
    "available",
    "choose",
    "choose_by_environment",
    "chosen",
    "in_english",
    "in_every_language",
    "language_given_back",
    "mark",
    "of_environment",
    "paragraphs",
    "recorded",
    "recorded_n",
    "speaking",
    "texts_for",
    "tr",
    "tr_n",
    "tr_text",
]
