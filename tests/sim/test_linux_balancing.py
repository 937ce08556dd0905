"""Linux's periodic balancing between the queues of cores: `balancing: periodic`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.linux.balancing import PeriodicBalance
from kernel.linux.clock import Ticks
from language import load
from sim import simulate
from tests.effort import cases
from timeline.laws.check import check
from timeline.record.run import Run

MS = 1_000_000


def _run(folder: Path, processes: str, *, cores: int = 2, balancing: str = "periodic") -> Run:
    file = folder / "s.yaml"
    file.write_text(
        f"machine: {{cores: {cores}}}\n"
        f"scheduler: {{policy: linux, hz: 250, base_slice: 1.4ms, balancing: {balancing}}}\n"
        f"processes:\n{processes}"
    )
    return simulate(load(file).workload)


HOGS = "".join(f"- {{name: {name}, cpu: 900ms}}\n" for name in "ABC")


def _turnarounds(run: Run) -> list[int]:
    return [row.turnaround_ns or 0 for row in run.processes]


def test_three_hogs_on_two_cores_wander_and_share_alike(tmp_path: Path) -> None:
    still, wandering = (
        _turnarounds(_run(tmp_path, HOGS, balancing=each)) for each in ("none", "periodic")
    )
    assert max(still) - min(still) > 440 * MS
    assert max(wandering) - min(wandering) < 180 * MS


def test_two_hogs_stay_where_they_are(tmp_path: Path) -> None:
    run = _run(tmp_path, "".join(f"- {{name: {name}, cpu: 900ms}}\n" for name in "AB"))
    assert [row.migrations for row in run.processes] == [0, 0]


def test_a_pinned_task_is_not_moved(tmp_path: Path) -> None:
    pinned = "".join(f"- {{name: {name}, cores: 0, cpu: 300ms}}\n" for name in "ABC")
    run = _run(tmp_path, pinned + "- {name: D, cores: 1, cpu: 900ms}\n")
    assert [row.migrations for row in run.processes] == [0, 0, 0, 0]


def test_a_look_that_failed_takes_at_half_the_weight_next_time() -> None:
    class Account:
        fair = True

    class Waiting:
        account, ready_since = Account(), 0

    balance = PeriodicBalance(Ticks(4 * MS), 2)
    first = balance.next_look(0)
    assert first == 28 * MS  # 2 cores x 16 ms, less a tick
    process = Waiting()
    assert list(balance.taken(1, [2048, 1024], 0, [(process, 1024)], first)) == []  # type: ignore[list-item]
    balance.looked(1, first, moved=False)
    assert list(balance.taken(1, [2048, 1024], 0, [(process, 1024)], 2 * first)) == [process]  # type: ignore[list-item, comparison-overlap]


def test_what_ran_just_now_stays() -> None:
    class Account:
        fair = True

    class Waiting:
        account, ready_since = Account(), 99 * MS + 900_000

    balance = PeriodicBalance(Ticks(4 * MS), 2)
    assert list(balance.taken(1, [3000, 10], 0, [(Waiting(), 10)], 100 * MS)) == []  # type: ignore[list-item]


STEPS = st.lists(st.sampled_from(["cpu: 7ms", "cpu: 40ms", "io: 3ms", "io: 11ms"]), min_size=1)
TASK = st.tuples(STEPS, st.integers(-5, 5), st.integers(0, 60))


@settings(max_examples=cases(40), deadline=None)
@given(st.lists(TASK, min_size=2, max_size=7), st.integers(2, 4))
def test_every_record_keeps_the_laws(
    tmp_path_factory: pytest.TempPathFactory,
    tasks: list[tuple[list[str], int, int]],
    cores: int,
) -> None:
    written = "".join(
        f"- {{name: P{n}, nice: {nice}, arrival: {arrival}ms, program: [{{cpu: 30ms}}, "
        + ", ".join(f"{{{step}}}" for step in steps)
        + "]}\n"
        for n, (steps, nice, arrival) in enumerate(tasks)
    )
    assert check(_run(tmp_path_factory.mktemp("b"), written, cores=cores)) == []
