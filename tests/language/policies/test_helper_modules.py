"""What a policy's file imports from beside it, and what such files must not hide."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from language.policies.lookup import fingerprint
from tests.language.conftest import Load, Wrong

A = "processes: [{name: A, cpu: 20ms}]\n"
MINE = A + "scheduler: {policy: mine.py:Mine}"
CLASS = """\
from kernel.scheduling import RoundRobin
class Mine(RoundRobin):
    answer = helper.ANSWER
"""


def answer(load: Load, text: str = MINE) -> object:
    return load(text).workload.scheduler.policy.answer  # type: ignore[attr-defined]


def test_a_file_beside_a_policy_can_be_imported(load: Load) -> None:
    Path("helper.py").write_text("ANSWER = 42\n")
    Path("mine.py").write_text(f"import helper\n{CLASS}")
    assert answer(load) == 42
    assert "helper" not in sys.modules and not Path("__pycache__").exists()


@pytest.mark.parametrize(
    "statement",
    ["from helper import ANSWER", "from helper import *", "import helper as ours"],
)
def test_in_each_form(load: Load, statement: str) -> None:
    Path("helper.py").write_text("ANSWER = 42\n")
    name = "ours.ANSWER" if "ours" in statement else "ANSWER"
    Path("mine.py").write_text(f"{statement}\n{CLASS.replace('helper.ANSWER', name)}")
    assert answer(load) == 42


def test_a_package_with_modules_that_import_each_other(load: Load) -> None:
    Path("helper").mkdir()
    Path("helper/__init__.py").write_text("from . import inner\nfrom helper.inner import ANSWER\n")
    Path("helper/inner.py").write_text("import beside\nANSWER = beside.ANSWER\n")
    Path("beside.py").write_text("ANSWER = 42\n")
    Path("mine.py").write_text(f"import helper.inner\n{CLASS}")
    assert answer(load) == 42


def test_an_import_inside_a_function_comes_later(load: Load) -> None:
    Path("helper.py").write_text("ANSWER = 42\n")
    Path("mine.py").write_text(
        "from kernel.scheduling import RoundRobin\nclass Mine(RoundRobin):\n"
        "    def answer(self):\n        import helper\n        return helper.ANSWER\n"
    )
    assert load(MINE).workload.scheduler.build().policy.answer() == 42  # type: ignore[attr-defined]


def test_two_folders_have_a_helper_each(load: Load) -> None:
    found = []
    for number in (1, 2):
        Path(f"{number}").mkdir()
        Path(f"{number}/helper.py").write_text(f"ANSWER = {number}\n")
        Path(f"{number}/mine.py").write_text(f"import helper\n{CLASS}")
        found.append(answer(load, MINE.replace("mine", f"{number}/mine")))
    assert found == [1, 2]


@pytest.mark.parametrize("name", ["random", "report", "colorsys"])
def test_a_file_called_like_a_module_of_python_or_ours_hides_nothing(load: Load, name: str) -> None:
    Path(f"{name}.py").write_text("raise ValueError('imported')\n")
    Path("mine.py").write_text(f"import {name} as helper\n{CLASS.replace('.ANSWER', '.__doc__')}")
    assert answer(load) != "imported"


def test_what_the_file_puts_on_the_path_is_gone_afterwards(load: Load) -> None:
    Path("helper.py").write_text("ANSWER = 42\n")
    before = list(sys.path)
    Path("mine.py").write_text(f"import sys\nsys.path.insert(0, '.')\nimport helper\n{CLASS}")
    assert answer(load) == 42 and sys.path == before


def test_a_helper_that_was_changed_is_read_again(load: Load) -> None:
    Path("mine.py").write_text(f"import helper\n{CLASS}")
    prints = []
    for number in (1, 2):
        Path("helper.py").write_text(f"ANSWER = {number}\n")
        assert answer(load) == number
        prints.append(fingerprint(load(MINE).workload.scheduler.policy))
    assert prints[0] != prints[1]


@pytest.mark.parametrize(
    ("helper", "says"),
    [
        ("def f():\n    return 1 / 0\nf()\n", "helper.py:2: ZeroDivisionError: division by zero"),
        ("a = = 2\n", "helper.py:1: SyntaxError: invalid syntax"),
        ("import nothing_like_it\n", "helper.py:1: ModuleNotFoundError: No module named"),
    ],
)
def test_what_fails_beside_names_file_and_line_there(helper: str, says: str, wrong: Wrong) -> None:
    Path("helper.py").write_text(helper)
    Path("mine.py").write_text(f"import helper\n{CLASS}")
    (line,) = wrong(MINE)
    assert f"scheduler.policy: {says}" in line


def test_a_module_that_is_nowhere_is_told_as_always(wrong: Wrong) -> None:
    Path("mine.py").write_text("import nothing_like_it\n")
    (line,) = wrong(MINE)
    assert "mine.py:1: ModuleNotFoundError: No module named 'nothing_like_it'" in line
