"""The sweep with any executor: the same rows, however chunks come back and workers die."""

from __future__ import annotations

import random
import threading
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.design.plan import Plan
from experiments.results.rows import Row, Rows
from experiments.running.bench import Bench, Done, Span
from experiments.running.cores import Cores
from experiments.running.died import Died
from experiments.running.executor import Local, first_done
from experiments.running.sweep import MOST_DEATHS, Sweep
from experiments.running.work import BUDGET, Chunk, Work
from kernel.errors import MultiprogError
from tests.experiments.scenarios import OVERLAP, planned, set_up

VALUES = {"scheduler.quantum": ["5ms", "20ms", "80ms"]}


class Made:
    """An executor whose rows are numbers, which answers in any order, and whose workers die."""

    def __init__(self, seed: int, slots: int = 3, deadly: Sequence[tuple[int, int]] = ()) -> None:
        self.slots, self._draws, self._deadly = slots, random.Random(seed), set(deadly)
        self._waiting: list[tuple[Future[Done], Sequence[Span]]] = []
        self._lock = threading.Lock()
        self._died: Counter[tuple[int, int]] = (
            Counter()
        )  # by chance, each replication twice at most
        self.dies = 0.1

    def submit(self, spans: Sequence[Span], _budget: float) -> Future[Done]:
        """Take the chunk. A thread answers it a little later, perhaps only a part of it."""
        future: Future[Done] = Future()
        self._waiting.append((future, spans))
        if len(self._waiting) == self.slots:
            self._answer_one()
        else:
            threading.Timer(0.0005, self._answer_one).start()
        return future

    def _answer_one(self) -> None:
        with self._lock:
            if self._waiting:
                self._answer(*self._waiting.pop(self._draws.randrange(len(self._waiting))))

    def _answer(self, future: Future[Done], spans: Sequence[Span]) -> None:
        each = [(span.point, span.first + at) for span in spans for at in range(span.many)]
        unlucky = self._draws.random() < self.dies and max(map(self._died.__getitem__, each)) < 2
        if self._deadly.intersection(each) or unlucky or self.dies == 1:
            self._died.update(each)
            future.set_exception(Died())
            return
        many = self._draws.randint(1, len(each))
        values = array("d", [value(*which) for which in each[:many]])
        future.set_result(Done(many, values.tobytes(), 0.01))

    def wait(self, futures: Iterable[Future[Done]]) -> Iterable[Future[Done]]:
        """Wait for one of the threads."""
        return first_done(futures)

    def close(self) -> None:
        """Nothing is open."""


def value(point: int, replication: int) -> float:
    """The only value of a replication."""
    return 100 + point + random.Random(point * 1000 + replication).random()


def swept(plan: Plan, executor: Any, rows: Rows | None = None) -> tuple[Sweep, list[Row]]:
    """The sweep after its end, and its rows."""
    rows = Rows(len(plan.points.rows), 1) if rows is None else rows
    sweep = Sweep(plan, rows, lambda *_: None, lambda *_: None)
    sweep.run(executor)
    return sweep, list(rows)


@given(st.integers(0, 10**6), st.integers(1, 5))
def test_the_rows_do_not_depend_on_order_and_deaths(seed: int, slots: int) -> None:
    plan = planned(VALUES, repeat=40, measure=["turnaround"])
    _, rows = swept(plan, Made(seed, slots))
    assert rows == [
        Row(point, number, 1, (value(point, number),))
        for point in range(3)
        for number in range(1, 41)
    ]


@given(st.integers(0, 10**6))
def test_how_often_a_point_is_replicated_does_not_depend_on_them_either(seed: int) -> None:
    plan = planned(VALUES, precision="0.1%", max=300, measure=["turnaround"])
    quiet = Made(1, 1)
    quiet.dies = 0
    usual = swept(plan, quiet)[1]
    assert swept(plan, Made(seed))[1] == usual
    assert 15 < len(usual) < 900


@given(st.integers(0, 10**6), st.integers(0, 120))
def test_a_sweep_goes_on_where_it_stopped(seed: int, there: int) -> None:
    plan = planned(VALUES, precision="0.1%", max=300, measure=["turnaround"])
    whole = swept(plan, Made(seed))[1]
    rows = Rows(3, 1)
    for row in whole[:there]:
        rows.put(row.point, row.replication, row.values)
    assert swept(plan, Made(seed + 1), rows)[1] == whole


def test_what_kills_three_workers_is_left_out_and_nothing_else() -> None:
    plan = planned(VALUES, repeat=40, measure=["turnaround"])
    executor = Made(1, 2, deadly=[(1, 17)])
    executor.dies = 0
    sweep, rows = swept(plan, executor)
    (chunk,) = sweep.outcome.left_out
    out = {(span.point, span.first + at) for span in chunk.spans for at in range(span.many)}
    assert (1, 17) in out
    assert len(rows) == 120 - len(out)
    assert sweep.outcome.deaths == 3


def test_a_point_is_replicated_further_though_one_replication_is_left_out() -> None:
    plan = planned(VALUES, precision="0.1%", max=300, measure=["turnaround"])
    executor = Made(1, 2, deadly=[(0, 3)])
    executor.dies = 0
    sweep, rows = swept(plan, executor)
    numbers = [row.replication for row in rows if row.point == 0]
    assert 3 not in numbers
    assert max(numbers) > 15
    assert sweep.not_precise == []


def test_workers_that_die_one_after_the_other_end_the_sweep() -> None:
    plan = planned(VALUES, repeat=40, measure=["turnaround"])
    executor = Made(1)
    executor.dies = 1.0
    with pytest.raises(MultiprogError, match=f"{MOST_DEATHS} workers died"):
        swept(plan, executor)


def test_a_point_that_does_not_become_precise_is_known() -> None:
    plan = planned(VALUES, precision="0.001%", max=20, measure=["turnaround"])
    sweep, rows = swept(plan, Made(1))
    assert sweep.not_precise == [0, 1, 2]
    assert len(rows) == 60


def test_chunks_are_of_about_a_second_and_shorter_towards_the_end() -> None:
    work = Work([Span(0, 1, 1000)])
    first, _ = work.next(2)
    work.measured(first.many, 0.01 * first.many)
    sizes = []
    while work:
        chunk, budget = work.next(2)
        assert budget == BUDGET
        sizes.append(chunk.many)
    assert max(sizes) == 150  # at most half as long again: the worker ends it after a second
    assert sizes == sorted(sizes, reverse=True)
    assert 5 <= sizes[-2] < 10  # a chunk of less than a twentieth of a second is not worth it
    assert first.many + sum(sizes) == 1000


def test_the_halves_of_a_chunk_are_the_chunk() -> None:
    chunk = Chunk((Span(0, 1, 3), Span(1, 5, 4)), strikes=1)
    first, second = chunk.halves()
    assert (first.spans, second.spans) == ((Span(0, 1, 3),), (Span(1, 5, 4),))
    assert chunk.after(4).spans == (Span(1, 6, 3),)


def test_two_workers_give_the_rows_of_one() -> None:
    plan = planned(VALUES, repeat=6, measure=["turnaround", "switches", "utilization"])
    setup = set_up(OVERLAP, plan)
    local, cores = Rows(3, 3), Rows(3, 3)
    Sweep(plan, local, lambda *_: None, lambda *_: None).run(Local(Bench(setup)))
    executor = Cores(setup, 2)
    try:
        Sweep(plan, cores, lambda *_: None, lambda *_: None).run(executor)
    finally:
        executor.close()
    assert list(cores) == list(local)
    assert len(list(local)) == 18
