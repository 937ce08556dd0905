"""Memory steps: where they stand in a program, and what becomes of them in a region."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.process.memory_steps import ALLOC, EXITCODES, FREE, TOUCH, MemoryStep, effects
from kernel.process.program import CPU, RELEASE, WAIT, Program

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from([CPU, WAIT]), st.integers(1, 9)),
        st.tuples(st.sampled_from([ALLOC, FREE]), st.integers(1, 6)),
        st.tuples(st.just(TOUCH), st.integers(0, 14)),
    ),
    min_size=1,
    max_size=12,
)
LOADED = st.integers(1, 8)
SPARE = st.integers(0, 6)


def of(*steps: tuple[int, int]) -> Program:
    return Program.of(steps)


def steps_of(program: Program) -> list[tuple[int, int]]:
    return list(zip(program.places, program.durations, strict=True))


def test_cpu_steps_on_both_sides_of_a_mark_are_one_burst() -> None:
    program = of((CPU, 3), (TOUCH, 8), (CPU, 4), (WAIT, 2))
    assert steps_of(program) == [(CPU, 7), (WAIT, 2)]
    assert program.memory_steps == (MemoryStep(0, 3, TOUCH, 8),)


def test_a_mark_belongs_to_the_burst_before_it_or_else_to_the_one_behind_it() -> None:
    program = of((WAIT, 2), (ALLOC, 1), (CPU, 3), (FREE, 1), (WAIT, 2))
    assert steps_of(program) == [(WAIT, 2), (CPU, 3), (WAIT, 2)]
    assert program.memory_steps == (MemoryStep(1, 0, ALLOC, 1), MemoryStep(1, 3, FREE, 1))


@pytest.mark.parametrize("around", [((WAIT, 2), (WAIT, 2)), ((WAIT, 2), (RELEASE, 0))])
def test_a_mark_without_a_burst_beside_it_gets_one_that_takes_no_time(
    around: tuple[tuple[int, int], tuple[int, int]],
) -> None:
    first, last = around
    program = of(first, (TOUCH, 0), (TOUCH, 1), last)
    assert steps_of(program) == [first, (CPU, 0), last]
    assert program.memory_steps == (MemoryStep(1, 0, TOUCH, 0), MemoryStep(1, 0, TOUCH, 1))
    assert steps_of(of((TOUCH, 0))) == [(CPU, 0)]
    assert steps_of(of((WAIT, 2), (TOUCH, 0))) == [(WAIT, 2), (CPU, 0)]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ((TOUCH, 0), 0),
        ((TOUCH, 9), 0),
        ((TOUCH, 10), -11),
        ((ALLOC, 4), 0),
        ((ALLOC, 5), 1),
        ((FREE, 1), 1),
    ],
)
def test_a_program_of_6_bytes_in_a_region_of_10(step: tuple[int, int], code: int) -> None:
    program, got = of((CPU, 3), step, (CPU, 4), (WAIT, 5)).fate(6, 10)
    assert got == code
    assert steps_of(program) == ([(CPU, 3)] if code else [(CPU, 7), (WAIT, 5)])


def test_it_may_free_what_it_has_allocated_and_no_more() -> None:
    held = [
        effect.event for effect in effects(of((ALLOC, 3), (FREE, 2), (FREE, 2)).memory_steps, 6, 10)
    ]
    assert held == ["alloc", "free", "misfreed"]


def test_a_program_may_end_before_its_burst_has_had_any_time() -> None:
    program, code = of((WAIT, 2), (TOUCH, 10), (CPU, 4)).fate(6, 10)
    assert (steps_of(program), code) == ([(WAIT, 2), (CPU, 0)], -11)


@given(steps=STEPS)
def test_marks_neither_take_time_nor_split_bursts(steps: list[tuple[int, int]]) -> None:
    program = Program.of(steps)
    waits = [step for step in steps if step[0] == WAIT]
    assert [step for step in steps_of(program) if step[0] == WAIT] == waits
    assert program.demand == sum(amount for place, amount in steps if place == CPU)
    assert all(
        a != CPU or b != CPU for a, b in zip(program.places, program.places[1:], strict=False)
    )
    asked = [step for step in steps if step[0] in (ALLOC, FREE, TOUCH)]
    assert [(mark.kind, mark.amount) for mark in program.memory_steps] == asked
    at = [(mark.step, mark.offset) for mark in program.memory_steps]
    assert at == sorted(at)
    for step, offset in at:
        assert program.places[step] == CPU and 0 <= offset <= program.durations[step]


@given(steps=STEPS, loaded=LOADED, spare=SPARE)
def test_a_program_never_holds_or_touches_a_byte_outside_its_region(
    steps: list[tuple[int, int]], loaded: int, spare: int
) -> None:
    limit, held = loaded + spare, set(range(loaded))
    program = Program.of(steps)
    done = list(effects(program.memory_steps, loaded, limit))
    for effect in done:
        concerned = set(range(effect.address, effect.address + effect.size))
        if effect.event == "alloc":
            assert not concerned & held and max(concerned) < limit
            held |= concerned
        elif effect.event == "free":
            assert concerned <= held and min(concerned) >= loaded
            held -= concerned
        elif effect.event == "touch":
            assert concerned <= set(range(limit))
        elif effect.event == "fault":
            assert not concerned & set(range(limit))
        else:
            kind, most = {
                "refused": (ALLOC, limit - len(held)),
                "misfreed": (FREE, len(held) - loaded),
            }[effect.event]
            assert effect.memory_step.kind == kind and effect.size > most
    assert all(effect.event not in EXITCODES for effect in done[:-1])
    ended = bool(done) and done[-1].event in EXITCODES
    assert ended or len(done) == len(program.memory_steps)


@given(steps=STEPS, loaded=LOADED, spare=SPARE)
def test_a_program_is_cut_at_its_first_failing_mark(
    steps: list[tuple[int, int]], loaded: int, spare: int
) -> None:
    program = Program.of(steps)
    cut, code = program.fate(loaded, loaded + spare)
    assert cut.fate(loaded, loaded + spare) == (cut, 0)
    if not code:
        assert cut is program
        return
    failed = program.memory_steps[len(cut.memory_steps)]
    whole = steps_of(program)
    assert steps_of(cut) == [*whole[: failed.step], (CPU, failed.offset)]
