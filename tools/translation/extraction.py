"""The texts to translate, by the part of the program that says them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.translation import command_help
from tools.translation.programs import Programs, Text

PARTS: dict[str, Callable[[], Iterator[Text]]] = {
    "commands": Programs("cli.py", "commands/**/*.py", "multiprog/**/*.py"),
    "experiments": Programs("experiments/**/*.py"),
    "help": command_help.texts,
    "kernel": Programs("kernel/**/*.py"),
    "language": Programs("language/**/*.py"),
    "page": Programs("report/page/*.js"),
    "playground": Programs("playground/**/*.py"),
    "playground_scripts": Programs("playground/web/*.js"),
    "real": Programs("real/**/*.py", "sim/**/*.py"),
    "report": Programs("report/**/*.py"),
    "teaching": Programs("teaching/**/*.py"),
    "timeline": Programs("timeline/**/*.py"),
}
"""The catalogues, and what yields the texts of each."""
SCRIPTS = {"page": ("page",), "playground": ("page", "playground_scripts")}
"""What a page and the playground get of the catalogues, as JSON."""


def texts_of(part: str) -> Iterator[Text]:
    """Yield the texts of a part. A text that stands in several places comes several times."""
    yield from PARTS[part]()
