"""The texts in programs: what goes through `tr`, `tr_n` and `mark`, in Python and JavaScript."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
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
    place = file.relative_to(ROOT).as_posix()
    for line, texts in _python(file) if file.suffix == ".py" else _javascript(file):
        if texts[0]:
            yield Text(texts[0], texts[1] if len(texts) > 1 else None, place, line)


def _python(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield line and texts of each call. Those within f-strings are found, too."""
    calls = [
        node
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KEYWORDS
    ]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        assert isinstance(call.func, ast.Name)
        arguments = call.args[: len(KEYWORDS[call.func.id])]
        texts = [each.value for each in arguments if isinstance(each, ast.Constant)]
        if texts and all(isinstance(text, str) for text in texts):
            yield call.lineno, [str(text) for text in texts]


def _javascript(file: Path) -> Iterator[tuple[int, Sequence[str]]]:
    with file.open("rb") as stream:
        for line, message, _, _ in extract("javascript", stream, KEYWORDS, options=OPTIONS):
            yield line, message if isinstance(message, tuple) else (message,)
