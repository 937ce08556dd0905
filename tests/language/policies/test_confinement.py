"""What an own policy prints is bounded, and what it changes of the command is put back and told."""

from __future__ import annotations

import builtins
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.errors import PolicyError
from language.policies.confinement import MOST_SAID, confined


def test_what_is_printed_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with confined("mine.py"):
        print("one")
        print("two", file=sys.stderr)
    assert capsys.readouterr() == ("", "one\ntwo\n")


def test_a_megabyte_is_printed_and_then_a_remark() -> None:
    stream = io.StringIO()
    with confined("mine.py", stream=stream):
        for _ in range(20):
            print("x" * (MOST_SAID // 10))
    text = stream.getvalue()
    assert len(text) < 1.01 * MOST_SAID
    assert text.endswith("mine.py printed more than 1 MB: the rest is left out\n")


def umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@pytest.mark.parametrize(
    ("change", "now", "what"),
    [
        (lambda: os.chdir("/"), Path.cwd, "the current folder"),
        (lambda: os.umask(0o777), umask, "the umask"),
        (
            lambda: signal.signal(signal.SIGUSR1, lambda *_: None),
            lambda: signal.getsignal(signal.SIGUSR1),
            "how signals are handled",
        ),
        (lambda: setattr(builtins, "len", id), lambda: len, "Python's builtins"),
        (lambda: os.environ.update(PATH=""), lambda: os.environ["PATH"], "the environment"),
        (lambda: sys.setrecursionlimit(5000), sys.getrecursionlimit, "the limit of recursion"),
        (lambda: setattr(sys, "stdout", None), lambda: sys.stdout, "sys.stdout or sys.stderr"),
    ],
)
def test_what_is_changed_is_told_and_put_back(
    change: Callable[[], object], now: Callable[[], object], what: str
) -> None:
    before = now()
    with pytest.raises(PolicyError) as error, confined("mine.py:Mine"):
        change()
    rule = "a policy only makes decisions; it must not change the command's process"
    assert str(error.value) == f"mine.py:Mine changed {what}: {rule}"
    assert now() == before


def test_a_thread_that_still_runs_is_told() -> None:
    over = threading.Event()
    with pytest.raises(PolicyError, match="changed the threads"), confined("mine.py"):
        threading.Thread(target=over.wait, daemon=True).start()
    over.set()


def test_a_thread_of_another_that_ends_meanwhile_is_no_change() -> None:
    over = threading.Event()
    other = threading.Thread(target=over.wait)
    other.start()
    with confined("mine.py"):
        over.set()
        other.join()


def test_a_policy_of_ours_is_not_looked_at() -> None:
    before = os.umask(0o022)
    try:
        with confined("rr", own=False):
            os.umask(0o027)
    finally:
        assert os.umask(before) == 0o027
