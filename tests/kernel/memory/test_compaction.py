"""Compaction: when memory is compacted, who is moved, and for whom it is not done."""

from __future__ import annotations

import pytest

from kernel.hardware import Region
from kernel.memory import CompactingAdmission, VariablePartitions
from kernel.process.control_block import Process
from tests.kernel.hand import process


class Memory:
    """Programs come and go by number; `moved` says who was moved, and where to."""

    def __init__(self, *holes: int, rule: str = "fifo") -> None:
        self.moved: list[tuple[int, int]] = []
        self.place_of: dict[int, Region] = {}
        self.allocator = VariablePartitions(holes)
        self._line = CompactingAdmission(self.allocator, rule, self._note)

    def _note(self, who: Process, place: Region) -> None:
        self.moved.append((who.index, place.base))
        self.place_of[who.index] = place

    def come(self, *sizes: int) -> None:
        for size in sizes:
            number = len(self.place_of) + self.waiting
            region = self._line.request(process(number), size)
            if region is None:
                self.waiting += 1
            else:
                self.place_of[number] = region

    waiting = 0

    def go(self, *numbers: int) -> list[int]:
        """Who is admitted then."""
        for number in numbers:
            self._line.release(self.place_of[number])
        admitted = []
        for who, region in self._line.admit():
            self.place_of[who.index] = region
            admitted.append(who.index)
        return admitted


def test_memory_is_compacted_for_the_head_of_the_line() -> None:
    memory = Memory(100)
    memory.come(30, 30, 30, 45)
    assert memory.go(0) == []  # 30 and 10 are free, which is not enough
    assert memory.go(2) == [3] and memory.moved == [(1, 0)]  # 30 and 40
    assert memory.place_of[3] == (30, 45)


def test_all_programs_slide_down_in_the_order_of_their_addresses() -> None:
    memory = Memory(100)
    memory.come(20, 20, 20, 20, 20, 50)
    assert memory.go(0, 2, 4) == [5]
    assert memory.moved == [(1, 0), (3, 20)]
    assert memory.place_of[5] == (40, 50)
    assert memory.allocator.holes() == [(90, 10)]


def test_who_finds_a_place_makes_nobody_move() -> None:
    memory = Memory(100)
    memory.come(20, 20, 20, 20)
    memory.go(0, 2)
    memory.come(20, 20)
    assert memory.moved == []


def test_who_would_find_none_even_then_makes_nobody_move() -> None:
    memory = Memory(100)
    memory.come(20, 20, 20, 40, 41)
    assert memory.go(0, 2) == [] and memory.moved == []


def test_a_newcomer_with_nobody_ahead_makes_others_move() -> None:
    memory = Memory(100)
    memory.come(20, 60, 20)
    memory.go(0, 2)
    memory.come(40)
    assert memory.moved == [(1, 0)]
    assert memory.place_of[3] == (60, 40)


@pytest.mark.parametrize(("rule", "moved"), [("fifo", []), ("skip", [(1, 0)])])
def test_a_newcomer_behind_others_does_so_only_if_it_may_pass(
    rule: str, moved: list[tuple[int, int]]
) -> None:
    memory = Memory(100, rule=rule)
    memory.come(20, 60, 20, 90)
    memory.go(0, 2)
    memory.come(40)
    assert memory.moved == moved


def test_one_that_was_just_admitted_may_be_moved_for_the_next() -> None:
    memory = Memory(100, rule="skip")
    memory.come(10, 20, 40, 30, 35, 12)
    assert memory.go(0, 2) == [4, 5]  # 4 gets the larger hole; 10 and 5 are left of the two
    assert memory.moved == [(1, 0), (4, 20), (3, 55)]
    assert memory.place_of[5] == (85, 12)


def test_what_is_free_on_both_sides_of_reserved_memory_does_not_count_together() -> None:
    memory = Memory(40, 40)  # 8 bytes are reserved between them
    memory.come(20, 20, 40)
    memory.go(0)
    memory.go(2)
    memory.come(20, 20, 10)
    assert memory.moved == []
    assert not memory.allocator.could_hold(41)


def test_could_hold_what_the_best_stretch_has_in_all() -> None:
    memory = Memory(40, 60)
    memory.come(10, 10, 20, 20, 20, 20)
    memory.go(0, 2)
    memory.go(3, 5)
    holds = [size for size in range(1, 101) if memory.allocator.could_hold(size)]
    assert holds == [*range(1, 41)]


def test_a_program_that_was_moved_frees_its_new_place() -> None:
    memory = Memory(100)
    memory.come(20, 60, 20)
    memory.go(0, 2)
    memory.come(40)
    memory.go(1, 3)
    assert memory.allocator.holes() == [(0, 100)]
