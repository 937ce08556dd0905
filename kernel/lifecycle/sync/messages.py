"""Messages: values on their way through a pipe, as bytes of which only the number matters."""

from __future__ import annotations

import pickle
from typing import Any

HEADER = 4
"""bytes: the length of a message comes before it (multiprocessing/connection.py)."""

TOGETHER = 16_384
"""bytes: a longer message is not written together with its header."""


class Message:
    """A value that is sent. `length`: bytes of its pickle."""

    __slots__ = ("length", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.length = len(pickle.dumps(value, protocol=pickle.DEFAULT_PROTOCOL))


Chunk = tuple[Message, int]
"""Some bytes of a message: the message, and how many. The bytes before them come before them."""


def joined(chunks: list[Chunk], chunk: Chunk) -> None:
    """Add a chunk at the end; bytes of one message that follow each other are one chunk."""
    if chunks and chunks[-1][0] is chunk[0]:
        chunks[-1] = (chunk[0], chunks[-1][1] + chunk[1])
    else:
        chunks.append(chunk)
