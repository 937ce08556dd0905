"""An exception that a call has raised, in words."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r" at 0x[0-9a-f]+(?=>)")
"""Where an object is in memory, which says nothing: `<function f.<locals>.g at 0x7f3a>`."""


def error_words(error: Exception) -> str:
    """Return the class and text of the exception; of a RuntimeError only the first sentence.

    An exception without a text is its class alone, like `Empty`. Addresses are left out.
    """
    text, name = _ADDRESS.sub("", " ".join(str(error).split())), type(error).__name__
    if isinstance(error, RuntimeError):
        text = text.partition(".")[0]
    return f"{name}: {text}" if text else name
