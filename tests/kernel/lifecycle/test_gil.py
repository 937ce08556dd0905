"""The interpreter lock: CPython's rules, and that no thread is lost whatever happens."""

from __future__ import annotations

import heapq

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kernel.errors import InvariantError
from kernel.lifecycle.gil import SWITCH_INTERVAL, InterpreterLock
from tests.effort import cases


def test_the_lock_is_the_first_ones() -> None:
    lock = InterpreterLock()
    assert [lock.take(1), lock.take(2), lock.holder] == [True, False, 1]


def test_an_interval_without_a_switch_asks_the_holder_to_drop_it() -> None:
    lock = InterpreterLock()
    lock.take(1)
    lock.take(2)
    assert lock.interval_is_over(2)
    assert lock.requested


def test_an_interval_in_which_another_got_it_asks_nobody() -> None:
    lock = InterpreterLock()
    for who in (1, 2, 3):
        lock.take(who)
    assert lock.interval_is_over(2) and lock.interval_is_over(3)
    assert lock.drop(1, forced=True) == 2
    assert lock.take(2)
    assert not lock.interval_is_over(3)
    assert not lock.requested
    assert lock.interval_is_over(3)


def test_who_dropped_it_at_a_request_waits_until_another_has_it() -> None:
    lock = InterpreterLock()
    lock.take(1)
    lock.take(2)
    lock.interval_is_over(2)
    assert lock.drop(1, forced=True) == 2
    assert lock.waiting == ()
    lock.take(2)
    parted = lock.rejoin()
    assert (parted, list(lock.waiting), lock.requested) == (1, [1], False)


def test_who_is_told_does_not_have_it_yet() -> None:
    lock = InterpreterLock()
    lock.take(1)
    lock.take(2)
    assert lock.drop(1, forced=False) == 2
    assert lock.take(3)
    assert not lock.take(2)
    assert (lock.holder, lock.waiting) == (3, (2,))


def test_only_the_holder_drops_it() -> None:
    lock = InterpreterLock()
    lock.take(1)
    with pytest.raises(InvariantError):
        lock.drop(2, forced=False)


def test_nobody_waits_twice() -> None:
    lock = InterpreterLock()
    lock.take(1)
    lock.take(2)
    with pytest.raises(InvariantError):
        lock.take(2)


class AnyOrder(RuleBasedStateMachine):
    """Five threads that do what they may, in any order. The sets are what the test expects."""

    THREADS = range(5)

    def __init__(self) -> None:
        super().__init__()
        self.lock = InterpreterLock()
        self.away = set(self.THREADS)  # in I/O, or computing nothing
        self.eager: set[int] = set()  # told, or come: on their way to take it
        self.line: set[int] = set()
        self.parted: int | None = None

    @precondition(lambda self: self.away | self.eager)
    @rule(data=st.data())
    def takes(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.away | self.eager)))
        free = self.lock.holder is None
        assert self.lock.take(who) is free
        self.away.discard(who)
        self.eager.discard(who)
        if not free:
            self.line.add(who)
            return
        assert self.lock.rejoin() == self.parted
        if self.parted is not None:
            self.line.add(self.parted)
            self.parted = None

    @precondition(lambda self: self.line)
    @rule(data=st.data())
    def interval_is_over(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.line)))
        if self.lock.holder is None:
            self.lock.leave(who)
            self.line.remove(who)
            self.eager.add(who)
        else:
            self.lock.interval_is_over(who)

    @precondition(lambda self: self.lock.holder is not None)
    @rule()
    def drops(self) -> None:
        holder, forced = self.lock.holder, self.lock.requested
        assert holder is not None
        told = self.lock.drop(holder, forced=forced)
        assert (told is None) is (not self.line)
        if told is not None:
            self.line.remove(told)
            self.eager.add(told)
        if forced:
            self.parted = holder
        else:
            self.away.add(holder)

    @invariant()
    def everybody_is_somewhere_once(self) -> None:
        parted = [] if self.parted is None else [self.parted]
        holder = [] if self.lock.holder is None else [self.lock.holder]
        assert set(self.lock.waiting) == self.line
        places = [*self.away, *self.eager, *self.lock.waiting, *parted, *holder]
        assert sorted(places) == list(self.THREADS)

    @invariant()
    def a_free_lock_has_somebody_coming(self) -> None:
        if self.lock.holder is None and (self.line or self.parted is not None):
            assert self.eager

    @invariant()
    def only_a_held_lock_is_asked_for(self) -> None:
        if self.lock.requested and self.lock.holder is not None:
            assert self.line


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=cases(200), stateful_step_count=40, deadline=None)


def alternate(demands: list[int]) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Threads that only compute, each with a core of its own: ends, and (who, start, end) ns.

    Driven by hand: the only events are ends of intervals and of programs.
    """
    lock, left, now = InterpreterLock(), list(demands), 0
    ends, ran, since = [0] * len(demands), [], 0
    intervals: list[tuple[int, int, int]] = []  # when, a number, whose
    number = 0

    def begin(who: int) -> None:
        nonlocal number
        number += 1
        begun[who] = number
        heapq.heappush(intervals, (now + SWITCH_INTERVAL, number, who))

    def hand_on(told: int | None) -> None:
        nonlocal since
        if told is None:
            return
        begun.pop(told)
        assert lock.take(told)
        since = now
        parted = lock.rejoin()
        if parted is not None:
            begin(parted)

    begun: dict[int, int] = {}
    for who in range(len(demands)):
        if not lock.take(who):
            begin(who)
    while lock.holder is not None:
        holder = lock.holder
        end = since + left[holder]
        if intervals and intervals[0][0] < end:
            now, which, who = heapq.heappop(intervals)
            if begun.get(who) != which:
                continue
            asks = lock.interval_is_over(who)
            begin(who)
            if not asks:
                continue
        else:
            now = end
        ran.append((holder, since, now))
        left[holder] -= now - since
        if left[holder]:
            hand_on(lock.drop(holder, forced=True))
        else:
            ends[holder] = now
            hand_on(lock.drop(holder, forced=False))
    return ends, ran


@given(st.lists(st.integers(1, 60_000_000), min_size=1, max_size=6))
def test_threads_that_compute_take_as_long_as_one_after_the_other(demands: list[int]) -> None:
    ends, ran = alternate(demands)
    assert max(ends) == sum(demands)
    assert sum(end - start for _, start, end in ran) == sum(demands)
    assert [start for _, start, _ in ran] == [0, *(end for _, _, end in ran[:-1])]


@given(st.lists(st.integers(1, 60_000_000), min_size=2, max_size=6))
def test_nobody_has_it_for_longer_than_two_intervals_while_others_wait(demands: list[int]) -> None:
    ends, ran = alternate(demands)
    for who, start, end in ran:
        others = [at for other, at in enumerate(ends) if other != who]
        assert end - start <= 2 * SWITCH_INTERVAL or start >= max(others)
