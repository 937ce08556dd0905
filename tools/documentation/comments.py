"""The comments behind commands on a page. They are translated; the commands stay as they are.

Sphinx translates no block of code. So these comments are put into a page's catalogue by
`catalogues.py`, and out of it by `extension.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tools.documentation.staging import outside_fences

SHELL = re.compile(" *```+sh\n")
COMMENT = re.compile(r"(?:(?<=\s)|^)# (.+?)(?= *$)", re.MULTILINE)


def comments(page: str) -> list[str]:
    """Return the comments in all blocks `sh` of a page, in order."""
    pieces = outside_fences(page)
    blocks = [piece for piece, is_prose in pieces if not is_prose and SHELL.match(piece)]
    return [comment for block in blocks for comment in COMMENT.findall(block)]


def with_comments(block: str, translate: Callable[[str], str]) -> str:
    """Return a block with its comments translated."""
    return COMMENT.sub(lambda comment: f"# {translate(comment[1])}", block)
