"""How many random cases the tests try: `MULTIPROG_EFFORT` times the usual number.

`make test` tries the usual number, `.ci/run` a twentieth of it, `make oracles` forty times as many.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

EFFORT = float(os.environ.get("MULTIPROG_EFFORT", "1"))
SOME = 0.1  # below this effort only some of the lessons are run on real processes

_Item = TypeVar("_Item")


def cases(usual: int) -> int:
    """Return how many random cases to try where `usual` is the usual number: at least ten."""
    return max(10, round(usual * EFFORT))


def portion(items: Sequence[_Item]) -> Sequence[_Item]:
    """Return all of the items; with little effort every third one, an ordinary user others."""
    return items if EFFORT >= SOME else items[os.getuid() != 0 :: 3]
