"""Groups of options. A command gets a group as one object."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def gathered(kind: type[Any], into: str, options: Sequence[Option]) -> Option:
    """Return a decorator for a command, which gets `options` as one object of dataclass `kind`.

    Each option has the name of a field; the command's argument is called `into`. `--help` shows
    the options in the order of `options`.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def collected(*args: Any, **given: Any) -> Any:
            mine = {field.name: given.pop(field.name) for field in fields(kind)}
            return command(*args, **{into: kind(**mine)}, **given)

        found: Command = collected
        for option in reversed(options):
            found = option(found)
        return found

    return decorate
