"""The catalogue in use: one for the process, none for English."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from translation.languages import ENGLISH, FOLDER, VARIABLE, named, of_environment

_language = ENGLISH
_catalogue: gettext.NullTranslations | None = None
_english: ContextVar[bool] = ContextVar("english", default=False)


def choose(language: str) -> None:
    """Speak `language` from now on, in this process and in those that it starts.

    Raises UnknownLanguageError if there is no such catalogue.
    """
    _use(named(language))
    os.environ[VARIABLE] = _language


def choose_by_environment() -> None:
    """Speak the language that the environment asks for, in this process.

    Those that it starts find the same environment. Raises UnknownLanguageError, as `of_environment`
    does.
    """
    _use(of_environment())


def _use(language: str) -> None:
    global _language, _catalogue  # noqa: PLW0603 - a process speaks one language
    _language = language
    _catalogue = None
    if _language != ENGLISH:
        _catalogue = catalogue_of(_language)


def catalogue_of(language: str) -> gettext.NullTranslations:
    """Return the catalogue of a language other than English, by its folder's name."""
    return gettext.translation("multiprog", FOLDER, [language])


@contextmanager
def language_given_back() -> Iterator[None]:
    """Speak at the end of the block what was spoken before it."""
    before, variable = _language, os.environ.get(VARIABLE)
    try:
        yield
    finally:
        _use(before)
        if variable is None:
            os.environ.pop(VARIABLE, None)
        else:
            os.environ[VARIABLE] = variable


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak `language` in the block. Raises UnknownLanguageError if there is no such catalogue."""
    with language_given_back():
        choose(language)
        yield


def chosen() -> str:
    """Return the language in which texts appear here: its folder's name, or `en`."""
    return ENGLISH if _english.get() else _language


def current() -> gettext.NullTranslations | None:
    """Return the catalogue of the language in use. English has none."""
    return None if _english.get() else _catalogue


@contextmanager
def in_english() -> Iterator[None]:
    """Speak English in the block: for what programs read."""
    before = _english.set(True)
    try:
        yield
    finally:
        _english.reset(before)


def texts_for(part: str) -> Mapping[str, Any]:
    """Return the texts that scripts show, by the English ones: none in English.

    `part` is `page` or `playground`. A text that has a plural is a list of its forms.
    """
    language = chosen()
    if language == ENGLISH:
        return {}
    import json

    found: dict[str, Any] = json.loads(
        (FOLDER / language / "scripts" / f"{part}.json").read_text(encoding="utf-8")
    )
    return found
