"""The simulated machine does what the slow oracle does, to the nanosecond, on random workloads.

`MULTIPROG_CASES=20000 pytest tests/sim/test_oracle.py` tries more of them.
"""

from __future__ import annotations

import itertools
import os

import pytest

from sim import simulate
from tests.sim.cases import random_case, stays_of, workload_of
from tests.sim.oracle import WAIT, Case, Job, Life, Stay, play
from timeline.laws import check
from timeline.run import Run

CASES = int(os.environ.get("MULTIPROG_CASES", "2000"))
TICKS = (1, 7, 1_000_000)  # ns
POLICIES = ("fcfs", "rr", "sjf", "srtf", "priority")


@pytest.mark.parametrize("policy", POLICIES)
def test_every_process_is_where_the_oracle_says(policy: str) -> None:
    for seed in range(CASES):
        case, tick = random_case(policy, seed), TICKS[seed % 3]
        wanted, run = play(case), simulate(workload_of(case, tick))
        difference = different(wanted, run, tick)
        if difference:
            pytest.fail(f"case {seed} of {policy}: {case}\n{difference}")


@pytest.mark.parametrize("policy", POLICIES)
def test_what_the_oracle_agrees_with_breaks_no_law(policy: str) -> None:
    for seed in range(100):
        run = simulate(workload_of(random_case(policy, seed), 1))
        assert check(run) == [], f"case {seed}"


def different(wanted: list[Life], run: Run, tick: int) -> str:
    """The first process that is not as the oracle says, and how; "" if none is."""
    for life, found, row in zip(wanted, stays_of(run, tick), run.processes, strict=True):
        stays = list(life.stays())
        if stays != found:
            return f"{row.name}, oracle:\n{lines(stays)}\nsimulated:\n{lines(found)}"
        base = base_of(life, run)
        if base != (None if row.memory is None else row.memory.base):
            return f"{row.name} is at {row.memory}, the oracle has it at {base}"
        for name, value in metrics(life, stays, tick).items():
            if getattr(row, name) != value:
                return f"{row.name}: {name} is {getattr(row, name)}, the oracle says {value}"
    return ""


def lines(stays: list[Stay]) -> str:
    return "\n".join(f"    {stay}" for stay in stays)


def base_of(life: Life, run: Run) -> int | None:
    if life.partition is None:
        return None
    return int(sum(run.machine["memory"]["partitions"][: life.partition]))


def metrics(life: Life, stays: list[Stay], tick: int) -> dict[str, int | None]:
    """A process's numbers by their definitions, from the oracle's stays."""
    runs = [stay for stay in stays if stay.state == "running"]
    total = {
        state: tick * sum(stay.end - stay.start for stay in stays if stay.state == state)
        for state in ("new", "ready", "running", "blocked")
    }
    arrival, end = life.job.arrival * tick, stays[-1].end * tick
    lost = [
        before
        for before, after in itertools.pairwise(stays)
        if before.state == "running" and after.state in ("ready", "running")
    ]
    return {
        "arrival_ns": arrival,
        "admitted_ns": arrival + total["new"],
        "completion_ns": end,
        "turnaround_ns": end - arrival,
        "first_run_ns": runs[0].start * tick if runs else None,
        "response_ns": runs[0].start * tick - arrival if runs else None,
        "waiting_ns": total["ready"],
        "blocked_ns": total["blocked"],
        "cpu_ns": total["running"],
        "demand_ns": total["running"],
        "slices": len(runs),
        "preemptions": len(lost),
        "migrations": sum(a.core != b.core for a, b in itertools.pairwise(runs)),
    }


def test_the_oracle_itself_gets_a_case_worked_out_by_hand() -> None:
    first = Job(0, (("cpu", 3), ("disk", 2), ("cpu", 1)))
    second = Job(1, (("cpu", 2), ("disk", 1), (WAIT, 1)))
    lives = play(Case("rr", (first, second), {"quantum": 2}, devices={"disk": 1}))
    assert [list(life.stays()) for life in lives] == [
        [
            Stay("running", 0, 2, 0),
            Stay("ready", 2, 4),
            Stay("running", 4, 5, 0),
            Stay("blocked", 5, 7, None, "disk"),
            Stay("running", 7, 8, 0),
        ],
        [
            Stay("ready", 1, 2),
            Stay("running", 2, 4, 0),
            Stay("blocked", 4, 5, None, "disk"),
            Stay("blocked", 5, 6),
        ],
    ]
