"""Schedulability in words: each answer of the theory has its line, and its limits are said."""

from __future__ import annotations

import pytest

from kernel import schedulability
from kernel.hardware import Costs
from kernel.policies import POLICIES
from kernel.process.program import CPU, RELEASE, WAIT, Program
from kernel.process.spec import ProcessSpec
from kernel.units import ms
from kernel.workload import SchedulerSpec, Workload
from report.sections.schedulability import describe


def workload(*specs: ProcessSpec, cores: int = 1, costs: Costs = Costs()) -> Workload:  # noqa: B008
    scheduler = SchedulerSpec("rm", POLICIES["rm"])
    return Workload({"seed": 0}, cores, (), None, scheduler, specs, costs=costs)


def periodic(name: str, period: int, *jobs: list[tuple[int, int]], **more: int) -> ProcessSpec:
    """A process with these jobs, in ms."""
    steps = [step for job in jobs for step in [*job, (RELEASE, 0)]][:-1]
    program = Program.of([(place, ms(length)) for place, length in steps])
    times = {key: ms(value) for key, value in more.items()}
    deadline = times.get("deadline", ms(period))
    return ProcessSpec(
        0, name, times.get("arrival", 0), program, period=ms(period), deadline=deadline
    )


def test_nothing_is_said_without_periodic_processes() -> None:
    assert describe(workload(ProcessSpec(0, "A", 0, Program.of([(CPU, 5)])))) == []


def test_every_answer_has_its_line() -> None:
    said = describe(
        workload(
            periodic("engine", 7, [(CPU, 3)], [(CPU, 1)]),
            periodic("brakes", 12, [(CPU, 2)], [(CPU, 3)]),
            periodic("radio", 20, [(CPU, 5)]),
        )
    )
    assert said == [
        "utilisation: 0.929 (13/14) by 3 periodic processes",
        "rm: U > 0.780 (Liu and Layland), which leaves it open",
        "rm, by response-time analysis: every deadline is met",
        "    engine  R 3ms <= D 7ms",
        "    brakes  R 6ms <= D 12ms",
        "    radio   R 20ms <= D 20ms",
        "dm: the same order as rm, so the same answer",
        "edf: U <= 1: every deadline is met",
    ]


def test_deadlines_before_the_period() -> None:
    said = describe(
        workload(periodic("A", 8, [(CPU, 3)]), periodic("B", 12, [(CPU, 4)], deadline=5))
    )
    assert said == [
        "utilisation: 0.708 (17/24) by 2 periodic processes",
        "rm: U <= 0.828 (Liu and Layland) holds only if deadlines equal periods",
        "rm, by response-time analysis: 1 of 2 can miss deadlines",
        "    A  R 3ms <= D 8ms",
        "    B  R > D 5ms",
        "dm, by response-time analysis: every deadline is met",
        "    B  R 4ms <= D 5ms",
        "    A  R 7ms <= D 8ms",
        "edf: by processor demand: every deadline is met",
    ]


def test_too_much_for_the_core() -> None:
    said = describe(workload(periodic("A", 4, [(CPU, 3)]), periodic("B", 6, [(CPU, 3)])))
    assert said[0].startswith(
        "utilisation: 1.250 (5/4) by 2 periodic processes; more than the core"
    )
    assert said[-1] == "edf: U > 1: deadlines can be missed"


def test_within_the_bound() -> None:
    said = describe(workload(periodic("A", 10, [(CPU, 3)])))
    assert said[:2] == [
        "utilisation: 0.300 (3/10) by 1 periodic process",
        "rm: U <= 1.000 (Liu and Layland), so every deadline is met",
    ]


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (
            workload(periodic("A", 9, [(CPU, 3)]), cores=2),
            "they hold for one core, and this machine has 2",
        ),
        (
            workload(periodic("A", 9, [(CPU, 3), (WAIT, 1)])),
            "they hold for jobs that never block, and A does I/O",
        ),
    ],
)
def test_where_the_theory_does_not_apply(made: Workload, why: str) -> None:
    assert " ".join(describe(made)[1:]).replace("  ", "") == (
        f"rm, dm, edf: the classical answers do not apply: {why}"
    )


def test_what_the_theory_leaves_out_is_said() -> None:
    alarm = ProcessSpec(0, "alarm", 0, Program.of([(CPU, 5)]), deadline=9)
    late = periodic("B", 12, [(CPU, 4)], arrival=5)
    said = describe(workload(periodic("A", 8, [(CPU, 3)]), late, alarm, costs=Costs(switch=1)))
    assert said[-3:] == [
        "(for the worst case, in which all processes arrive at once; here they do not)",
        "(without the processes that have a deadline and no period)",
        "(without machine.costs)",
    ]


def test_lines_fit_80_columns_and_long_lists_are_cut() -> None:
    long = [periodic(f"{'long' * 20}{i}", 10**6 + i, [(CPU, 1)]) for i in range(100)]
    said = describe(workload(*long))
    assert max(map(len, said)) <= 80
    assert "    and 80 more" in said
    assert len(said) < 30


def test_very_many_are_not_analysed() -> None:
    many = [periodic("A", 9, [(CPU, 1)])] * 1001
    assert describe(workload(*many)) == [
        "1001 periodic processes: too many to say whether all deadlines are met"
    ]


def test_an_analysis_that_takes_too_long_says_that_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedulability, "MOST_TERMS", 3)
    rows = (3, 8, 8), (2, 12, 5), (1, 20, 20)
    said = describe(workload(*(periodic("A", t, [(CPU, c)], deadline=d) for c, t, d in rows)))
    assert "rm, by response-time analysis: not known, it would take too long to work out" in said
    assert "    A  R ?  D 20ms" in said
    assert said[-1] == "edf: not known, it would take too long to work out"
