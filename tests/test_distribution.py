"""What is installed is whole: every file that a package needs beside its Python."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.paths import ROOT

SETUP = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
PACKAGES = sorted(file.parent for file in ROOT.glob("*/__init__.py"))
NOT_INSTALLED = ("benchmarks", "tests", "tools")


def _installed(package: str) -> set[Path]:
    """The files beside Python that setuptools would take of a top package."""
    found: set[Path] = set()
    for owner, patterns in SETUP["package-data"].items():
        folders = [ROOT / package] if owner == "*" else [ROOT / owner.replace(".", "/")]
        if owner == "*":
            folders += [each.parent for each in (ROOT / package).rglob("__init__.py")]
        for folder in folders:
            for pattern in patterns:
                found.update(file for file in folder.glob(pattern) if file.is_file())
    return found


def test_each_package_is_installed() -> None:
    names = {name.rstrip("*") for name in SETUP["packages"]["find"]["include"]}
    assert {folder.name for folder in PACKAGES} - set(NOT_INSTALLED) == names


def test_each_package_and_the_command_are_copied_into_the_image() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {name for line in lines if line.startswith("COPY ") for name in line.split()[1:-1]}
    modules = {f"{name}.py" for name in SETUP["py-modules"]}
    packages = {name.rstrip("*") for name in SETUP["packages"]["find"]["include"]}
    assert copied == packages | modules | {"pyproject.toml", "README.md", "LICENSE"}


def test_each_file_of_a_package_is_installed() -> None:
    for folder in PACKAGES:
        if folder.name in NOT_INSTALLED:
            continue
        there = {
            file
            for file in folder.rglob("*")
            if file.is_file() and file.suffix not in (".py", ".pyc", ".po")  # compiled: .mo
        }
        left_out = there - _installed(folder.name)
        assert sorted(str(file.relative_to(ROOT)) for file in left_out) == []


def test_the_commands_work_where_only_the_packages_are(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import cli; "
        "sys.exit(cli.main(['simulate', 'overlap']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
