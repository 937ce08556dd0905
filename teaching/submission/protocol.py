"""The lines of JSON between the grader and a submission's process, and their limits.

The grader sends a list of calls in one line. A call is [method, policy, now, changes, arguments]:
`policy` is the number of the policy object (with a queue per core there are several), `now` is in
ns, `changes` are the processes of which something has changed since the call before, each as
[index, *DYNAMIC]. The submission answers with one line: the answer to the last call. Methods that
answer nothing are sent together with the next one that does.

    before all     CONFINED, from the process: it has given up its rights
    first line     {"files", "main", "class", "parameters", "hidden", "draws"}
    first answer   {"overrides": [method, …]}
    an answer      {"answer": …}
    a failure      {"error": text}

A run begins with the call "begin", whose arguments are the number of policy objects and the seed of
their random generator, and ends with the call "end". What a submission prints is lost.
"""

from __future__ import annotations

import json
from typing import Any

STATIC = (
    "index",
    "name",
    "arrival",
    "priority",
    "nice",
    "tickets",
    "period",
    "relative_deadline",
    "cores",
)
"""What a policy may read of a process, and what never changes: the arguments of a "process" call,
which comes before the first call that has the process."""
DYNAMIC = ("burst", "left", "ready_since", "cpu_used", "used_before", "deadline", "state")
"""What a policy may read of a process, and what changes; the state as a number of `State`."""
HIDEABLE = ("burst", "left")
"""What an assignment may hide of a process. It is None then."""

CONFINED = {"confined": True}
"""The first line of a process. It comes before the submitted text is read, so it can be trusted."""

MOST_ANSWERED = 1 << 16
"""Bytes of an answer."""
MOST_SHOWN = 400
"""Characters of a text of the submission that are shown."""


def line(value: Any) -> bytes:
    """Return `value` as a line of JSON."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def read(text: bytes) -> Any:
    """Return the value of a line. Raises ValueError for whatever is no JSON."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
