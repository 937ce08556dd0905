"""The functions that texts go through. The catalogues are made from their first argument."""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

from translation.catalogue import current


def tr(message: str, /, **values: object) -> str:
    """Return `message` in the language in use, with `{name}` replaced by the value of that name.

    Without values, nothing is replaced, and braces stand for themselves. A text that no catalogue
    has is returned as it is, so that a name or a student's own text may pass. A `recorded` text is
    translated with its values, also as a value of another text.
    """
    catalogue = current()
    if catalogue is None:
        return message.format(**values) if values else str(message)
    if isinstance(message, Recorded):
        return message.shown(catalogue)
    text = catalogue.gettext(message) if message else message
    return text.format(**_shown(values)) if values else text


def tr_n(one: str, many: str, n: int, /, **values: object) -> str:
    """Return `one` or `many` in the language in use, as `n` asks for, with values as for `tr`.

    `{n}` in the text is replaced by the number.
    """
    catalogue = current()
    if catalogue is None:
        return (one if n == 1 else many).format(n=n, **values)
    return catalogue.ngettext(one, many, n).format(n=n, **_shown(values))


def mark(message: str) -> str:
    """Return `message`: it is a constant, which `tr` translates where it is shown."""
    return message


class Recorded(str):
    """A text that is English in every document, and that `tr` translates where it is shown."""

    message: str
    many: str | None
    values: dict[str, Any]

    def shown(self, catalogue: NullTranslations) -> str:
        """Return the text in the language of `catalogue`, its values among it."""
        if self.many is None:
            text = catalogue.gettext(self.message)
        else:
            text = catalogue.ngettext(self.message, self.many, self.values["n"])
        return text.format(**_shown(self.values)) if self.values else text


def recorded(message: str, /, **values: object) -> str:
    """Return `message` with its values, in English, for a sentence that documents contain, too.

    `tr` gives it in the language in use, where it is shown. A text that is recorded already is
    returned as it is.
    """
    if isinstance(message, Recorded):
        return message
    text = Recorded(message.format(**values) if values else message)
    text.message, text.many, text.values = message, None, values
    return text


def recorded_n(one: str, many: str, n: int, /, **values: object) -> str:
    """Return `one` or `many`, as `n` asks for, in English; see `recorded`."""
    text = Recorded((one if n == 1 else many).format(n=n, **values))
    text.message, text.many, text.values = one, many, {"n": n, **values}
    return text


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tr(value) if isinstance(value, Recorded) else value for name, value in values.items()
    }
