"""The scenario language: one YAML file in, one concrete workload for both machines out.

    source     the file's text: read, parsed with positions, changed by options, held to limits
    schema     the models of a scenario file, and each mistake as a message of one line
    policies   the class that a policy's name stands for, and its parameters
    expansion  every name, draw and repeat written out
    convert    the forms of a scenario outside Multiprog

`docs/scenario-language.md` is the user's reference.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from language.source.errors import Problem, ScenarioError
from language.source.limits import LIMITS
from language.source.options import Loaded, Options, split_policies

if TYPE_CHECKING:
    from language.convert.imports.importing import Imported
    from language.convert.imports.options import ImportOptions
    from language.convert.to_rt_app import RtAppText

__all__ = [
    "LIMITS",
    "Loaded",
    "Options",
    "Problem",
    "ScenarioError",
    "export_python",
    "export_rt_app",
    "import_file",
    "json_schema",
    "load",
    "split_policies",
]


def load(path: str | Path, options: Options | None = None) -> Loaded:
    """Read, check and expand the scenario file at `path`.

    Raises ScenarioError with every problem of the file. A file or an option causes no other error.
    """
    from language.loading import load  # pydantic and ruamel.yaml are imported when needed

    return load(path, options or Options())


def export_python(path: str | Path, options: Options | None = None) -> str:
    """Return the scenario file at `path` as a plain `multiprocessing` program.

    Raises ScenarioError.
    """
    from language.loading import export

    return export(path, options or Options()).text


def export_rt_app(path: str | Path, options: Options | None = None) -> RtAppText:
    """Return the scenario file at `path` as a workload of rt-app. Raises ScenarioError."""
    from language.loading import export_rt_app

    return export_rt_app(path, options or Options())


def import_file(path: str | Path, kind: str | None, options: ImportOptions) -> Imported:
    """Return the scenario that a file of another form describes; `kind` None: by its content.

    Raises ScenarioError with the places of its mistakes, or UsageError for an option.
    """
    from language.convert.imports.importing import import_file

    return import_file(Path(path), kind, options)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a scenario file, for completion in editors."""
    from language.schema.scenario import json_schema

    return json_schema()
