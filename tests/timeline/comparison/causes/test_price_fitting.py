"""What dispatches took in a record, and the price that is made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kernel.dispatch_price import USUAL, Circumstances, DispatchKind, Price
from kernel.hardware import Costs
from kernel.units import ms, us
from language import load
from sim import simulate
from tests.timeline.gantt import gantt
from timeline.comparison.causes.dispatched import dispatched, price_of
from timeline.comparison.causes.price_fitting import factor, fitted, overshoot_ppm
from timeline.record.run import REAL, Overhead, Run
from timeline.record.sorted_run import SortedRun

COLD = DispatchKind(True, 0, 0, 0, mean_ns=us(100), p50_ns=us(100))
HOT = DispatchKind(False, 0, 0, 0, mean_ns=us(20), p50_ns=us(20))
LONG_AWAY = DispatchKind(False, ms(50), 0, 0, mean_ns=us(70), p50_ns=us(70))
PRICE = Price((COLD, HOT, LONG_AWAY))

TURNS = """
scheduler: {policy: rr, quantum: 5ms}
processes:
  - {name: A, cpu: 60ms}
  - {name: B, cpu: 60ms}
  - {name: C, program: [{cpu: 5ms}, {io: 70ms}, {cpu: 5ms}]}
"""


def as_if_real(tmp_path: Path, price: Price, text: str = TURNS) -> Run:
    """A record in which every dispatch took what the price says."""
    file = tmp_path / "s.yaml"
    file.write_text(text)
    run = simulate(replace(load(file).workload, costs=Costs(in_virtual_time=True, price=price)))
    return replace(
        run,
        backend=REAL,
        overheads=[row._replace(why="switch") for row in run.overheads],
        machine={**run.machine, "dispatch": {}},
    )
    return run


# -- the table -----------------------------------------------------------------------------------


def test_the_last_kind_that_covers_a_dispatch_is_meant() -> None:
    assert PRICE.middle(Circumstances(True, 0, 0, 0)) == us(100)
    assert PRICE.middle(Circumstances(False, ms(49), 0, ms(9))) == us(20)
    assert PRICE.middle(Circumstances(False, ms(50), 0, 0)) == us(70)


def test_kinds_of_the_supervisors_core_are_for_that_core_only() -> None:
    price = Price((COLD, HOT, DispatchKind(False, 0, 0, 0, home=True, p50_ns=us(300))))
    assert price.middle(Circumstances(False, 0, 0, 0)) == us(20)
    assert price.middle(Circumstances(False, 0, 0, 0, home=True)) == us(300)


def test_a_program_that_loads_takes_longer_by_its_size() -> None:
    price = replace(PRICE, loading_ns=us(1000), loading_per_mib_ns=us(50))
    assert price.middle(Circumstances(True, 0, 0, 0, loads=4 * 2**20)) == us(1300)


def test_what_is_charged_is_less_what_the_process_did_out_of_sight() -> None:
    price = replace(PRICE, hidden_ns=us(15))
    assert price.charge(Circumstances(False, 0, 0, 0)) == us(20)
    assert price.charge(Circumstances(False, 0, 0, 0, resumed=True)) == us(5)
    assert replace(price, hidden_ns=us(30)).charge(Circumstances(False, 0, 0, 0, resumed=True)) == 0


def test_on_a_quicker_machine_only_the_most_stays() -> None:
    measured = DispatchKind(True, 0, 0, 0, p50_ns=us(100), p99_ns=us(900))
    quick = Price((measured, HOT)).times(0.5).kinds[0]
    assert (quick.p50_ns, quick.p99_ns) == (us(50), us(900))


@pytest.mark.parametrize("price", [PRICE, *USUAL.values()])
def test_what_is_written_can_be_read(price: Price) -> None:
    assert Price.from_json(json.loads(json.dumps(price.to_json()))) == price


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda _: [], "must have kinds"),
        (lambda written: {**written, "kinds": 3}, "must have kinds"),
        (lambda written: {**written, "kinds": []}, "not every dispatch has a kind"),
        (lambda written: {**written, "kinds": [{"first": True}]}, "these must be there"),
        (lambda written: {**written, "kinds": written["kinds"] * 40}, "at most 100 kinds"),
        (lambda written: {**written, "hidden_ns": -1}, "hidden_ns must be a whole number"),
        (lambda written: {**written, "hidden_ns": True}, "hidden_ns must be a whole number"),
        (lambda written: {**written, "shared": 1}, "shared must be"),
        (lambda written: {**written, "more": 1}, "these must be there"),
    ],
)
def test_what_is_no_price_is_told(change: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Price.from_json(change(PRICE.to_json()))


# -- the dispatches of a record ------------------------------------------------------------------


def test_each_dispatch_has_its_circumstances() -> None:
    run = gantt(
        """
        A 000---00
        B ...000
        """
    )
    found = [(run.process_names[d.process], d.circumstances) for d in dispatched(SortedRun(run))]
    assert found == [
        ("A", Circumstances(True, 0, 0, 0)),
        ("B", Circumstances(True, 0, 0, ms(3))),
        ("A", Circumstances(False, ms(3), 0, ms(3))),
    ]


def test_an_idle_core_and_a_resumed_burst_are_told_apart() -> None:
    run = gantt(
        """
        A 00..00
        B   00
        C         0
        """
    )
    last = {run.process_names[d.process]: d.circumstances for d in dispatched(SortedRun(run))}
    assert last["A"] == Circumstances(False, ms(2), 0, ms(2), resumed=True)
    assert last["C"] == Circumstances(True, 0, ms(2), ms(2))


def test_a_simulated_run_has_no_dead_times() -> None:
    assert [d.dead_ns for d in dispatched(SortedRun(gantt("A 00")))] == [None]


def test_the_dead_time_is_from_when_all_had_happened() -> None:
    """B was ready at 0 and the core free at 3 ms, but it could be decided at 4 ms only."""
    run = gantt(
        """
        A 000
        B .....00
        """,
        backend=REAL,
        overheads=[Overhead(0, ms(4), ms(5), "switch")],
    )
    assert [d.dead_ns for d in dispatched(SortedRun(run))] == [0, ms(1)]


def test_a_slice_that_was_cut_short_on_purpose_was_free_from_then_on() -> None:
    run = gantt(
        """
        A 000
        B .....00
        """,
        backend=REAL,
        machine={"dispatch": {"early_ns": ms(1)}},
        overheads=[Overhead(0, ms(4), ms(5), "switch")],
    )
    assert [d.dead_ns for d in dispatched(SortedRun(run))] == [0, ms(2)]


# -- from records to a price ---------------------------------------------------------------------


def test_the_price_of_charged_runs_is_what_they_were_charged(tmp_path: Path) -> None:
    sorted_runs = [SortedRun(as_if_real(tmp_path, PRICE)) for _ in range(8)]
    found = fitted(sorted_runs)
    for circumstances in (
        Circumstances(True, 0, 0, 0),
        Circumstances(False, ms(10), 0, ms(5)),
        Circumstances(False, ms(70), 0, ms(5)),
    ):
        assert found.charge(circumstances) == PRICE.charge(circumstances)
    assert found.hidden_ns == found.overshoot_ppm == found.beside_ns == 0


def test_rare_circumstances_count_among_more_common_ones(tmp_path: Path) -> None:
    """One run has only one dispatch after a long time away."""
    found = fitted([SortedRun(as_if_real(tmp_path, PRICE))])
    assert not any(kind.from_away_ns for kind in found.kinds)


def test_a_machine_that_needs_twice_as_long_is_told(tmp_path: Path) -> None:
    assert factor(PRICE, [SortedRun(as_if_real(tmp_path, PRICE))]) == 1
    slow = factor(PRICE, [SortedRun(as_if_real(tmp_path, PRICE.times(2)))])
    assert 1.4 < slow < 2  # a constant is added to both, as ratios of short times mean nothing


def test_long_interruptions_are_no_price() -> None:
    run = gantt(
        """
        A 0000000000000000000000000000000
        B                               000000000000000xxxxx000000000000000
        C                                                                  000000000000000000000000
        """,
        backend=REAL,
    )
    assert overshoot_ppm([SortedRun(run)]) == 0


def test_loading_is_told_from_the_size(tmp_path: Path) -> None:
    text = """
        machine: {memory: 8MiB}
        memory: {scheme: fixed, partitions: [8MiB]}
        processes:
          - {name: A, memory: 1MiB, cpu: 5ms}
          - {name: B, memory: 8MiB, cpu: 5ms}
          - {name: C, memory: 1MiB, cpu: 5ms}
    """
    price = replace(PRICE, loading_ns=us(900), loading_per_mib_ns=us(30))
    found = fitted(
        [SortedRun(as_if_real(tmp_path, price, text)), SortedRun(as_if_real(tmp_path, PRICE))]
    )
    assert (found.loading_ns, found.loading_per_mib_ns) == (us(900), us(30))


def test_only_real_runs_carry_a_price(tmp_path: Path) -> None:
    run = as_if_real(tmp_path, PRICE)
    assert price_of(run) == PRICE
    run = replace(run, backend="simulated")
    assert price_of(run) is None
    assert price_of(gantt("A 00", backend=REAL)) is None
