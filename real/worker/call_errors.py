"""An exception that a call has raised, in words."""

from __future__ import annotations


def error_words(error: Exception) -> str:
    """Return the class and text of the exception; of a RuntimeError only the first sentence.

    An exception without a text is its class alone, like `Empty`.
    """
    text, name = " ".join(str(error).split()), type(error).__name__
    if isinstance(error, RuntimeError):
        text = text.partition(".")[0]
    return f"{name}: {text}" if text else name
