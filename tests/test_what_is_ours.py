"""Lint looks at what is ours: not at what a student keeps in the project's folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.paths import ROOT

SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
FOLDERS = [name.rstrip("*") for name in SETUP["packages"]["find"]["include"]]
OURS = [f"{name}/its.py" for name in (*FOLDERS, "tests", "tests/real", "benchmarks", "kernel/life")]
A_STUDENTS = ("mine.py", "test_mine.py", "lab/program.py", "scenarios/lessons/mine.py")


def test_a_students_files_are_not_linted(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in (*OURS, "cli.py", *A_STUDENTS):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("import os\n")
    listed = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--show-files", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    python = {str(Path(name).relative_to(tmp_path)) for name in listed if name.endswith(".py")}
    assert python == {"cli.py", *OURS}
