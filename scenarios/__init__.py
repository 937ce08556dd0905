"""The scenario language: one YAML file in, one concrete workload for both machines out.

    reading      the file's text                        tree       its YAML, with positions
    overrides    the command line's changes             schema     what may be written
    policies     the class that a name stands for       parameters how each of its own is read
    draws        random numbers, and nothing else       expansion  every name, draw and repeat
    messages     mistakes as one line each

`docs/scenario-language.md` is the user's reference.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenarios.errors import Problem, ScenarioError
from scenarios.limits import LIMITS
from scenarios.options import Loaded, Options, split_policies

__all__ = [
    "LIMITS",
    "Loaded",
    "Options",
    "Problem",
    "ScenarioError",
    "export_python",
    "json_schema",
    "load",
    "split_policies",
]


def load(path: str | Path, options: Options | None = None) -> Loaded:
    """Read, check and expand the scenario file at `path`.

    Raises ScenarioError, which holds every problem of the file, and nothing else that a file or an
    option can cause.
    """
    from scenarios.loading import load  # pydantic and ruamel.yaml are imported when needed

    return load(path, options or Options())


def export_python(path: str | Path, options: Options | None = None) -> str:
    """The scenario file at `path` as a plain `multiprocessing` program. Raises ScenarioError."""
    from scenarios.loading import export

    return export(path, options or Options()).text


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario file, for completion in editors."""
    from scenarios.schema import json_schema

    return json_schema()
