"""What there is to choose from: policies and lessons."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path

from rich.console import Console
from rich.style import Style

from kernel.scheduling.policy import Policy
from report.paper import BOLD, DIM, say
from report.sentences import annotation, parameter


def show_policies(policies: Mapping[str, type[Policy]], console: Console) -> None:
    """Each policy: what it does, when it is good, when it fails, and its parameters."""
    for name, policy in policies.items():
        say(console, name, BOLD)
        for paragraph in (inspect.getdoc(policy) or "").split("\n\n"):
            _indented(console, paragraph)
        for key, default in policy.parameters().items():
            kind = annotation(policy, key)
            value = parameter(default, kind.startswith("Duration"))
            _indented(console, f"{key}: {value}{_choices(kind)}", DIM)
        console.print()


def _choices(kind: str) -> str:
    """The values that a parameter may have, if its annotation names them."""
    if kind == "bool":
        return " (yes or no)"
    if not kind.startswith("Literal["):
        return ""
    values = kind.removeprefix("Literal[").removesuffix("]").replace('"', "").replace("'", "")
    return f" (of {values})"


def show_lessons(rows: Iterable[tuple[str, Path | str, str]], console: Console) -> None:
    """Each lesson: its name, its title, and the file to run."""
    for name, path, title in rows:
        say(console, name, BOLD)
        _indented(console, title)
        _indented(console, str(path), DIM)


def _indented(console: Console, text: str, style: Style | str = "") -> None:
    """Sentences, set anew, two columns further in."""
    say(console, "  " + " ".join(text.split()), style)
