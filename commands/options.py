"""Groups of options, each of which reaches its command as one object."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

Command = Callable[..., Any]
Option = Callable[[Command], Command]


def gathered(kind: type[Any], into: str, options: Sequence[Option]) -> Option:
    """Return a decorator: the command gets `options` as one object of the dataclass `kind`.

    The options have the names of its fields; the argument of the command is called `into`. Help
    shows the options in their order.
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
