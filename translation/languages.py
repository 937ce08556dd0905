"""Which languages there are, and which of them the user asks for."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ENGLISH = "en"
FOLDER = Path(__file__).parent
VARIABLE = "MULTIPROG_LANG"
"""The environment variable that chooses a language for Multiprog alone."""

_LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # in the order of gettext
_OTHER_SCRIPT = {"zh_tw", "zh_hk", "zh_mo", "zh_hant"}  # they read traditional characters


class UnknownLanguageError(ValueError):
    """There is no catalogue for the language. The text names those that there are."""


def available() -> tuple[str, ...]:
    """Return the names of all languages: `en`, then the folders that hold a compiled catalogue."""
    compiled = FOLDER.glob("*/LC_MESSAGES/multiprog.mo")
    return (ENGLISH, *sorted(each.parent.parent.name for each in compiled))


def named(name: str) -> str:
    """Return the language that `name` means: `zh`, `zh-Hans` and `zh_CN.UTF-8` are `zh_CN`.

    Raises UnknownLanguageError if there is none.
    """
    asked = name.partition(".")[0].partition("@")[0].replace("-", "_").lower()
    if asked in {"c", "posix"}:
        return ENGLISH
    languages = available()
    for each in languages:
        if asked == each.lower():
            return each
    if not any(asked.startswith(other) for other in _OTHER_SCRIPT):
        for each in languages:
            if asked.partition("_")[0] == each.lower().partition("_")[0]:
                return each
    raise UnknownLanguageError(f"{name!r} is none of the languages: {', '.join(languages)}")


def of_environment(environment: Mapping[str, str] = os.environ) -> str:
    """Return the language that the environment asks for; English where there is no such catalogue.

    MULTIPROG_LANG comes first, then what gettext reads: LANGUAGE, LC_ALL, LC_MESSAGES, LANG. Where
    none is set, as on Windows, the language of the system counts. Raises UnknownLanguageError for
    a MULTIPROG_LANG that no catalogue has.
    """
    if environment.get(VARIABLE):
        return named(environment[VARIABLE])
    for variable in _LOCALE_VARIABLES:
        if environment.get(variable):
            return _first_known(environment[variable].split(":"))
    return _first_known(_of_windows())


def _first_known(names: list[str]) -> str:
    for name in names:
        try:
            return named(name)
        except UnknownLanguageError:
            continue
    return ENGLISH


def _of_windows() -> list[str]:
    if sys.platform != "win32":
        return []
    import ctypes
    import locale

    return [locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), ENGLISH)]
