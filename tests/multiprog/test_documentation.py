"""The examples of the Python interface hold: those of the docstrings, and the tour."""

from __future__ import annotations

import doctest
import inspect
import json
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import multiprog
from benchmarks.tour import NOTEBOOK, TOUR, notebook
from tests.paths import DOCS, ROOT

PAGE = DOCS / "python.md"
UNITS = ("ms", "seconds", "us")  # of durations, for policies
MODULES = sorted(f"multiprog.{file.stem}" for file in (ROOT / "multiprog").glob("*.py"))


def _module(name: str) -> ModuleType:
    return import_module(name.removesuffix(".__init__"))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name: str) -> None:
    done = doctest.testmod(_module(name), optionflags=doctest.ELLIPSIS)
    assert done.failed == 0


@pytest.mark.parametrize("name", multiprog.__all__)
def test_each_public_name_says_what_it_is(name: str) -> None:
    found = getattr(multiprog, name)
    if not (inspect.isclass(found) or inspect.isfunction(found)):
        return  # an alias of a type
    assert inspect.getdoc(found)
    for member, value in vars(found).items() if inspect.isclass(found) else ():
        if not member.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert inspect.getdoc(value), f"{name}.{member}"


@pytest.mark.parametrize(
    "name", ["check", "compare", "lessons", "load", "run_real", "simulate", "sweep"]
)
def test_each_function_says_which_errors_it_raises(name: str) -> None:
    assert "Raises" in str(getattr(multiprog, name).__doc__)


def test_the_examples_of_the_page_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sessions = "\n".join(re.findall(r"```pycon\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    examples = doctest.DocTestParser().get_doctest(sessions, {}, PAGE.name, str(PAGE), 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner().run(examples).failed == 0


def test_the_page_names_each_function() -> None:
    text = PAGE.read_text(encoding="utf-8")
    functions = [name for name in multiprog.__all__ if inspect.isfunction(getattr(multiprog, name))]
    assert [name for name in functions if f"`{name}(" not in text] == [*UNITS]


def test_the_tour_shows_what_the_notebook_keeps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # it works from any folder
    kept = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook(TOUR.read_text(encoding="utf-8")) == kept, "make tour writes it anew"


@pytest.mark.real
def test_the_tour_starts_real_processes() -> None:
    notebook(TOUR.read_text(encoding="utf-8"), real=True)
