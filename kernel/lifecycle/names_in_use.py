"""The Process objects of a forked child: its memory has copies of all that its parent has.

Only those are copied that a program names. A parent of many children would otherwise be copied as
often as it has children, each time with all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel.process.calls import PROCESS_CALLS
from kernel.process.spec import ProcessSpec


def names_in_use(specs: Sequence[ProcessSpec]) -> list[frozenset[str]]:
    """Return for each process the names that its program, or one that it starts, may use."""
    named = [
        frozenset(call.name for call in spec.program.calls if call.kind in PROCESS_CALLS)
        for spec in specs
    ]
    for spec in reversed(specs):  # a child's index is greater than its parent's
        if spec.kinship.parent >= 0:
            named[spec.kinship.parent] |= named[spec.index]
    return named
