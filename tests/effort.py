"""How many random cases the tests try: `MULTIPROG_EFFORT` times the usual number.

`make test` tries the usual number, `.ci/run` a tenth of it, `make oracles` forty times as many.
"""

import os

EFFORT = float(os.environ.get("MULTIPROG_EFFORT", "1"))


def cases(usual: int) -> int:
    """Return how many random cases to try where `usual` is the usual number: at least ten."""
    return max(10, round(usual * EFFORT))
