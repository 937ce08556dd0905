"""Signals are requests; what runs at the end of a process depends on how it ends. In the model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.record.run import Run

PROGRAMS = (
    "programs:\n  long: {program: [{finally: cleaned}, {atexit: bye}, {cpu: 200ms}]}\n"
    "  sleeper: {program: [{finally: cleaned}, {io: 500ms}, {print: slept}]}\n"
    "  waits: {program: [{finally: cleaned}, {lock: L}, {print: has it}]}\n"
)


def run(
    load: Load, program: str, more: str = "", programs: str = PROGRAMS, python: Any = (3, 13)
) -> Run:
    """Run one process, P, of that program (a YAML list), under round robin of 20 ms."""
    head = f"scheduler: {{policy: rr, quantum: 20ms}}\n{programs}{more}"
    workload = load(f"{head}processes: [{{name: P, program: {program}}}]\n").workload
    assert workload.lifecycle is not None
    found = simulate(replace(workload, lifecycle=replace(workload.lifecycle, python=python)))
    assert check(found) == []
    return found


def said(found: Run, process: str = "P") -> list[tuple[str, Any]]:
    return [(row.name, row.value) for row in found.observations if row.process == process]


def prints(found: Run, process: str) -> list[Any]:
    return [value for name, value in said(found, process) if name == "prints"]


def ends(found: Run, process: str) -> tuple[int | None, int | None]:
    """Return its exit code, and when it ended, ms."""
    row = next(row for row in found.processes if row.name == process)
    return row.exitcode, row.completion_ns and row.completion_ns // ms(1)


@pytest.mark.parametrize(("kind", "code"), [("terminate", -15), ("kill", -9)])
def test_a_signal_acts_when_its_sender_has_made_its_calls(load: Load, kind: str, code: int) -> None:
    found = run(
        load,
        f"[{{start: {{program: long, name: c}}}}, {{cpu: 5ms}}, {{{kind}: c}}, {{observe: c}}, "
        "{active_children: true}, {close: c}, {cpu: 1ms}, {observe: c}]",
    )
    (_, before), children, close, (_, after) = said(found)
    assert (before["is_alive"], before["exitcode"]) == (True, None)
    assert children == ("active_children", ["c"])
    assert close[1].startswith("ValueError: Cannot close a process while it is still running.")
    assert (after["is_alive"], after["exitcode"]) == (False, code)
    assert ends(found, "c") == (code, 5)


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        (("terminate", "kill"), -15),
        (("kill", "terminate"), -9),
        (("terminate", "interrupt", "kill"), -15),
        (("interrupt", "terminate"), -15),
        (("interrupt", "terminate", "kill"), -9),  # SIGINT is pending, so SIGTERM is, too
    ],
)
def test_the_first_deadly_signal_counts(load: Load, kinds: tuple[str, ...], code: int) -> None:
    signals = ", ".join(f"{{{kind}: c}}" for kind in kinds)
    found = run(load, f"[{{start: {{program: long, name: c}}}}, {{cpu: 1ms}}, {signals}]")
    assert ends(found, "c")[0] == code
    assert prints(found, "c") == []


def test_a_killed_process_executes_neither_finally_nor_atexit(load: Load) -> None:
    found = run(load, "[{start: {program: long, name: c}}, {cpu: 1ms}, {kill: c}]")
    assert prints(found, "c") == []


def test_an_interrupted_process_executes_finally_and_atexit(load: Load) -> None:
    program = "[{start: {program: long, name: c}}, {io: 30ms}, {interrupt: c}]"
    found = run(load, program, "machine: {cores: 2}\n")
    assert said(found, "c") == [
        ("prints", "cleaned"),
        ("raise", "KeyboardInterrupt"),
        ("prints", "bye"),
    ]
    assert ends(found, "c") == (1, 30)


def test_io_is_interrupted_and_a_process_that_is_ready_raises_when_it_has_a_core(
    load: Load,
) -> None:
    found = run(
        load,
        "[{start: {program: sleeper, name: a}}, {start: {program: long, name: b}}, {cpu: 30ms}, "
        "{interrupt: a}, {interrupt: b}, {cpu: 10ms}]",
    )
    assert prints(found, "a") == ["cleaned"]
    assert ends(found, "a")[0] == ends(found, "b")[0] == 1
    assert ends(found, "b")[1] == ends(found, "a")[1]


def test_a_second_interrupt_before_the_first_is_raised_changes_nothing(load: Load) -> None:
    """Signals of one number do not queue. The device is busy until the I/O would have ended."""
    found = run(
        load,
        "[{start: {program: reads, name: a}}, {io: 10ms}, {interrupt: a}, {interrupt: a}, "
        "{io: {disk: 1ms}}]",
        "machine: {devices: {disk: {}}}\n",
        "programs: {reads: {program: [{finally: cleaned}, {io: {disk: 500ms}}]}}\n",
    )
    assert said(found, "a") == [("prints", "cleaned"), ("raise", "KeyboardInterrupt")]
    assert (ends(found, "a"), ends(found, "P")) == ((1, 10), (0, 501))


def test_a_call_is_interrupted_and_takes_nothing(load: Load) -> None:
    found = run(
        load,
        "[{lock: L}, {start: {program: waits, name: a}}, {start: {program: waits, name: b}}, "
        "{io: 10ms}, {interrupt: a}, {io: 10ms}, {unlock: L}]",
    )
    assert (prints(found, "a"), prints(found, "b")) == (["cleaned"], ["has it", "cleaned"])
    assert (ends(found, "a"), ends(found, "b")) == ((1, 10), (0, 20))


def test_a_process_interrupts_itself(load: Load) -> None:
    found = run(load, "[{finally: x}, {cpu: 5ms}, {interrupt: P}, {print: never}]")
    assert said(found) == [("prints", "x"), ("raise", "KeyboardInterrupt")]
    assert ends(found, "P") == (1, 5)


@pytest.mark.parametrize(
    ("python", "method", "expected"),
    [
        ((3, 12), "fork", ["f", "child"]),
        ((3, 13), "fork", ["f", "a", "child"]),
        ((3, 12), "spawn", ["f", "child", "a"]),
        ((3, 13), "spawn", ["f", "a", "child"]),
        ((3, 12), "forkserver", ["f", "child"]),
        ((3, 14), "forkserver", ["f", "a", "child"]),
    ],
)
def test_atexit_by_version_and_start_method(
    load: Load, python: tuple[int, int], method: str, expected: list[str]
) -> None:
    programs = "programs: {c: {program: [{cpu: 20ms}, {print: child}]}}\n"
    found = run(
        load,
        "[{finally: f}, {atexit: a}, {start: {program: c}}, {cpu: 1ms}]",
        f"start_method: {method}\n",
        programs,
        python,
    )
    order = [row.value for row in found.observations if row.name == "prints"]
    assert order == expected


@pytest.mark.parametrize(
    ("end", "code", "said_last"),
    [
        ("{exit: null}", 0, ("prints", "f")),
        ("{exit: 256}", 0, ("prints", "f")),
        ("{exit: -1}", 255, ("prints", "f")),
        ("{exit: true}", 1, ("prints", "f")),
        ("{exit: a text}", 1, ("stderr", "a text")),
        ("{raise: SystemExit}", 0, ("prints", "f")),
        ("{raise: KeyboardInterrupt}", 1, ("raise", "KeyboardInterrupt")),
        ("{raise: OSError}", 1, ("raise", "OSError")),
    ],
)
def test_exit_values(load: Load, end: str, code: int, said_last: tuple[str, str]) -> None:
    found = run(load, f"[{{finally: f}}, {end}]")
    assert (ends(found, "P")[0], said(found)[-1]) == (code, said_last)


def test_a_daemon_that_feeds_a_child_is_terminated_first(load: Load) -> None:
    programs = (
        "programs:\n  feeds: {program: [{io: 50ms}, {send: {queue: q, value: 1}}]}\n"
        "  eats: {program: [{receive: q}]}\n"
    )
    found = run(
        load,
        "[{start: {program: feeds, daemon: true}}, {start: {program: eats}}, {cpu: 1ms}]",
        programs=programs,
    )
    assert (ends(found, "feeds")[0], found.stuck) == (-15, ["P", "eats"])


def test_a_join_that_only_looks_keeps_its_core(load: Load) -> None:
    found = run(
        load,
        "[{start: {program: long}}, {cpu: 5ms}, {join: {process: long, timeout: 0}}, {cpu: 5ms}]",
    )
    rows = [(row.start, row.end) for row in found.intervals if row.core == 0 and row.process == 0]
    assert rows[0] == (0, ms(10))
