"""How an exception that a call has raised is told."""

from __future__ import annotations


def error_words(error: Exception) -> str:
    """Return what was raised, in words: of a long explanation the first sentence."""
    text = " ".join(str(error).split())
    if isinstance(error, RuntimeError):
        text = text.partition(".")[0]
    return f"{type(error).__name__}: {text}"
