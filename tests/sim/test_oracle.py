"""The simulated machine does what the slow oracle does, to the nanosecond, on random workloads.

The cases are the same in every run; `make oracles` tries forty times as many.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import pytest

from sim import simulate
from tests.effort import cases
from tests.sim.cases import (
    BALANCES,
    FIRM,
    KINDS,
    by_convention,
    moves_of,
    overheads_of,
    random_case,
    stays_of,
    swaps_of,
    tick_of,
    workload_of,
)
from tests.sim.oracle.policies import RULES
from tests.sim.oracle.system import RELEASE, WAIT, Case, Job, Life, Oracle, Stay, play
from timeline.laws.check import check
from timeline.record.run import Run

CASES = cases(500)


@pytest.mark.parametrize("policy", RULES)
def test_every_process_is_where_the_oracle_says(policy: str) -> None:
    compare(policy, "", range(CASES))


@pytest.mark.parametrize("balance", BALANCES)
def test_so_it_is_with_queues_per_core(balance: str) -> None:
    for first, policy in enumerate(RULES):
        compare(policy, balance, range(first, CASES, len(RULES)))


@pytest.mark.parametrize("kind", ["costs", "periodic", "swapping", "pinned"])
def test_so_it_is_under_every_policy_with(kind: str) -> None:
    for first, policy in enumerate(RULES):
        compare(policy, kind, range(first, CASES, len(RULES)))


@pytest.mark.parametrize("policy", RULES)
def test_so_it_is_where_jobs_are_dropped_at_their_deadlines(policy: str) -> None:
    for seed in range(CASES // 10):
        case = random_case(policy, seed, FIRM)
        agree(case if seed % 2 else by_convention(case, seed), seed, FIRM)


@pytest.mark.parametrize("policy", RULES)
def test_what_the_oracle_agrees_with_breaks_no_law(policy: str) -> None:
    for seed in range(100):
        run = simulate(workload_of(random_case(policy, seed, KINDS[seed % len(KINDS)]), 1))
        assert check(run) == [], f"case {seed}"


def compare(policy: str, kind: str, seeds: Iterable[int]) -> None:
    """Play and simulate the random cases with these seeds; fail at the first difference."""
    for seed in seeds:
        agree(random_case(policy, seed, kind), seed, kind)


def agree(case: Case, seed: int, kind: str) -> None:
    """Fail unless the simulator does what the oracle does."""
    tick = tick_of(case, seed)
    difference = different(Oracle(case).play(), simulate(workload_of(case, tick)), tick)
    if difference:
        pytest.fail(f"case {seed} of {case.policy} {kind}: {case}\n{difference}")


def different(oracle: Oracle, run: Run, tick: int) -> str:
    """The first process that is not as the oracle says, and how; "" if none is."""
    for life, found, row in zip(oracle.lives, stays_of(run, tick), run.processes, strict=True):
        stays = list(life.stays())
        if stays != found:
            return f"{row.name}, oracle:\n{lines(stays)}\nsimulated:\n{lines(found)}"
        if life.place != (None if row.memory is None else (row.memory.base, row.memory.size)):
            return f"{row.name} is at {row.memory}, the oracle has it at {life.place}"
        for name, value in metrics(life, stays, tick).items():
            if getattr(row, name) != value:
                return f"{row.name}: {name} is {getattr(row, name)}, the oracle says {value}"
    for what, said, found_in_all in (
        ("moves", oracle.moves, moves_of(run, tick)),
        ("swaps", oracle.swaps, swaps_of(run, tick)),
        ("overheads", sorted(oracle.overheads), sorted(overheads_of(run, tick))),
    ):
        if said != found_in_all:
            return f"{what}, oracle: {said}\nsimulated: {found_in_all}"
    return ""


def lines(stays: list[Stay]) -> str:
    return "\n".join(f"    {stay}" for stay in stays)


def jobs_of(life: Life, tick: int) -> list[dict[str, int | None]] | None:
    """When each was released, due and done."""
    if life.job.deadline is None:
        return None
    jobs = 1 + sum(where == RELEASE for where, _ in life.written.steps)
    periodic = [k * (life.job.period or 0) for k in range(jobs)]
    releases = [life.job.arrival + after for after in life.job.releases or periodic]
    ends = iter(life.completions)
    found: list[dict[str, int | None]] = []
    for number, release in enumerate(releases):
        due = (release + life.job.deadline) * tick
        row: dict[str, int | None] = {"release_ns": release * tick, "deadline_ns": due}
        if number in life.dropped:
            row |= {"completion_ns": None, "dropped_ns": life.dropped[number] * tick}
        else:
            done = next(ends, None)  # it may have been ended before
            row["completion_ns"] = None if done is None else done * tick
        found.append(row)
    return found


def metrics(life: Life, stays: list[Stay], tick: int) -> dict[str, Any]:
    """A process's numbers by their definitions, from the oracle's stays."""
    if not stays:  # it was refused
        return {"completion_ns": None, "admitted_ns": None, "waiting_ns": 0, "exitcode": None}
    runs = [stay for stay in stays if stay.state == "running"]
    total = {
        state: tick * sum(stay.end - stay.start for stay in stays if stay.state == state)
        for state in ("new", "ready", "running", "blocked")
    }
    arrival, end = life.job.arrival * tick, stays[-1].end * tick
    lost = [stay for stay in stays if stay.why in ("expired", "preempted")]
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
        "demand_ns": total["running"] + tick * sum(life.dropped.values()),
        "exitcode": life.exitcode,
        "slices": len(runs),
        "preemptions": len(lost),
        "jobs": jobs_of(life, tick),
        "migrations": sum(a.core != b.core for a, b in itertools.pairwise(runs)),
    }


def test_the_oracle_itself_gets_a_case_worked_out_by_hand() -> None:
    first = Job(0, (("cpu", 3), ("disk", 2), ("cpu", 1)))
    second = Job(1, (("cpu", 2), ("disk", 1), (WAIT, 1)))
    lives = play(Case("rr", (first, second), {"quantum": 2}, devices={"disk": 1}))
    assert [list(life.stays()) for life in lives] == [
        [
            Stay("running", 0, 2, "expired", 0),
            Stay("ready", 2, 4, "dispatched"),
            Stay("running", 4, 5, "blocked", 0),
            Stay("blocked", 5, 7, "woke", None, "disk"),
            Stay("running", 7, 8, "ended", 0),
        ],
        [
            Stay("ready", 1, 2, "dispatched"),
            Stay("running", 2, 4, "blocked", 0),
            Stay("blocked", 4, 5, "continued", None, "disk"),
            Stay("blocked", 5, 6, "ended"),
        ],
    ]
