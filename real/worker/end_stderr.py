"""The stderr of a worker: what CPython writes there as the process ends is observed."""

from __future__ import annotations

import io
from collections.abc import Callable


class EndStderr(io.TextIOBase):
    """A text stream that hands on what is written from a certain moment on."""

    def __init__(self) -> None:
        self._observe: Callable[[str], None] | None = None
        self._text = ""

    def observe(self, observe: Callable[[str], None]) -> None:
        """Call `observe` with the text that is written from now on, when it is flushed."""
        self._observe, self._text = observe, ""

    def write(self, text: str) -> int:
        """Take a text."""
        self._text += text
        return len(text)

    def flush(self) -> None:
        """Observe what was written. CPython flushes the standard streams of an ending process."""
        text, self._text = self._text.removesuffix("\n"), ""
        if text and self._observe is not None:
            self._observe(text)
