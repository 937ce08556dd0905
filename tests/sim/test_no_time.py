"""Steps that take no time show nowhere as time: not in an end, a wait, a burst or a makespan."""

from __future__ import annotations

import pytest

from kernel.process.states import State
from kernel.units import ms
from language import Options
from language import load as load_file
from sim import simulate
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.record.run import Run
from timeline.record.tracks import by_process, slices


def run(load: Load, text: str) -> Run:
    found = simulate(load(text).workload)
    assert check(found) == []
    return found


CASES = {
    "lock": """
machine: {cores: 2}
processes:
  - {name: A, program: [{lock: l}, {cpu: 2ms}, {unlock: l}, {io: 1ms}, {lock: l}, {unlock: l}]}
  - {name: B, program: [{lock: l}, {unlock: l}, {io: 3ms}, {lock: l}, {io: 1ms}, {unlock: l}]}
""",
    "queue": """
machine: {cores: 2}
processes:
  - {name: A, program: [{receive: q}, {io: 1ms}, {receive: q}, {send: {queue: r, value: 1}}]}
  - {name: B, program: [{cpu: 2ms}, {send: {queue: q, value: 1}}, {io: 2ms},
      {send: {queue: q, value: 2}}, {receive: r}]}
""",
    "barrier on one core": """
barriers: {b: 3}
processes:
  - {name: A, count: 3, program: [{repeat: {times: 5, do: [{cpu: 1ms}, {barrier: b}, {io: 1ms}]}}]}
""",
    "start and join": """
programs:
  child: {program: [{io: 2ms}, {print: done}]}
processes:
  - {name: A, program: [{start: {program: child}}, {join: child}, {start: {program: child}},
      {join: {process: child, timeout: 1ms}}, {io: 1ms}, {join: child}, {print: end}]}
""",
    "exit waits": """
programs: {child: {cpu: 3ms}}
processes: [{name: A, program: [{start: {program: child}}, {exit: 0}]}]
""",
    "prints between waits": """
processes: [{name: A, program: [{io: 1ms}, {print: a}, {io: 1ms}, {set: {a: 1}}, {show: a}]}]
""",
    "yields": """
scheduler: {policy: rr, quantum: 1ms}
processes:
  - {name: A, count: 2, program: [{yield: true}, {cpu: 1ms}, {yield: true}, {yield: true}]}
""",
    "threads": """
machine: {cores: 2}
scheduler: {policy: fair, dispatch: none}
barriers: {b: 2}
processes:
  - {name: P, threads: [[{cpu: 1ms}, {barrier: b}], [{io: 3ms}, {barrier: b}, {print: x}]]}
""",
    "memory": """
machine: {memory: 64KiB}
processes:
  - {name: A, memory: 4KiB, program: [{io: 1ms}, {touch: 0}, {io: 1ms}, {alloc: 1}, {touch: 1}]}
  - {name: B, memory: 8KiB, program: [{touch: 0}, {cpu: 1ms}, {touch: 32KiB}, {cpu: 1ms}]}
""",
    "memory and life": """
machine: {memory: 64KiB}
processes:
  - {name: A, memory: 4KiB, program: [{io: 1ms}, {touch: 0}, {print: x}, {io: 1ms}, {alloc: 99999}]}
""",
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("policy", ["", "srtf", "mlfq", "linux"])
def test_all_times_are_those_of_the_steps_that_take_time(
    load: Load, name: str, policy: str
) -> None:
    if policy and ("thread" in name or (policy == "linux" and "memory" in name)):
        pytest.skip("threads are left to the operating system, and memory is not")
    load(CASES[name])
    found = simulate(load_file("f.yaml", Options(policy=policy or None)).workload)
    assert check(found) == []
    moments = {*found.intervals.start, *found.intervals.end, found.makespan_ns}
    assert {moment % ms(1) for moment in moments} == {0}


def test_it_had_a_core_all_the_same(load: Load) -> None:
    """The record has the slices of 0 ns: a process must be dispatched to make a call."""
    found = run(load, "processes: [{name: A, program: [{io: 2ms}, {print: x}, {io: 2ms}]}]")
    rows = [row for row in found.intervals if row.state == State.RUNNING]
    assert [(row.start, row.end, row.core) for row in rows] == [
        (ms(2), ms(2), 0),
        (ms(4), ms(4), 0),  # its end is a call, too
    ]
    [process] = found.processes
    assert (process.slices, process.first_run_ns, process.cpu_ns) == (2, ms(2), 0)


def test_who_wakes_at_the_end_of_a_timeout_that_is_also_the_end_of_the_child(load: Load) -> None:
    found = run(
        load,
        """
programs: {child: {program: [{io: 5ms}]}}
processes:
  - {name: A, program: [{start: {program: child}}, {join: {process: child, timeout: 5ms}},
      {observe: child}, {cpu: 1ms}]}
""",
    )
    assert found.makespan_ns == ms(6)


def test_nothing_at_all_takes_no_time(load: Load) -> None:
    found = run(load, "processes: [{name: A, program: [{print: x}]}]")
    assert found.makespan_ns == 0 and found.processes[0].response_ns == 0


def test_a_program_that_dies_at_once_has_its_place_and_its_step_in_order(load: Load) -> None:
    text = """
machine: {memory: 64KiB}
processes: [{name: A, memory: 4KiB, program: [{touch: 32KiB}]}]
"""
    events = [event.event for event in run(load, text).memory_events]
    assert events == ["placed", "fault", "freed"]


def test_slices_of_no_time_are_in_the_order_in_which_they_were(load: Load) -> None:
    """The last process at the barrier waits until the others have woken up, and goes on first.

    Then priority decides, not the order of arrival.
    """
    found = run(
        load,
        """
scheduler: {policy: priority}
barriers: {b: 3}
processes:
  - {name: A, priority: 2, program: [{cpu: 1ms}, {barrier: b}, {print: a}]}
  - {name: B, priority: 1, program: [{cpu: 1ms}, {barrier: b}, {print: b}]}
  - {name: C, priority: 3, program: [{cpu: 1ms}, {barrier: b}, {print: c}, {cpu: 1ms}]}
""",
    )
    order = [found.process_names[turn.process] for turn in slices(by_process(found))]
    assert order == ["B", "A", "C", "C", "B", "A", "C"]
    assert [row.process for row in found.observations if row.name == "prints"] == ["C", "B", "A"]


def life_of(found: Run, name: str) -> list[tuple[str, int, int, str]]:
    """Its rows: state, start and end in ms, and why it ended."""
    track = by_process(found)[found.process_names.index(name)]
    return [
        (State(row.state).name.lower(), row.start // ms(1), row.end // ms(1), row.why)
        for row in track
    ]


def test_who_starts_a_shorter_one_and_is_preempted_by_it_at_once_has_had_a_slice(
    load: Load,
) -> None:
    found = run(
        load,
        """
scheduler: {policy: srtf}
programs: {short: {cpu: 7ms}}
processes:
  - {name: P, program: [{start: {program: short}}, {cpu: 14ms}]}
  - {name: Q, cpu: 10ms}
""",
    )
    assert life_of(found, "P") == [
        ("ready", 0, 10, "dispatched"),
        ("running", 10, 10, "preempted"),
        ("ready", 10, 17, "dispatched"),
        ("running", 17, 31, "ended"),
    ]
    p = found.processes[0]
    assert (p.slices, p.preemptions, p.first_run_ns) == (2, 1, ms(10))


def test_so_has_one_that_loses_its_core_before_it_has_done_anything(load: Load) -> None:
    """S and P get cores together; what S starts is shorter than P, which has the other core."""
    found = run(
        load,
        """
machine: {cores: 2}
scheduler: {policy: srtf}
programs: {short: {cpu: 7ms}}
processes:
  - {name: S, arrival: 1ms, program: [{start: {program: short}}, {cpu: 12ms}]}
  - {name: P, arrival: 1ms, cpu: 14ms}
  - {name: Q, count: 2, cpu: 10ms}
""",
    )
    assert life_of(found, "P") == [
        ("ready", 1, 10, "dispatched"),
        ("running", 10, 10, "preempted"),
        ("ready", 10, 17, "dispatched"),
        ("running", 17, 31, "ended"),
    ]


def test_so_has_one_that_is_killed_at_the_instant_at_which_it_gets_its_core(load: Load) -> None:
    found = run(
        load,
        """
machine: {cores: 2}
processes:
  - {name: Q, count: 2, cpu: 10ms}
  - {name: K, program: [{kill: P}, {cpu: 1ms}]}
  - {name: P, cpu: 14ms}
""",
    )
    assert life_of(found, "P") == [
        ("ready", 0, 10, "dispatched"),
        ("running", 10, 10, "killed"),
    ]


def test_so_has_one_that_is_preempted_when_the_switch_to_it_is_over(load: Load) -> None:
    found = run(
        load,
        """
machine: {costs: {dispatch: 2ms}}
scheduler: {policy: srtf}
processes:
  - {name: P, cpu: 14ms}
  - {name: Q, arrival: 1ms, cpu: 10ms}
""",
    )
    assert life_of(found, "P")[:3] == [
        ("ready", 0, 2, "dispatched"),
        ("running", 2, 2, "preempted"),
        ("ready", 2, 16, "dispatched"),
    ]


def test_so_has_one_without_a_family_that_two_programs_let_into_memory_preempt(
    load: Load,
) -> None:
    """M leaves memory as soon as it has a core, and S-1 and S-2 come in: both shorter than P."""
    found = run(
        load,
        """
machine: {cores: 2, memory: 16KiB}
memory: {scheme: variable}
scheduler: {policy: srtf}
processes:
  - {name: M, memory: 16KiB, program: [{io: 10ms}, {touch: 0}]}
  - {name: S, count: 2, memory: 8KiB, cpu: 7ms}
  - {name: O, arrival: 5ms, count: 2, cpu: 5ms}
  - {name: P, arrival: 6ms, cpu: 14ms}
""",
    )
    assert life_of(found, "P")[:3] == [
        ("ready", 6, 10, "dispatched"),
        ("running", 10, 10, "preempted"),
        ("ready", 10, 17, "dispatched"),
    ]
