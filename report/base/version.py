"""Which Multiprog this is: of an installed package, or of a folder that was only copied."""

from __future__ import annotations

import tomllib
from importlib import metadata
from pathlib import Path


def version() -> str:
    """Return the version of the installed package, else of `pyproject.toml` beside the folders."""
    try:
        return metadata.version("multiprog")
    except metadata.PackageNotFoundError:
        with (Path(__file__).parents[2] / "pyproject.toml").open("rb") as file:
            return str(tomllib.load(file)["project"]["version"])
