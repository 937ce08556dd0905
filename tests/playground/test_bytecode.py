"""The modules of the site are compiled when it is built."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from playground.bytecode import AS_WRITTEN, WITHOUT_DOCSTRINGS, compile_archive

MODULE = '"""What it says."""\n\nANSWER = 41 + 1\n'


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "modules.zip"
    with ZipFile(path, "w") as made:
        made.writestr("mp_compiled/__init__.py", MODULE)
        made.writestr("mp_compiled/other.py", MODULE)
        made.writestr("unittest/case.py", MODULE)
        made.writestr("mp_compiled/data.json", "{}")
    return path


def test_wanted_modules_are_compiled_and_all_else_stays(archive: Path) -> None:
    compile_archive(archive, {"mp_compiled/__init__.py"}, AS_WRITTEN)
    kept = {"mp_compiled/other.py", "mp_compiled/data.json", "unittest/case.py"}
    assert set(ZipFile(archive).namelist()) == {"mp_compiled/__init__.pyc", *kept}


def test_what_no_answer_needs_of_the_library_is_left_out(archive: Path) -> None:
    compile_archive(archive, {"mp_compiled/other.py"}, AS_WRITTEN, left_out=("unit", "mp_"))
    assert ZipFile(archive).namelist() == ["mp_compiled/other.pyc"]


@pytest.mark.parametrize(
    ("optimize", "says"), [(AS_WRITTEN, "What it says."), (WITHOUT_DOCSTRINGS, None)]
)
def test_a_compiled_module_is_imported_without_its_source(
    archive: Path, monkeypatch: pytest.MonkeyPatch, optimize: int, says: str | None
) -> None:
    compile_archive(archive, {"mp_compiled/__init__.py"}, optimize)
    monkeypatch.syspath_prepend(archive)
    monkeypatch.delitem(sys.modules, "mp_compiled", raising=False)
    module = importlib.import_module("mp_compiled")
    assert (module.ANSWER, module.__doc__) == (42, says)


def test_the_same_sources_make_the_same_archive(archive: Path) -> None:
    before = archive.read_bytes()
    compile_archive(archive, {"mp_compiled/__init__.py"}, AS_WRITTEN)
    once = archive.read_bytes()
    archive.write_bytes(before)
    compile_archive(archive, {"mp_compiled/__init__.py"}, AS_WRITTEN)
    assert archive.read_bytes() == once
