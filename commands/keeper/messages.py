"""Parts of messages that name the policy that was asked last, and how a message is written."""

from __future__ import annotations

import contextlib
import os

from commands.keeper.traces import Place
from kernel import current_call
from kernel.errors import MultiprogError
from translation import mark, tr

RULE = mark("a policy only makes decisions; it must not start, end or stop processes")


def policy_asked() -> str:
    """Return the name of the policy that was asked last."""
    return current_call.policy_name(bytes(current_call.name)) or tr("the policy")


def method_asked() -> str:
    """Return the name of the policy that was asked last, with the method if it is known."""
    asked = current_call.cells[current_call.ASKED]
    what = current_call.what_of(asked)
    if not what or abs(asked) % current_call.PER_CALL == current_call.READING:
        return policy_asked()
    if asked > 0:
        return f"{policy_asked()}: {what}()"
    return tr("{policy}, after {method}(),", policy=policy_asked(), method=what)


def place_words(place: Place | None) -> str:
    """Return file, line and function, as `kernel.scheduling.policy_errors` writes them.

    If the place is not known (None), return the policy and method that were asked last.
    """
    return f"{place.file}:{place.line}: {place.function}()" if place else method_asked()


def tell(error: MultiprogError) -> int:
    """Write the message on stderr, as the command would do. Return the exit status."""
    write_on_stderr(f"{error}\n".encode("utf-8", "backslashreplace"))
    return error.exit_status


def write_on_stderr(text: bytes) -> None:
    """Write the bytes to descriptor 2 directly. If that fails, it is no error."""
    with contextlib.suppress(OSError):
        os.write(2, text)
