"""What the process table says of a process."""

from __future__ import annotations

import os

import pytest

from real.host import process_table

AFTER_THE_NAME = "S 2 0 0 0 -1 {flags} 0 0 0 0 0 5 0 0 20 0 1 0 20 0 0"


@pytest.mark.parametrize(("flags", "kernel"), [(69238880, True), (4194560, False)])
def test_a_thread_of_the_kernel_is_known_by_its_flag(
    flags: int, kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = AFTER_THE_NAME.format(flags=flags).split()
    monkeypatch.setattr(process_table, "_stat", lambda _pid: fields)
    assert process_table.is_kernel_thread(9) is kernel


def test_this_process_is_no_thread_of_the_kernel_and_neither_is_one_that_is_gone() -> None:
    assert not process_table.is_kernel_thread(os.getpid())
    assert not process_table.is_kernel_thread(2**30)
