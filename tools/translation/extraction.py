"""The texts to translate, by the part of the program that says them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tools.translation import command_help, policy_docs
from tools.translation.files import Files, Text

PARTS: dict[str, Callable[[], Iterator[Text]]] = {
    "commands": Files("cli.py", "commands/**/*.py", "multiprog/**/*.py"),
    "experiments": Files("experiments/**/*.py"),
    "help": command_help.texts,
    "kernel": Files("kernel/**/*.py"),
    "language": Files("language/**/*.py"),
    "page": Files("report/page/*.js", "report/page/controls.html"),
    "playground": Files("playground/**/*.py"),
    "playground_scripts": Files("playground/web/*.js", "playground/web/index.html"),
    "policies": policy_docs.texts,
    "real": Files("real/**/*.py", "sim/**/*.py"),
    "report": Files("report/**/*.py"),
    "scenarios": Files("scenarios/**/*.yaml"),
    "teaching": Files("teaching/**/*.py"),
    "timeline": Files("timeline/**/*.py"),
}
"""The catalogues, and what yields the texts of each."""
SCRIPTS = {"page": ("page",), "playground": ("page", "playground_scripts")}
"""What a page and the playground get of the catalogues, as JSON."""


def texts_of(part: str) -> Iterator[Text]:
    """Yield the texts of a part. A text that stands in several places comes several times."""
    yield from PARTS[part]()
