"""The docstrings of the policies, which `policies` and the sheets of exercises show."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from kernel.policies import POLICIES
from tools.translation.files import ROOT, Text
from translation import paragraphs


def texts() -> Iterator[Text]:
    """Yield each paragraph of the docstring of each policy that ships."""
    for kind in dict.fromkeys(POLICIES.values()):
        file = inspect.getfile(kind).removeprefix(f"{ROOT}/")
        for number, paragraph in enumerate(paragraphs(inspect.cleandoc(kind.__doc__ or "")), 1):
            yield Text(paragraph, None, file, number)
