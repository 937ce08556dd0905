"""What the rules say that a call raises, held against what CPython itself raises here."""

from __future__ import annotations

import multiprocessing
import os
import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from kernel.lifecycle.calls.pickling import not_picklable
from kernel.lifecycle.process_tree import ProcessTree
from kernel.lifecycle.semantics import Semantics
from kernel.process.calls import Call, LifecycleRules

FORK = multiprocessing.get_context("fork")
FORKSERVER = multiprocessing.get_context("forkserver")


class Nowhere:
    """A host on which nothing happens: only what is said is kept."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def says(self, caller: int, name: str, value: Any) -> None:
        self.said.append(value)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *_args: None


def by_the_rules(*calls: Call, caller: int = 0, daemon: bool = False, method: str = "fork") -> str:
    """What the last of these calls raises."""
    host = Nowhere()
    process_tree = ProcessTree(["P", "c"], lambda *_event: None)
    semantics = Semantics(process_tree, LifecycleRules(start_method=method), host, {"P": 0, "c": 1})
    semantics.declare(0, {"c": 1, "d": -1})
    process_tree.arrive(0, {})
    process_tree.members[0].daemon = daemon
    for call in calls[:-1]:
        semantics.call(0, call)
    semantics.call(caller, calls[-1])
    return str(host.said[-1])


def by_cpython(call: Callable[[], object]) -> str:
    """What that raises."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is what is asked
        call()
    return f"{type(caught.value).__name__}: {caught.value}"


def in_a_child(call: Callable[[], object], *, daemon: bool = False) -> str:
    """What that raises in a child process."""
    mine, its = FORK.Pipe()
    child = FORK.Process(target=lambda: its.send(by_cpython(call)), daemon=daemon)
    child.start()
    told: str = mine.recv()
    child.join()
    return told


def sleeper() -> Any:
    return FORK.Process(target=time.sleep, args=(30,))


@pytest.fixture
def started() -> Any:
    process = sleeper()
    process.start()
    yield process
    process.kill()
    process.join()


START = Call("start", "c", child=1)


def test_join_before_start() -> None:
    assert by_the_rules(Call("join", "c")) == by_cpython(sleeper().join)


def test_starting_twice(started: Any) -> None:
    assert by_the_rules(START, Call("restart", "c")) == by_cpython(started.start)


def test_joining_after_run() -> None:
    process = FORK.Process(target=int)
    process.run()
    assert by_the_rules(Call("call", "d"), Call("join", "d")) == by_cpython(process.join)


def test_terminating_before_start() -> None:
    assert by_the_rules(Call("terminate", "c")) == by_cpython(sleeper().terminate)
    assert by_the_rules(Call("kill", "c")) == by_cpython(sleeper().kill)


def test_daemon_after_start(started: Any) -> None:
    def assign() -> None:
        started.daemon = True

    assert by_the_rules(START, Call("daemon", "c", value=True)) == by_cpython(assign)


def test_daemon_after_close_raises_nothing() -> None:
    process = FORK.Process(target=int)
    process.start()
    process.join()
    process.close()
    process.daemon = True

    host = Nowhere()
    process_tree = ProcessTree(["P", "c"], lambda *_event: None)
    semantics = Semantics(process_tree, LifecycleRules(), host, {"P": 0, "c": 1})
    process_tree.arrive(0, {})
    semantics.call(0, START)
    process_tree.end(1, 0)
    semantics.call(0, Call("close", "c"))
    semantics.call(0, Call("daemon", "c", value=True))
    assert host.said == []


def test_a_daemon_that_starts_a_child() -> None:
    told = in_a_child(lambda: sleeper().start(), daemon=True)
    assert by_the_rules(START, daemon=True) == told


@pytest.mark.parametrize("kind", ["lambda", "local"])
def test_a_target_that_no_module_has(kind: str) -> None:
    def c() -> None:
        pass

    process = FORKSERVER.Process(target=c if kind == "local" else lambda: None)
    told = re.sub(" at 0x[0-9a-f]+", "", by_cpython(process.start))
    start = Call("start", "c", child=1, options={"target": (kind, "c")})
    expected = told.replace("test_a_target_that_no_module_has", "P")
    assert by_the_rules(start, method="forkserver") == expected
    assert by_the_rules(start, Call("restart", "c"), method="spawn") == expected


@pytest.mark.parametrize(
    ("python", "expected"),
    [
        ((3, 12), "AttributeError: Can't pickle local object 'f.<locals>.g'"),
        ((3, 13), "AttributeError: Can't get local object 'f.<locals>.g'"),
        ((3, 14), "PicklingError: Can't pickle local object <function f.<locals>.g>"),
    ],
)
def test_the_words_of_pickle_are_those_of_the_version(
    python: tuple[int, int], expected: str
) -> None:
    assert not_picklable(python, "f", "g") == expected


def test_a_group() -> None:
    call = Call("start", "c", child=1, options={"group": 1})
    assert by_the_rules(call) == by_cpython(lambda: FORK.Process(group=1))  # type: ignore[arg-type]


def test_the_comma_that_is_missing() -> None:
    call = Call("start", "c", child=1, options={"args": 1})
    assert by_the_rules(call) == by_cpython(lambda: FORK.Process(args=1))  # type: ignore[arg-type]


def test_joining_somebody_elses_child(started: Any) -> None:
    assert by_the_rules(START, Call("join", "c"), caller=1) == in_a_child(started.join)


def test_starting_somebody_elses_process() -> None:
    process = sleeper()
    assert by_the_rules(START, Call("restart", "c"), caller=1) == in_a_child(process.start)


def test_closing_one_that_runs(started: Any) -> None:
    assert by_the_rules(START, Call("close", "c")) == by_cpython(started.close)


def test_using_one_that_is_closed() -> None:
    process = sleeper()
    process.close()
    for kind in ("join", "terminate", "observe"):
        expected = by_cpython(process.is_alive if kind == "observe" else getattr(process, kind))
        assert by_the_rules(Call("close", "c"), Call(kind, "c")) == expected


def test_releasing_a_lock_that_nobody_has() -> None:
    assert by_the_rules(Call("unlock", "L")) == by_cpython(FORK.Lock().release)


def test_signalling_a_number_that_nobody_has() -> None:
    process = FORK.Process(target=int)
    process.start()
    process.join()
    expected = by_cpython(lambda: os.kill(process.pid or 0, 15))
    process_tree = ProcessTree(["P", "Q"], lambda *_event: None)
    host = Nowhere()
    semantics = Semantics(process_tree, LifecycleRules(), host, {"P": 0, "Q": 1})
    semantics.call(0, Call("terminate", "Q"))
    assert host.said == [expected]
