"""Memory steps as calls: what of a program is executed in a region, and how it ends there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel.lifecycle.memory_steps import KINDS, fate
from kernel.memory import FixedPartitions
from kernel.memory.queues import PartitionQueues
from kernel.process.calls import CALL, Call
from kernel.process.control_block import Process
from kernel.process.memory_steps import ALLOC, EXITCODES, FREE, TOUCH, MemoryStep, effects
from kernel.process.program import CPU, Program
from kernel.process.spec import ProcessSpec

END = Call("end")


def program(*calls: Call) -> Program:
    """5 ns of computing before each of them, and the end."""
    steps = [step for number in range(len(calls)) for step in ((CPU, 5), (CALL, number))]
    return Program.of([*steps, (CALL, len(calls))], (*calls, END))


def executed(given: Program) -> list[str]:
    """The kinds of its calls, in order."""
    return [
        given.calls[number].kind
        for place, number in zip(given.places, given.durations, strict=True)
        if place == CALL
    ]


def test_all_of_it_where_memory_is_large_enough() -> None:
    whole = program(Call("alloc", value=4), Call("print", value="x"), Call("touch", value=9))
    cut, found = fate(whole, 6, 10)
    assert cut == whole
    assert [(number, effect.event) for number, effect in found.items()] == [
        (0, "alloc"),
        (2, "touch"),
    ]


def test_nothing_behind_a_fault() -> None:
    cut, found = fate(program(Call("touch", value=10), Call("print", value="x")), 6, 10)
    assert (executed(cut), found[0].event) == (["touch"], "fault")


def test_an_exception_behind_what_is_refused() -> None:
    cut, _ = fate(program(Call("alloc", value=5), Call("print", value="x")), 6, 10)
    assert executed(cut) == ["alloc", "raise"]
    assert cut.calls[-1].value == "MemoryError"
    cut, _ = fate(program(Call("free", value=1)), 6, 10)
    assert cut.calls[-1].value == "ValueError"


@given(
    st.lists(st.tuples(st.sampled_from([ALLOC, FREE, TOUCH]), st.integers(1, 12)), max_size=8),
    st.integers(1, 10),
    st.integers(0, 10),
)
def test_acts_have_the_effects_that_marks_have(
    steps: list[tuple[int, int]], loaded: int, spare: int
) -> None:
    marks = [MemoryStep(number, 0, kind, amount) for number, (kind, amount) in enumerate(steps)]
    whole = program(*(Call(KINDS[kind], "", amount) for kind, amount in steps))
    cut, found = fate(whole, loaded, loaded + spare)
    wanted = list(effects(marks, loaded, loaded + spare))
    assert list(found.values()) == wanted
    ends = bool(wanted) and wanted[-1].event in EXITCODES
    assert (executed(cut)[-1] == "end") is not ends


def test_a_queues_partition_that_was_freed_and_taken_at_one_instant_is_not_given_twice() -> None:
    partitions = FixedPartitions([64], "first")
    line = PartitionQueues(partitions)
    a, b, c = (
        Process(ProcessSpec(index, name, 0, Program.of([(CPU, 1)]), 64))
        for index, name in enumerate("abc")
    )
    region = line.request(a, 64)
    assert region is not None
    line.release(region)
    assert line.request(b, 64) == region
    assert line.request(c, 64) is None
    assert list(line.admit()) == []
