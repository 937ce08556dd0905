"""Periodic processes become programs of jobs, with a release between two of them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import LARGEST, ms
from language.schema.periodic import MOST_JOBS, hyperperiod
from tests.language.conftest import Load, Wrong


def of(load: Load, *processes: str, head: str = "") -> list[ProcessSpec]:
    text = "".join(f"- {process}\n" for process in processes)
    return list(load(f"{head}\nprocesses:\n{text}").workload.processes)


def test_a_job_is_the_program_once(load: Load) -> None:
    (process,) = of(load, "{name: A, period: 10, jobs: 3, program: [{cpu: 1}, {io: 2}, {cpu: 3}]}")
    job = [(CPU, ms(1)), (WAIT, ms(2)), (CPU, ms(3))]
    assert process.program == Program.of([*job, (RELEASE, 0), *job, (RELEASE, 0), *job])
    assert (process.period, process.deadline) == (ms(10), ms(10))


def test_bursts_of_two_jobs_are_two_bursts(load: Load) -> None:
    (process,) = of(load, "{name: A, period: 10, jobs: 2, cpu: 4}")
    assert list(process.program.durations) == [ms(4), 0, ms(4)]
    assert process.program.demand == ms(8)


def test_a_single_job_has_no_release(load: Load) -> None:
    (process,) = of(load, "{name: A, period: 10, jobs: 1, cpu: 4}")
    assert process.program == Program.of([(CPU, ms(4))])


@pytest.mark.parametrize(
    ("keys", "period", "deadline"),
    [
        ("", None, None),
        ("deadline: 7", None, 7),
        ("period: 10", 10, 10),
        ("period: 10, deadline: 7", 10, 7),
        ("period: 10, deadline: 25", 10, 25),
    ],
)
def test_a_deadline_is_the_period_unless_it_is_written(
    keys: str, period: int | None, deadline: int | None, load: Load
) -> None:
    (process,) = of(load, f"{{name: A, cpu: 4, {keys}}}")
    assert process.period == (None if period is None else ms(period))
    assert process.deadline == (None if deadline is None else ms(deadline))


def jobs(process: ProcessSpec) -> int:
    return list(process.program.places).count(RELEASE) + 1


def test_there_are_as_many_jobs_as_a_hyperperiod_has(load: Load) -> None:
    processes = of(
        load,
        "{name: A, period: 4, cpu: 1}",
        "{name: B, period: 6, cpu: 1, arrival: 5}",
        "{name: C, period: 10ms, cpu: 1, jobs: 2}",
        "{name: D, cpu: 9}",
    )
    assert [jobs(process) for process in processes] == [15, 10, 2, 1]


def test_the_hyperperiod_follows_the_time_unit(load: Load) -> None:
    text = "processes:\n- {name: A, period: 4, cpu: 1}\n- {name: B, period: 6ms, cpu: 1}\n"
    assert [jobs(p) for p in load(text, time_unit="3ms").workload.processes] == [1, 2]


def test_each_of_a_count_has_its_own_jobs(load: Load) -> None:
    processes = of(load, "{name: a, count: 3, arrival: {every: 2}, period: 10, jobs: 4, cpu: 1}")
    assert [(p.name, p.arrival, jobs(p)) for p in processes] == [
        ("a-1", ms(2), 4),
        ("a-2", ms(4), 4),
        ("a-3", ms(6), 4),
    ]


def test_each_job_draws_afresh_from_the_stream_of_its_process(load: Load) -> None:
    drawn = "cpu: {uniform: [1, 9]}"
    (periodic,) = of(load, f"{{name: A, period: 10, jobs: 5, {drawn}}}")
    steps = f"program: [{{repeat: {{times: 5, do: [{{{drawn}}}, {{io: 1}}]}}}}]"
    (repeated,) = of(load, f"{{name: A, {steps}}}")
    bursts = list(periodic.program.durations)[::2]
    assert len(set(bursts)) == 5
    assert bursts == list(repeated.program.durations)[::2]


def test_ten_thousand_jobs_need_not_be_written(load: Load, wrong: Wrong) -> None:
    a = "{name: A, period: 1, cpu: 0.5}"
    assert jobs(of(load, a, "{name: B, period: 10000, cpu: 1}")[0]) == MOST_JOBS
    (line,) = wrong(f"processes:\n- {a}\n- {{name: B, period: 10001, cpu: 1}}\n")
    assert "processes.0: must have jobs, like jobs: 20" in line
    assert of(load, "{name: A, period: 1, cpu: 0.5, jobs: 20000}")


def test_jobs_count_against_the_limit_of_steps_before_they_are_made(wrong: Wrong) -> None:
    begin = time.perf_counter()
    (line,) = wrong("processes:\n- {name: A, period: 1, cpu: 1, jobs: 1000000000000, count: 9}\n")
    assert "the scenario expands to 17,999,999,999,991 steps" in line
    assert time.perf_counter() - begin < 1


def test_the_last_release_fits_the_record(load: Load, wrong: Wrong) -> None:
    (line,) = wrong("processes:\n- {name: A, period: 1000h, jobs: 2000, cpu: 1}\n")
    assert line.endswith("takes longer than 146 years, the longest time that is recorded")
    assert of(load, "{name: A, period: 1000h, jobs: 1000, cpu: 1}")


@given(st.lists(st.integers(1, LARGEST), max_size=40))
def test_a_hyperperiod_is_a_multiple_of_all_or_beyond_all_use(periods: list[int]) -> None:
    found = hyperperiod(periods)
    if any(found % period for period in periods):
        assert found > MOST_JOBS * LARGEST
