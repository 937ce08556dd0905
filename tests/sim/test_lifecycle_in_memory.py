"""Processes that start and join each other, and their memory: steps in it, swapping, compaction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.units import ms
from sim import simulate
from tests.effort import cases
from tests.language.conftest import Load
from timeline.laws.check import check
from timeline.memory.occupancy import memory_states
from timeline.record.run import Run

PARTITIONS = "memory: {partitions: [64KiB, 64KiB]}\n"
ONE_PLACE = (
    "machine: {memory: 64KiB, devices: {disk: }}\n"
    "memory: {swap: {out: blocked, device: disk, rate: 1MiB/s}}\n"
)
FULL = 62_500_000  # ns to write or read 64 KiB at that rate


def run(load: Load, head: str, programs: str, *processes: str) -> Run:
    """A lawful run of these processes, each a YAML mapping."""
    text = f"{head}programs: {{{programs}}}\nprocesses: [{', '.join(processes)}]\n"
    found = simulate(load(text).workload)
    assert check(found) == []
    return found


def said(found: Run, process: str) -> list[tuple[str, Any]]:
    return [(row.name, row.value) for row in found.observations if row.process == process]


def codes(found: Run) -> dict[str, int | None]:
    return {row.name: row.exitcode for row in found.processes}


def remembered(found: Run, *events: str) -> list[tuple[str, str, int]]:
    """These events of memory: what, who, and when in ms."""
    return [
        (e.event, e.process, e.at_ns // ms(1)) for e in found.memory_events if e.event in events
    ]


PARENT = "{name: P, program: [{cpu: 5ms}, {start: {program: child}}, {io: 50ms}, {observe: child}]}"


def test_a_stray_touch_makes_a_zombie_of_a_child(load: Load) -> None:
    child = "child: {memory: 40KiB, program: [{cpu: 5ms}, {touch: 64KiB}, {print: never}]}"
    found = run(load, PARTITIONS, child, PARENT)
    [(_, seen)] = said(found, "P")
    assert (seen["state"], seen["keeps"], seen["exitcode"]) == ("zombie", "exit code -11", -11)
    assert remembered(found, "fault", "freed") == [("fault", "child", 10), ("freed", "child", 10)]


@pytest.mark.parametrize(
    ("step", "raised"), [("alloc: 32KiB", "MemoryError"), ("free: 4KiB", "ValueError")]
)
def test_a_step_that_memory_refuses_is_an_exception(load: Load, step: str, raised: str) -> None:
    child = f"child: {{memory: 40KiB, program: [{{cpu: 5ms}}, {{{step}}}, {{print: never}}]}}"
    found = run(load, PARTITIONS, child, PARENT)
    assert said(found, "child") == [("raise", raised)]
    assert codes(found) == {"P": 0, "child": 1}


def test_an_exception_joins_children_first_and_a_fault_does_not(load: Load) -> None:
    def end_of(step: str) -> tuple[int, list[str]]:
        child = "child: {cpu: 50ms}"
        process = (
            f"{{name: P, memory: 40KiB, program: [{{start: {{program: child}}}}, {{{step}}}]}}"
        )
        found = run(load, PARTITIONS, child, process)
        orphans = [row.process for row in found.lifecycle if row.event == "adopted"]
        return (found.processes[0].completion_ns or 0) // ms(1), orphans

    assert end_of("alloc: 32KiB") == (50, [])
    assert end_of("touch: 64KiB") == (0, ["child"])


def test_a_program_that_is_called_uses_its_callers_memory(load: Load) -> None:
    child = "child: {memory: 4KiB, program: [{touch: 60KiB}, {alloc: 20KiB}, {alloc: 20KiB}]}"
    found = run(load, PARTITIONS, child, "{name: P, memory: 40KiB, program: [{call: child}]}")
    assert [e.event for e in found.memory_events] == [
        "placed",
        "touch",
        "alloc",
        "refused",
        "freed",
    ]
    assert codes(found) == {"P": 1}


def test_a_policy_knows_that_a_burst_ends_with_a_fault(load: Load) -> None:
    stray = "long: {memory: 4KiB, program: [{cpu: 1ms}, {touch: 64KiB}, {cpu: 90ms}]}"
    child = f"{stray}, short: {{cpu: 5ms}}"
    starts = "{start: {program: short}}, {start: {program: long}}"
    found = run(
        load,
        f"scheduler: {{policy: sjf}}\n{PARTITIONS}",
        child,
        f"{{name: P, program: [{{cpu: 1ms}}, {starts}]}}",
    )
    ends = {row.name: row.completion_ns for row in found.processes}
    assert (ends["long"], ends["short"]) == (ms(2), ms(7))


def test_steps_in_memory_do_not_end_a_burst(load: Load) -> None:
    steps = "{cpu: 5ms}, {alloc: 4KiB}, {cpu: 5ms}, {touch: 0}, {cpu: 5ms}, {print: x}"
    found = run(load, PARTITIONS, "", f"{{name: P, memory: 40KiB, program: [{steps}]}}")
    rows = [(row.start, row.end) for row in found.intervals if row.core == 0]
    assert rows == [(0, ms(15))]
    assert remembered(found, "alloc", "touch") == [("alloc", "P", 5), ("touch", "P", 10)]


WAITS = {
    "join": ("{start: {program: child}}, {join: child}", "{cpu: 20ms}"),
    "exit": ("{start: {program: child}}", "{cpu: 20ms}"),
    "receive": (
        "{start: {program: child}}, {receive: q}",
        "{cpu: 20ms}, {send: {queue: q, value: 1}}",
    ),
    "barrier": ("{start: {program: child}}, {barrier: b}", "{cpu: 20ms}, {barrier: b}"),
    "lock": (
        "{start: {program: child}}, {start: {program: child, name: c2}}, {io: 100ms}, {lock: L}",
        "{lock: L}, {cpu: 20ms}, {unlock: L}",
    ),
}


@pytest.mark.parametrize("wait", WAITS)
def test_who_waits_in_a_call_is_swapped_out_and_is_back_before_it_runs(
    load: Load, wait: str
) -> None:
    mine, its = WAITS[wait]
    found = run(
        load,
        f"{ONE_PLACE}barriers: {{b: 2}}\n",
        f"child: {{memory: 64KiB, program: [{its}]}}",
        f"{{name: P, memory: 64KiB, program: [{{cpu: 5ms}}, {mine}]}}",
    )
    assert found.stopped is None
    swaps = [(event, who) for event, who, _ in remembered(found, "swapped-out", "swapped-in")]
    assert swaps[0] == ("swapped-out", "P") and ("swapped-in", "P") in swaps
    assert set(codes(found).values()) == {0}


def test_a_timeout_is_over_while_one_is_swapped_out_and_it_comes_back_for_it(load: Load) -> None:
    found = run(
        load,
        ONE_PLACE,
        "child: {memory: 64KiB, cpu: 100ms}",
        "{name: P, memory: 64KiB, program: [{cpu: 5ms}, {start: {program: child}}, "
        "{join: {process: child, timeout: 20ms}}, {observe: {process: child, only: system}}]}",
    )
    assert said(found, "P")[1][1]["state"] == "gone"  # it came back when the child had ended


KILLER = "{name: K, arrival: %dms, program: [{kill: P}, {observe: {process: P, only: system}}]}"
SLEEPER = "{name: P, memory: 64KiB, program: [{cpu: 5ms}, {io: 200ms}, {cpu: 5ms}]}"
OTHER = "{name: Q, arrival: 5ms, memory: 64KiB, program: [{cpu: 90ms}, {io: 100ms}, {cpu: 5ms}]}"


@pytest.mark.parametrize(
    ("when", "events"),
    [
        (30, ["swapped-out", "withdrawn"]),  # while it is being written
        (120, ["swapped-out", "withdrawn"]),  # while it is out
        (280, ["swapped-out", "swapped-in", "freed"]),  # while it is being read
    ],
)
def test_one_that_is_swapped_dies_at_once_and_its_place_is_free_afterwards(
    load: Load, when: int, events: list[str]
) -> None:
    head = ONE_PLACE.replace("memory: 64KiB,", "memory: 64KiB, cores: 2,", 1)
    found = run(load, head, "", SLEEPER, OTHER, KILLER % when)
    p = found.processes[0]
    assert (p.exitcode, p.completion_ns) == (-9, ms(when))
    mine = [e.event for e in found.memory_events if e.process == "P" and e.event != "waits"]
    assert mine == ["placed", *events]
    assert (memory_states(found)[-1].programs, memory_states(found)[-1].swapped_out) == (0, 0)


def test_one_that_waits_for_memory_and_is_killed_waits_no_more(load: Load) -> None:
    found = run(
        load,
        "memory: {partitions: [64KiB]}\n",
        "",
        "{name: A, memory: 4KiB, cpu: 50ms}",
        "{name: P, memory: 4KiB, cpu: 50ms}",
        "{name: K, arrival: 10ms, program: [{kill: P}]}",
    )
    assert codes(found)["P"] == -9
    assert memory_states(found)[-1].waiting == 0


def test_a_deadlock_of_one_that_is_swapped_out_is_found(load: Load) -> None:
    found = run(
        load,
        ONE_PLACE,
        "",
        "{name: P, memory: 64KiB, program: [{cpu: 5ms}, {receive: q}]}",
        "{name: Q, memory: 64KiB, program: [{cpu: 5ms}, {print: x}]}",
    )
    assert found.stopped == "deadlock: P waits for queue q, to which no process sends"
    assert codes(found)["Q"] == 0


def test_one_that_is_killed_while_its_core_is_switched_to_it_dies_afterwards(load: Load) -> None:
    found = run(
        load,
        "machine: {cores: 2, costs: {switch: 10ms}}\n",
        "",
        "{name: P, cpu: 10ms}",
        "{name: Q, program: [{cpu: 15ms}, {kill: R}, {cpu: 20ms}]}",
        "{name: R, arrival: 12ms, cpu: 50ms}",
    )
    assert (codes(found)["R"], found.processes[2].completion_ns) == (-9, ms(22))


def test_jobs_of_a_periodic_process_start_children(load: Load) -> None:
    found = run(
        load,
        "",
        "child: {cpu: 5ms}",
        "{name: P, period: 50ms, jobs: 3, program: [{cpu: 5ms}, {start: {program: child}}, "
        "{join: child}, {print: done}]}",
    )
    jobs = found.processes[0].jobs or []
    assert [(job["completion_ns"] or 0) // ms(1) for job in jobs] == [10, 60, 110]
    assert [row.arrival_ns // ms(1) for row in found.processes[1:]] == [5, 55, 105]


LIFE = [
    *("{cpu: 7ms}", "{cpu: 20ms}", "{io: 15ms}", "{io: {disk: 9ms}}", "{yield: true}"),
    *("{start: {program: a, name: x}}", "{start: {program: b, name: y, daemon: true}}"),
    *("{start: {program: b}}", "{join: x}", "{join: {process: y, timeout: 12ms}}", "{join: b}"),
    *("{terminate: x}", "{kill: y}", "{kill: b}", "{kill: Q}", "{observe: x}", "{call: c}"),
    *("{lock: L}", "{unlock: L}", "{send: {queue: q, value: 1}}", "{receive: q}"),
    *("{barrier: w}", "{exit: 2}", "{os_exit: 3}", "{raise: OSError}"),
]
MEMORY = ["{alloc: 4KiB}", "{alloc: 64KiB}", "{free: 4KiB}", "{touch: 0}", "{touch: 60KiB}"]
PROGRAMS = st.lists(st.sampled_from(LIFE + MEMORY), min_size=1, max_size=8).map(", ".join)
SCHEMES = st.sampled_from(
    [
        *("partitions: [48KiB, 64KiB]", "partitions: [64KiB, 64KiB, 64KiB]", "scheme: variable"),
        *("scheme: variable, compaction: when-needed", "min_block: 16KiB"),
        *(
            "holes: [64KiB, 50KiB], compaction: when-needed",
            "partitions: [48KiB, 64KiB], queues: per-partition",
        ),
    ]
)
SWAPS = st.sampled_from(
    [
        "",
        *(
            f", swap: {{out: {out}, device: disk, rate: 8MiB/s}}"
            for out in ("blocked", "longest-resident")
        ),
    ]
)
COSTS = st.sampled_from(
    ["", ", costs: {copy_per_mib: 200ms}", ", costs: {copy_per_mib: 200ms, fork: 2ms, switch: 1ms}"]
)


@settings(max_examples=cases(150), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    programs=st.tuples(PROGRAMS, PROGRAMS, PROGRAMS),
    sizes=st.tuples(*[st.sampled_from([16, 32, 48])] * 3),
    scheme=SCHEMES,
    more=st.sampled_from(["", ", max_resident: 3"]),
    swap=SWAPS,
    costs=COSTS,
    cores=st.integers(1, 2),
    policy=st.sampled_from(["fcfs", "rr", "srtf", "mlfq", "lottery", "priority, aging: 5ms"]),
    period=st.sampled_from(["", ", period: 60ms, jobs: 3"]),
)
def test_process_trees_in_memory_at_random_break_no_law_and_leave_no_process(
    load: Load,
    programs: tuple[str, str, str],
    sizes: tuple[int, int, int],
    scheme: str,
    more: str,
    swap: str,
    costs: str,
    cores: int,
    policy: str,
    period: str,
) -> None:
    first, second, third = programs
    second = second.replace("program: a", "program: c")
    third = third.replace("program: a", "program: c").replace("program: b", "program: c")
    text = f"""
