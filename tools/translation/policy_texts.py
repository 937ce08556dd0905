"""What the policies that come with Multiprog say of themselves: the paragraphs of their docstrings.

`policies` prints them, and an answer sheet the first one; each paragraph is on one line there.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from kernel.policies import POLICIES
from tools.translation.files import ROOT, Text
from translation.paragraphs import paragraphs


def texts() -> Iterator[Text]:
    """Yield each paragraph. Its place is that of its class."""
    for policy in POLICIES.values():
        file = Path(inspect.getfile(policy)).relative_to(ROOT).as_posix()
        line = inspect.getsourcelines(policy)[1]
        for paragraph in paragraphs(inspect.cleandoc(policy.__doc__ or "")):
            yield Text(paragraph, None, file, line)
