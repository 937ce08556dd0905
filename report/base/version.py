"""The version of this Multiprog, which may be an installed package or only a copied folder."""

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
