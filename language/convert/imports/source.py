"""The file that is imported: its first bytes, its text as a whole, or its lines one by one.

What spreadsheets save has many encodings: UTF-8 with a byte order mark, UTF-16, GBK in China,
Windows-1252 in Europe. A trace can be larger than the memory, so it is read line by line.
"""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, NoReturn

from kernel.files.reading import TooLargeError, unpacked
from language.source.errors import Problem, ScenarioError
from language.source.reading import GZIP, told
from translation import tr

HEAD = 1 << 16  # bytes by which the kind of a file is recognized
LONGEST_LINE: Final = 1 << 20  # bytes
_CJK = re.compile(r"[^\u4e00-\u9fff\u3000-\u303f\uff00-\uffef\u3400-\u4dbf]")


@dataclass(slots=True)
class Source:
    """An open file. `head` are its first bytes, unpacked; they are read again by the rest."""

    file: str
    stream: BinaryIO
    head: bytes
    largest: int  # bytes that may be read as a whole: the limit file_size
    problems: list[Problem] = field(default_factory=list)

    def complain(self, line: int | None, column: int | None, message: str) -> None:
        """Note a mistake of the file. Lines and columns count from 1."""
        self.problems.append(Problem(self.file, line, column, "", message))

    def fail(self, line: int | None, column: int | None, message: str) -> NoReturn:
        """Raise ScenarioError with this mistake and those that were noted."""
        self.complain(line, column, message)
        self.check()
        raise AssertionError  # check has raised

    def check(self) -> None:
        """Raise ScenarioError if mistakes were noted."""
        if self.problems:
            raise ScenarioError(tuple(sorted(self.problems, key=lambda each: each.order)))

    @property
    def start(self) -> str:
        """The first part of the text, to recognize its kind. What does not fit is replaced."""
        return self.head.decode(encoding_of(self.head), errors="replace").removeprefix("\ufeff")

    def text(self) -> str:
        """Return the whole text. Raises ScenarioError if it is too large or not text."""
        return self._decoded(self._whole())

    def _whole(self) -> bytes:
        with told(self.file, self.largest), self.packing_told():
            raw = self.stream.read(self.largest + 1)
            if len(raw) > self.largest:
                raise TooLargeError
        return raw

    def _decoded(self, raw: bytes) -> str:
        encoding = encoding_of(raw)
        try:
            text = raw.decode(encoding).removeprefix("\ufeff")
            return text.replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - raw.rfind(b"\n", 0, error.start)
            self.fail(line, column, tr("is not text: byte 0x{byte:02x}", byte=raw[error.start]))

    def lines(self) -> Iterator[tuple[int, str]]:
        """Yield the number and the text of each line, without its end. Memory stays bounded.

        What is not UTF-8 is replaced. Raises ScenarioError for a line above LONGEST_LINE.
        """
        number = 0
        with self.packing_told():
            while raw := self.stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(raw) > LONGEST_LINE:
                    self.fail(
                        number, 1, tr("the line is longer than {most:,} bytes", most=LONGEST_LINE)
                    )
                yield number, raw.decode("utf-8", errors="replace").rstrip("\r\n")

    @contextmanager
    def packing_told(self) -> Iterator[None]:
        """Raise damage of a compressed file, and what the system refuses, as a ScenarioError."""
        try:
            yield
        except (EOFError, gzip.BadGzipFile, zlib.error):
            self.fail(None, None, tr("is compressed by gzip, and damaged"))
        except OSError as error:
            self.fail(None, None, tr("cannot be read: {reason}", reason=error.strerror or error))


@contextmanager
def opened(path: Path, largest: int) -> Iterator[Source]:
    """Open the file at `path` in a context, unpacked if it is compressed by gzip."""
    file = str(path)
    with told(file, largest):
        raw: Any = path.open("rb", buffering=HEAD)  # typed without `peek`, which it has
    with raw:
        with told(file, largest):
            packed = raw.peek(2)[:2] == GZIP
        source = Source(file, raw, b"", largest)
        with source.packing_told():
            stream: Any = unpacked(raw) if packed else raw
            source.head = stream.peek(HEAD)[:HEAD]
        source.stream = stream
        yield source


def encoding_of(raw: bytes) -> str:
    """Return the encoding of a text: by its byte order mark, or the first that fits."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return encoding
    odd, even = raw[1:400:2].count(0), raw[:400:2].count(0)
    if max(odd, even) > max(2, len(raw[:400]) // 16) and not min(odd, even):  # UTF-16 of some ASCII
        return "utf-16-le" if odd else "utf-16-be"
    if _decodes(raw, "utf-8"):
        return "utf-8"
    if _decodes(raw, "gb18030") and not _strange(raw.decode("gb18030")):
        return "gb18030"
    return "cp1252" if _decodes(raw, "cp1252") else "utf-8"


def _decodes(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _strange(text: str) -> bool:
    """Return whether less than half of the characters beyond ASCII are Chinese."""
    beyond = [each for each in text if not each.isascii()]
    return 2 * sum(_CJK.match(each) is None for each in beyond) < len(beyond)
