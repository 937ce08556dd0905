"""The language of errors, remarks and shown texts: that of the environment, or the caller's."""

from __future__ import annotations

import warnings

from kernel.errors import UsageError
from translation import UnknownLanguageError, choose, choose_by_environment, chosen


def language(name: str | None = None) -> str:
    """Speak a language from now on, and return its name; without `name`, the one in use.

    `name` is `"en"`, `"zh"`, or another name of a language that has a catalogue. What programs
    read (JSON, data frames, keys) is the same in each. At the import it is the language of
    MULTIPROG_LANG, or else of the environment, as for the commands.

        >>> language()
        'en'
        >>> language("zh")
        'zh_CN'
        >>> language("en")
        'en'

    Raises UsageError if there is no such language; it names those that there are.
    """
    if name is not None:
        try:
            choose(name)
        except UnknownLanguageError as error:
            raise UsageError(str(error)) from None
    return chosen()


def speak_as_the_environment_says() -> None:
    """Speak the language of the environment; English, with a warning, if there is no such."""
    try:
        choose_by_environment()
    except UnknownLanguageError as error:
        warnings.warn(f"MULTIPROG_LANG: {error}", stacklevel=3)
