"""The texts in files: programs in Python and JavaScript, pages in HTML, scenarios."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from babel.messages.extract import extract

from tools.translation.scenario_texts import texts_in

ROOT = Path(__file__).parent.parent.parent
KEYWORDS = {
    "mark": (1,),
    "recorded": (1,),
    "recorded_n": (1, 2),
    "tr": (1,),
    "tr_n": (1, 2),
    "trN": (1, 2),  # in JavaScript
}
OPTIONS = {"encoding": "utf-8"}
SAYING = ("title", "aria-label", "placeholder")  # attributes of HTML elements that people read
NOT_OURS = {"codemirror.js"}


class Text(NamedTuple):
    """One text, its plural if it has one, and where it stands."""

    one: str
    many: str | None
    file: str  # from the project's folder
    line: int


class Files:
    """The files whose paths match one of the patterns. A call yields their texts."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns

    def paths(self) -> Iterator[Path]:
        """Yield the files in the order of the patterns and of their names."""
        for pattern in self._patterns:
            for file in sorted(ROOT.glob(pattern)):
                if file.name not in NOT_OURS:
                    yield file

    def __call__(self) -> Iterator[Text]:
        """Yield the texts in the order of files and lines."""
        for file in self.paths():
            name = file.relative_to(ROOT).as_posix()
            for line, texts in _READERS[file.suffix](file):
                if texts[0]:
                    yield Text(texts[0], texts[1] if len(texts) > 1 else None, name, line)


Found = Iterator[tuple[int, Sequence[str]]]
"""Line and text of each place; behind it the plural, if it has one."""


def of_python(file: Path) -> Found:
    """Yield line and texts of each call.

    Those within f-strings are found, too: babel's reader does not see them in Python 3.11.
    """
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


def _of_javascript(file: Path) -> Found:
    with file.open("rb") as stream:
        for line, message, _, _ in extract("javascript", stream, KEYWORDS, options=OPTIONS):
            yield line, message if isinstance(message, tuple) else (message,)


def _of_page(file: Path) -> Found:
    found = _Saying()
    found.feed(file.read_text(encoding="utf-8"))
    for text, line in found.texts:
        yield line, (text,)


def _of_scenario(file: Path) -> Found:
    for text, line in texts_in(file):
        yield line, (text,)


class _Saying(HTMLParser):
    """The texts of an HTML document that `translate` of report/page/texts.js translates."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, int]] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SAYING and value:
                self._add(value)

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, text: str) -> None:
        words = " ".join(text.split())
        if any(map(str.isalpha, words)):
            self.texts.append((words, self.getpos()[0]))


_READERS = {".py": of_python, ".js": _of_javascript, ".html": _of_page, ".yaml": _of_scenario}
