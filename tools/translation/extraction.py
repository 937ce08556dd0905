"""The texts to translate, by the part of the program that says them."""

from __future__ import annotations

from collections.abc import Iterator
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


class Text(NamedTuple):
    """One text, its plural if it has one, and where it stands."""

    one: str
    many: str | None
    file: str  # from the project's folder
    line: int


PARTS: dict[str, tuple[str, ...]] = {
    "commands": ("cli.py", "commands/**/*.py", "multiprog/**/*.py"),
    "experiments": ("experiments/**/*.py",),
    "kernel": ("kernel/**/*.py",),
    "language": ("language/**/*.py",),
    "page": ("report/page/*.js",),
    "playground": ("playground/**/*.py",),
    "playground_scripts": ("playground/web/*.js", "playground/web/index.html"),
    "real": ("real/**/*.py", "sim/**/*.py"),
    "report": ("report/**/*.py",),
    "scenarios": ("scenarios/**/*.yaml",),
    "teaching": ("teaching/**/*.py",),
    "timeline": ("timeline/**/*.py",),
}
"""The catalogues, and which files each is made from."""
NOT_OURS = {"codemirror.js"}
SCRIPTS = {"page": ("page",), "playground": ("page", "playground_scripts")}
"""What a page and the playground get of the catalogues, as JSON."""


def texts_of(part: str) -> Iterator[Text]:
    """Yield the texts of a part in the order of files and lines."""
    for pattern in PARTS[part]:
        for file in sorted(ROOT.glob(pattern)):
            if file.name not in NOT_OURS:
                yield from of_file(file)


def of_file(file: Path) -> Iterator[Text]:
    """Yield the texts of a program in Python or JavaScript, of a page's HTML, or of a scenario."""
    name = file.relative_to(ROOT).as_posix()
    for one, many, line in _READERS[file.suffix](file):
        yield Text(one, many, name, line)


def _of_program(file: Path) -> Iterator[tuple[str, str | None, int]]:
    method = "python" if file.suffix == ".py" else "javascript"
    with file.open("rb") as stream:
        for line, message, _, _ in extract(method, stream, KEYWORDS, options=OPTIONS):
            one, many = message if isinstance(message, tuple) else (message, None)
            if one:
                yield one, many, line


def _of_page(file: Path) -> Iterator[tuple[str, None, int]]:
    found = _Saying()
    found.feed(file.read_text(encoding="utf-8"))
    for text, line in found.texts:
        yield text, None, line


def _of_scenario(file: Path) -> Iterator[tuple[str, None, int]]:
    for text, line in texts_in(file):
        yield text, None, line


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


_READERS = {".py": _of_program, ".js": _of_program, ".html": _of_page, ".yaml": _of_scenario}
