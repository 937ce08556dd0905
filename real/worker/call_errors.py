"""An exception that a call has raised, in words."""

from __future__ import annotations


def error_words(error: Exception) -> str:
    """Return the class and text of the exception; of a RuntimeError only the first sentence."""
    text = " ".join(str(error).split())
    if isinstance(error, RuntimeError):
        text = text.partition(".")[0]
    return f"{type(error).__name__}: {text}"
