"""Measures of runs whose numbers can be worked out by hand, whole and through a window."""

from __future__ import annotations

import random

import pytest

from experiments.measures.names import METRICS, measure_of, measures_of
from experiments.measures.values import Number, value_of
from experiments.measures.warm_up import FEWEST, Windows, mser, warmup_of
from experiments.measures.window import Window
from kernel.errors import UsageError
from kernel.units import ms
from sim import simulate
from tests.language.conftest import Load, load
from timeline.record.latencies import latencies, over_all
from timeline.record.run import Run

__all__ = ["load"]

# core: A 0-30, B 30-50, A 60-70 (its I/O from 30 to 60); B's I/O at the disk 50-90, B 90-100
TWO = """
machine: {devices: {disk: {}}}
scheduler: {policy: fcfs}
processes:
  - {name: A, program: [{cpu: 30ms}, {io: 30ms}, {cpu: 10ms}]}
  - {name: B, arrival: 10ms, program: [{cpu: 20ms}, {io: {disk: 40ms}}, {cpu: 10ms}]}
"""


@pytest.fixture
def two(load: Load) -> Run:
    """The run of TWO."""
    return simulate(load(TWO).workload)


def of(run: Run, name: str, begin: int = 0, until: int | None = None) -> Number:
    """The value of a measure between two times, in ms."""
    window = Window.of(run, ms(begin), None if until is None else ms(until))
    return value_of(measure_of(name), window)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("turnaround", ms(80)),  # A 70, B 90
        ("turnaround.max", ms(90)),
        ("turnaround.p50", ms(70)),
        ("turnaround of B", ms(90)),
        ("response", ms(10)),  # A 0, B 20
        ("waiting", ms(10)),
        ("blocked of B", ms(40)),
        ("cpu.total", ms(70)),
        ("slices", 4),
        ("switches", 3),
        ("makespan", ms(100)),
        ("utilization", 0.7),
        ("utilization of cpu", 0.7),
        ("utilization of core 0", 0.7),
        ("utilization of disk", 0.4),
        ("busy", 0.7),
        ("throughput", 20.0),
        ("share of A", 40 / 70),
        ("wakeup", 0),
        ("overhead", 0.0),
        ("missed", 0),
        ("missrate", None),
        ("internal", None),
    ],
)
def test_a_measure_of_the_whole_run(two: Run, name: str, value: Number) -> None:
    assert of(two, name) == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "begin", "until", "value"),
    [
        ("utilization", 40, 80, 0.5),  # B 40-50, A 60-70
        ("utilization of disk", 40, 80, 0.75),
        ("busy", 20, 60, 0.75),
        ("share of A", 40, 80, 0.5),
        ("turnaround", 5, 100, ms(90)),  # of B alone, which arrives in the window
        ("throughput", 60, 100, 25.0),  # A at 70; the window leaves its end out
        ("switches", 40, 100, 2),
        ("wakeup.max", 40, 100, 0),
        ("turnaround", 50, 100, None),
    ],
)
def test_a_measure_through_a_window(
    two: Run, name: str, begin: int, until: int, value: Number
) -> None:
    assert of(two, name, begin, until) == pytest.approx(value)


def test_every_metric_has_a_value_or_none(two: Run) -> None:
    for metric in METRICS:
        name = f"{metric} of A" if metric == "share" else metric
        value = of(two, name)
        assert value is None or value >= 0


def test_an_entry_with_a_count_is_a_part(load: Load) -> None:
    run = simulate(
        load("processes: [{name: P, count: 3, cpu: 10ms}, {name: Q, cpu: 5ms}]").workload
    )
    assert of(run, "turnaround of P") == ms(20)  # 10, 20, 30
    assert of(run, "turnaround of P-3") == ms(30)


def test_several_cores_busy_at_once_count_once(load: Load) -> None:
    text = "machine: {cores: 2}\nprocesses: [{name: A, cpu: 10ms}, {name: B, cpu: 30ms}]"
    run = simulate(load(text).workload)
    assert of(run, "busy") == 1.0
    assert of(run, "utilization") == pytest.approx(40 / 60)


def test_a_wake_up_waits_for_the_core(load: Load) -> None:
    text = """
processes:
  - {name: A, program: [{cpu: 10ms}, {io: 10ms}, {cpu: 10ms}]}
  - {name: B, cpu: 50ms}
"""
    run = simulate(load(text).workload)
    assert of(run, "wakeup of A") == ms(40)  # awake at 20, B has the core up to 60


def test_deadlines_that_are_missed(load: Load) -> None:
    text = """
scheduler: {policy: edf}
processes: [{name: A, cpu: 6ms, period: 10ms, jobs: 2}, {name: B, cpu: 6ms, deadline: 5ms}]
"""
    run = simulate(load(text).workload)
    assert of(run, "missed") == sum(
        job["completion_ns"] is None or job["completion_ns"] > job["deadline_ns"]
        for row in run.processes
        for job in row.jobs or ()
    )
    assert of(run, "missrate") == of(run, "missed") / 3  # type: ignore[operator]


def test_columns_are_tidy_and_differ() -> None:
    measures = measures_of(["turnaround.p95", "waiting of my process", "switches", "utilization"])
    assert [measure.column for measure in measures] == [
        *("turnaround_p95_ns", "waiting_of_my_process_ns", "switches", "utilization"),
    ]
    with pytest.raises(
        UsageError, match="would have the same column, waiting_of_a_b_ns, as waiting of a b"
    ):
        measures_of(["waiting of a b", "waiting of a-b"])


def test_batches_cut_the_run_into_equal_windows(two: Run) -> None:
    windows = Windows(ms(20), ms(100), 4).of(two)
    assert [(each.begin, each.end) for each in windows] == [
        *((ms(20), ms(40)), (ms(40), ms(60)), (ms(60), ms(80)), (ms(80), ms(100))),
    ]


@pytest.mark.parametrize("cut", [0, 10, 25])
def test_mser_finds_where_a_step_is(cut: int) -> None:
    draws = random.Random(cut)
    values = [draws.gauss(50 if at < cut else 10, 1) for at in range(100)]
    assert abs(mser(values) - cut) <= 3


def test_mser_is_that_of_its_formula() -> None:
    draws = random.Random(3)
    values = [draws.expovariate(1) + 30 / (1 + at) for at in range(60)]

    def mser_of(cut: int) -> float:
        left = values[cut:]
        mean = sum(left) / len(left)
        return sum((value - mean) ** 2 for value in left) / len(left) ** 2

    assert mser(values) == min(range(31), key=mser_of)


def test_a_short_series_has_no_warm_up(two: Run) -> None:
    assert mser([5.0] * (FEWEST - 1)) == 0
    assert warmup_of(two) == 0


def test_a_queue_that_fills_has_a_warm_up(load: Load) -> None:
    text = """
processes: [{name: P, count: 600, arrival: {every: {exponential: 10ms}}, cpu: {exponential: 9ms}}]
"""
    run = simulate(load(text).workload)
    assert 0 <= warmup_of(run) < run.makespan_ns // 2


def test_wake_ups_of_a_whole_run_are_the_latencies_of_its_record(load: Load) -> None:
    text = """
seed: 3
scheduler: {policy: rr, quantum: 5ms}
processes:
  - name: P
    count: 5
    program: [repeat: {times: 8, do: [{cpu: {exponential: 9ms}}, {io: {exponential: 20ms}}]}]
"""
    run = simulate(load(text).workload)
    recorded = over_all(latencies(run)).wakeup
    assert sorted(Window.of(run).wakeups(lambda _: True)) == sorted(recorded)
    assert len(recorded) > 20
