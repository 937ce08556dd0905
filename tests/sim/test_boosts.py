"""A boost of `mlfq`: the running process gets a slice of the top level, as all others do."""

from __future__ import annotations

import random

from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.sim.cases import workload
from tests.sim.oracle.ostep_mlfq import Job, Machine, played, random_jobs
from tests.sim.oracle.system import CPU, WAIT
from tests.sim.oracle.system import Job as Asked
from timeline.laws.check import check
from timeline.record.run import Run

CASES = cases(400)


def asked(job: Job, io: int) -> Asked:
    """The same job as a program of bursts and waits."""
    bursts, rest = [], job.length
    while job.every and rest > job.every:
        bursts += [(CPU, job.every), (WAIT, io)]
        rest -= job.every
    return Asked(job.start, (*bursts, (CPU, rest)))


def simulated(jobs: list[Job], machine: Machine) -> str:
    run = simulate(
        workload(
            "mlfq",
            [asked(job, machine.io) for job in jobs],
            {
                "levels": len(machine.quanta),
                "quanta": list(machine.quanta),
                "boost": machine.boost,
            },
            ties="expiry-first" if machine.expiry_first else "arrival-first",
        )
    )
    assert check(run) == []
    return on_core(run)


def on_core(run: Run, core: int = 0, tick: int = 1) -> str:
    found = ["."] * (max(run.intervals.end) // tick)
    for row in run.intervals:
        if row.core == core:
            found[row.start // tick : row.end // tick] = "ABCDEFGH"[row.process] * (
                (row.end - row.start) // tick
            )
    return "".join(found)


def test_random_boosts_do_what_the_program_of_ostep_does() -> None:
    for seed in range(CASES):
        jobs, machine = random_jobs(random.Random(seed))
        assert simulated(jobs, machine) == played(jobs, machine).rstrip("."), f"case {seed}"


def boosted(*jobs: tuple[int, int], quanta: list[int], boost: int, cores: int = 1) -> list[str]:
    """Return the job that runs on each core at each tick of 1 ms. A job is (arrival, ticks)."""
    programs = [Asked(start, ((CPU, ticks),)) for start, ticks in jobs]
    rules = {"levels": len(quanta), "quanta": quanta, "boost": boost}
    run = simulate(workload("mlfq", programs, rules, tick=ms(1), cores=cores))
    assert check(run) == []
    return [on_core(run, core, ms(1)) for core in range(cores)]


def test_a_long_slice_of_the_bottom_becomes_one_of_the_top() -> None:
    """A's slice at level 1 began at 2 and would end at 102: at 10 it is 2 long, and B follows."""
    assert boosted((0, 15), (11, 1), quanta=[2, 100], boost=10) == ["AAAAAAAAAAAABAAA"]


def test_a_short_slice_that_has_nearly_ended_becomes_a_long_one() -> None:
    """A's slice at level 1 would end at 8; at 7 it is lifted, and has 6 from then on."""
    assert boosted((0, 16), (1, 8), quanta=[6, 1], boost=14)[0][14:20] == "A" * 6


def test_a_slice_that_ends_at_the_boost_is_over() -> None:
    assert boosted((0, 6), (0, 6), quanta=[2, 4], boost=4)[0][:6] == "AABBAA"


def test_who_arrives_at_the_boost_is_behind_those_who_were_lifted() -> None:
    assert boosted((0, 9), (5, 3), quanta=[2, 100], boost=5) == ["AAAAAAABBAAB"]


def test_on_each_core_the_running_one_begins_a_slice_of_the_top() -> None:
    cores = boosted((0, 20), (0, 20), (11, 2), quanta=[2, 100], boost=10, cores=2)
    assert cores[0][10:14] == "AACC"


def test_a_boost_at_the_top_level_begins_its_slice_anew() -> None:
    """A's slice at the top began at 0 and would end at 4; at 3 it begins again, with its use."""
    assert boosted((0, 8), (1, 1), quanta=[4], boost=3)[0][:8] == "AAAAAAAA"
