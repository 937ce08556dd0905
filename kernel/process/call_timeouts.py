"""The timeout of a call."""

from __future__ import annotations

from kernel.process.calls import Call

_BY_VALUE = frozenset(
    {"join", "lock", "acquire", "wait_event", "wait", "barrier", "pipe_poll", "get"}
)
"""Kinds of calls whose value is the timeout."""


def timeout_of(call: Call) -> int | None:
    """Return after how many ns the call no longer waits; None: it has no timeout.

    A call with a timeout of 0 or below only looks.
    """
    given = call.value if call.kind in _BY_VALUE else call.options.get("timeout")
    return max(0, given) if isinstance(given, int) and not isinstance(given, bool) else None