scheduler: {{policy: {policy}}}
machine: {{cores: {cores}, memory: 256KiB, devices: {{disk: }}{costs}}}
memory: {{{scheme}{more}{swap}}}
barriers: {{w: 2}}
programs:
  a: {{memory: {sizes[0]}KiB, program: [{second}]}}
  b: {{memory: {sizes[1]}KiB, program: [{third}]}}
  c: {{memory: 8KiB, cpu: 5ms}}
  names:
    program:
    - start: {{program: c, name: x}}
    - start: {{program: c, name: y}}
    - start: {{program: c, name: b}}
processes:
- {{name: P, memory: {sizes[2]}KiB, program: [{first}]{period}}}
- {{name: Q, memory: {sizes[0]}KiB, program: [{{cpu: 10ms}}, {{io: 30ms}}, {{cpu: 20ms}}]}}
- {{name: R, arrival: 20ms, memory: {sizes[1]}KiB, program: [{{io: {{disk: 20ms}}}}, {{cpu: 5ms}}]}}
"""
    found = simulate(load(text).workload)
    assert check(found) == []
    if found.stopped is None:
        events: dict[str, list[str]] = {row.name: [] for row in found.processes}
        for row in found.lifecycle:
            events[row.process].append(row.event)
        assert all(seen[-1] == "reaped" and "exited" in seen for seen in events.values())
        if found.memory_events:
            last = memory_states(found)[-1]
            assert (last.allocated, last.waiting, last.swapped_out) == (0, 0, 0)
