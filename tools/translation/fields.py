"""The fields of a text, like `{name}`, and the translations that have other fields.

A translation with a field that its text does not have would end the program with a KeyError, at
the moment when the text is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter

from babel.messages.catalog import Message

from tools.translation.catalogues import FOLDER, forms, read
from tools.translation.files import ROOT


def fields(text: str) -> set[str]:
    """Return the fields of a text as they are written in it, braces included.

    Braces that stand for themselves, as in a scenario, count as they are written.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError:  # the text is no format
        return set(re.findall(r"\{[^{}]*\}", text))
    return {
        "{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
        for _, name, form, conversion in parts
        if name is not None
    }


def wrong_fields(language: str, part: str) -> Iterator[str]:
    """Yield a line for each translation of a catalogue whose fields are not those of its text.

    The line names the file and the line at which the text begins there.
    """
    file = (FOLDER / language / f"{part}.po").relative_to(ROOT).as_posix()
    for message in read(language, part):
        for problem in differences(message):
            yield f"{file}:{message.lineno}: {problem}"


def differences(message: Message) -> Iterator[str]:
    """Yield what is wrong with the fields of each translation of a message."""
    texts = [message.id] if isinstance(message.id, str) else list(message.id)
    wanted = set().union(*map(fields, texts))
    for form in filter(None, forms(message) if message.id else ()):
        has = fields(form)
        if strange := sorted(has - wanted):
            known = ", ".join(sorted(wanted)) or "no field"
            yield f"the translation has {', '.join(strange)}; the text has {known}"
        elif missing := sorted(wanted - has):
            yield f"the translation lacks {', '.join(missing)}"
