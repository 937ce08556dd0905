"""Samples of /proc become bursts, waits and messages."""

from __future__ import annotations

from language.convert.imports.layout import text_of
from language.convert.imports.traces.from_trace import draft_of_threads
from language.convert.imports.traces.samples import SampledThreads

MS = 1_000_000


def _entries(*samples: tuple[int, int, int, str, int, int]) -> list[str]:
    """(ms, task, parent, state, CPU time in ms, ready in ms): the lines of the entries."""
    found = SampledThreads(0, frozenset([1]), 1)
    for at, task, parent, state, run, ready in samples:
        found.add(at * MS, task, parent, f"t{task}", state, run * MS, ready * MS, 120)
    text = text_of(draft_of_threads(found.finish(), "x", numbered=True))
    return text.partition("processes:\n")[2].rstrip("\n").split("\n")


def test_time_that_was_neither_run_nor_ready_is_a_wait() -> None:
    assert _entries((10, 1, 0, "S", 10, 0), (30, 1, 0, "S", 10, 0), (40, 1, 0, "R", 20, 0),
                    (60, 1, 0, "X", 30, 10)) == [
        "  - {name: t1, program: [{cpu: 10ms}, {io: 20ms}, {cpu: 20ms}]}"
    ]  # fmt: skip


def test_the_cpu_time_of_a_running_thread_may_be_a_tick_late() -> None:
    assert _entries((4, 1, 0, "R", 4, 0), (6, 1, 0, "R", 4, 0), (8, 1, 0, "R", 8, 0),
                    (10, 1, 0, "X", 10, 0)) == ["  - {name: t1, cpu: 10ms}"]  # fmt: skip


def test_a_parent_waits_for_its_child_by_a_message() -> None:
    assert _entries((2, 1, 0, "R", 2, 0), (4, 2, 1, "R", 1, 0), (6, 1, 0, "S", 3, 0),
                    (20, 1, 0, "S", 3, 0), (20, 2, 1, "X", 16, 0), (24, 1, 0, "R", 6, 0),
                    (25, 1, 0, "X", 7, 0)) == [
        "  - name: t1",
        "    program: [{cpu: 2ms}, {send: {queue: t2, value: 1}}, {cpu: 1ms}, {receive: t1}, "
        "{cpu: 4ms}]",
        "  - {name: t2, program: [{receive: t2}, {cpu: 16ms}, {send: {queue: t1, value: 1}}]}",
    ]  # fmt: skip
