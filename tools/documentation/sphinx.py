"""Sphinx, called with the configuration of the documentation. A warning is an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

CONFIGURATION = Path(__file__).parent


def sphinx(builder: str, source: Path, output: Path, trees: Path, settings: Iterable[str]) -> int:
    """Build `output` from `source`, with settings like `language=en`; return the exit status."""
    from sphinx.cmd.build import main

    options = ["-b", builder, "-W", "--keep-going", "-q", "-c", str(CONFIGURATION)]
    options += ["-d", str(trees), *(part for each in settings for part in ("-D", each))]
    status: int = main([*options, str(source), str(output)])
    return status
