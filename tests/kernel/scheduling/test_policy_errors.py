"""What goes wrong in a student's file is said with the file and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.errors import PolicyError, UsageError
from kernel.scheduling.policies.fcfs import FirstComeFirstServed
from kernel.scheduling.policy_errors import place, policy_errors_of
from language.policies.lookup import find
from tests.kernel.hand import Hand, PlainQueue


def complaint(folder: Path, body: str, extends: str = "Policy") -> str:
    """What a run of two processes under the class Mine says; its body begins in line 4."""
    start = f"from kernel.scheduling import LeastFirst, Policy\n\nclass Mine({extends}):\n"
    (folder / "mine.py").write_text(start + body, encoding="utf-8")
    kind = find("mine.py:Mine", folder)
    with pytest.raises(PolicyError) as error:  # noqa: PT012 - setup() may raise it, too
        hand = Hand(kind)
        with policy_errors_of(hand.system.dispatcher.policy_class):
            hand.arrive(0, 0, 1)
    return str(error.value).removeprefix(f"{folder}/")


def test_an_exception_is_blamed_on_its_line(tmp_path: Path) -> None:
    said = complaint(
        tmp_path,
        "    def ready(self, process, why):\n"
        "        pass\n"
        "    def pick(self, core):\n"
        "        return 1 / 0\n",
    )
    assert said == "mine.py:7: pick() raised ZeroDivisionError: division by zero"


def test_the_last_line_of_the_students_own_file_is_named(tmp_path: Path) -> None:
    said = complaint(
        tmp_path,
        "    def ready(self, process, why):\n"
        "        self.helper([])\n"
        "    def helper(self, ready):\n"
        "        return {}[len(ready)]\n",
    )
    assert said == "mine.py:7: helper() raised KeyError: 0"


def test_an_error_in_setup_is_blamed_too(tmp_path: Path) -> None:
    said = complaint(tmp_path, "    def setup(self):\n        self.queue.clear()\n")
    assert said == (
        "mine.py:5: setup() raised AttributeError: 'Mine' object has no attribute 'queue'"
    )


def test_an_error_in_the_constructor_is_blamed_too(tmp_path: Path) -> None:
    said = complaint(tmp_path, "    def __init__(self):\n        raise KeyError\n")
    assert said == "mine.py:5: __init__() raised KeyError"


def test_a_setup_that_forgets_the_one_it_extends_is_no_traceback(tmp_path: Path) -> None:
    body = "    def setup(self):\n        pass\n    def key(self, process):\n        return 0\n"
    said = complaint(tmp_path, body, extends="LeastFirst")
    assert "raised AttributeError: 'Mine' object has no attribute" in said


def test_a_complaint_is_one_line(tmp_path: Path) -> None:
    body = '    def ready(self, process, why):\n        raise RuntimeError("one\\ntwo")\n'
    assert complaint(tmp_path, body) == "mine.py:5: ready() raised RuntimeError: one two"


def test_an_endless_recursion_is_blamed_too(tmp_path: Path) -> None:
    body = "    def ready(self, process, why):\n        self.ready(process, why)\n"
    assert complaint(tmp_path, body).startswith("mine.py:5: ready() raised RecursionError")


def test_our_own_errors_pass_as_they_are() -> None:
    with pytest.raises(UsageError, match="as it is"), policy_errors_of(FirstComeFirstServed()):
        raise UsageError("as it is")


def test_what_no_policy_did_is_not_blamed_on_it() -> None:
    with pytest.raises(ZeroDivisionError), policy_errors_of(FirstComeFirstServed()):
        raise ZeroDivisionError


def test_a_class_can_be_blamed_before_there_is_an_object() -> None:
    said = r"hand\.py:\d+: pick\(\) raised AttributeError"
    with pytest.raises(PolicyError, match=said), policy_errors_of(PlainQueue):
        PlainQueue().pick(0)  # without setup


def test_of_two_classes_of_one_name_the_last_is_named(tmp_path: Path) -> None:
    one = "class Mine(Policy):\n    def pick(self, core):\n        return None\n"
    source = f"from kernel.scheduling import Policy\n{one}\n\n{one}"
    (tmp_path / "twice.py").write_text(source, encoding="utf-8")
    assert place(find("twice.py:Mine", tmp_path)) == f"{tmp_path}/twice.py:7"
