"""The texts in programs: what goes through `tr`, `tr_n` and `mark`, in Python and JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {"tr": (1,), "tr_n": (1, 2), "mark": (1,)}
OPTIONS = {"encoding": "utf-8"}
NOT_OURS = {"codemirror.js"}


class Text(NamedTuple):
    """One text, its plural if it has one, and where it stands."""

    one: str
    many: str | None
    file: str  # from the project's folder
    line: int


class Programs:
    """The programs whose paths match one of the patterns. A call yields their texts."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns

    def files(self) -> Iterator[Path]:
        """Yield the files in the order of the patterns and of their paths."""
        for pattern in self._patterns:
            for file in sorted(ROOT.glob(pattern)):
                if file.name not in NOT_OURS:
                    yield file

    def __call__(self) -> Iterator[Text]:
        """Yield the texts in the order of files and lines."""
        for file in self.files():
            yield from of_file(file)


def of_file(file: Path) -> Iterator[Text]:
    """Yield the texts of one program in Python or JavaScript, in the order of its lines."""
    method = "python" if file.suffix == ".py" else "javascript"
    with file.open("rb") as stream:
        for line, message, _, _ in extract(method, stream, KEYWORDS, options=OPTIONS):
            one, many = message if isinstance(message, tuple) else (message, None)
            if one:
                yield Text(one, many, file.relative_to(ROOT).as_posix(), line)
