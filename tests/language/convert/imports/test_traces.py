"""Traces become bursts, waits and messages."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import cases
from tests.language.convert.imports.conftest import Import


def _switch(was: str, state: str, comes: str) -> str:
    """`was` and `comes` like A-1."""
    (name, pid), (other, number) = was.split("-"), comes.split("-")
    return (
        f"sched_switch: prev_comm={name} prev_pid={pid} prev_prio=120 prev_state={state} ==> "
        f"next_comm={other} next_pid={number} next_prio=120"
    )


def _ftrace(events: Sequence[tuple[str, str, int, str]]) -> str:
    """(running thread, flags, time in us, event) on processor 0."""
    lines = [f"  {who} [000] {flags} 7.{at:06d}: {event}" for who, flags, at, event in events]
    return "\n".join(["# tracer: nop", *lines, ""])


WAKES = _ftrace(
    [
        ("idle-0", "d..2.", 0, _switch("idle-0", "R", "A-1")),
        ("A-1", "d..2.", 2000, _switch("A-1", "S", "B-2")),
        ("B-2", "d..4.", 5000, "sched_waking: comm=A pid=1 prio=120 target_cpu=000"),
        ("B-2", "d..2.", 6000, _switch("B-2", "R", "A-1")),
        ("A-1", "d..2.", 7000, _switch("A-1", "S", "B-2")),
        ("B-2", "d.h4.", 9000, "sched_waking: comm=A pid=1 prio=120 target_cpu=000"),
        ("B-2", "d..2.", 9500, _switch("B-2", "X", "A-1")),
        ("A-1", "d..2.", 9600, _switch("A-1", "X", "idle-0")),
    ]
)


def test_a_thread_that_another_wakes_waits_for_a_message_and_others_for_time(
    import_text: Import,
) -> None:
    assert import_text(WAKES) == [
        "  - {name: A, program: [{cpu: 2ms}, {receive: A}, {cpu: 1ms}, {io: 2ms}, {cpu: 100us}]}",
        "  - {name: B, arrival: 2ms, program: [{cpu: 3ms}, {send: {queue: A, value: 1}}, "
        "{cpu: 3.5ms}]}",
    ]


def test_perf_does_not_tell_who_woke_a_thread(import_text: Import) -> None:
    perf = "\n".join(
        line.replace("-", "   ", 1).replace(" d..4. ", " ").replace(" sched_", " sched:sched_")
        for line in WAKES.replace(" d..2. ", " ").replace(" d.h4. ", " ").split("\n")[1:]
    )
    assert import_text(perf) == [
        "  - {name: A, program: [{cpu: 2ms}, {io: 3ms}, {cpu: 1ms}, {io: 2ms}, {cpu: 100us}]}",
        "  - {name: B, arrival: 2ms, cpu: 6.5ms}",
    ]


def test_a_preempted_burst_is_one_burst(import_text: Import) -> None:
    text = _ftrace(
        [
            ("idle-0", "d..2.", 0, _switch("idle-0", "R", "A-1")),
            ("A-1", "d..2.", 1000, _switch("A-1", "R+", "B-2")),
            ("B-2", "d..2.", 2000, _switch("B-2", "R", "A-1")),
            ("A-1", "d..2.", 4000, _switch("A-1", "X", "idle-0")),
        ]
    )
    assert import_text(text)[0] == "  - {name: A, cpu: 3ms}"


def test_a_thread_that_another_begins_waits_for_its_message(import_text: Import) -> None:
    text = _ftrace(
        [
            ("idle-0", "d..2.", 0, _switch("idle-0", "R", "A-1")),
            ("A-1", "d..2.", 500, "sched_process_fork: comm=A pid=1 child_comm=A child_pid=2"),
            ("A-1", "d..2.", 510, "sched_wakeup_new: comm=A pid=2 prio=120 target_cpu=000"),
            ("A-1", "d..2.", 1000, _switch("A-1", "S", "A-2")),
            ("A-2", "d..2.", 3000, _switch("A-2", "X", "idle-0")),
        ]
    )
    assert import_text(text) == [
        "  - {name: A-1, program: [{cpu: 500us}, {send: {queue: A-2, value: 1}}, {cpu: 500us}]}",
        "  - {name: A-2, program: [{receive: A-2}, {cpu: 2ms}]}",
    ]


def test_a_switch_from_the_idle_thread_need_not_be_traced(import_text: Import) -> None:
    text = _ftrace(
        [
            ("idle-0", "d.h2.", 1000, "sched_waking: comm=A pid=1 prio=120 target_cpu=000"),
            ("A-1", "d..2.", 3000, _switch("A-1", "S", "idle-0")),
            ("idle-0", "d.h2.", 5000, "sched_waking: comm=A pid=1 prio=120 target_cpu=000"),
            ("A-1", "d..2.", 6000, _switch("A-1", "S", "idle-0")),
        ]
    )
    assert import_text(text) == ["  - {name: A, program: [{cpu: 2ms}, {io: 2ms}, {cpu: 1ms}]}"]


def test_threads_and_a_window_can_be_chosen(import_text: Import) -> None:
    assert import_text(WAKES, only=("B",))[0].startswith("  - {name: B, arrival: 2ms")
    assert import_text(WAKES, only=("1",), start=6_500_000) == [
        "  - {name: A, program: [{cpu: 500us}, {io: 2ms}, {cpu: 100us}]}"
    ]
    assert import_text(WAKES, only=("A",), duration=3_000_000) == ["  - {name: A, cpu: 2ms}"]


def test_trace_cmd_writes_it_shorter(import_text: Import) -> None:
    text = (
        "cpus=1\n"
        "   <idle>-0     [000]    1.000000: sched_switch:   swapper/0:0 [120] R ==> A:1 [115]\n"
        "        A-1     [000]    1.004000: sched_switch:   A:1 [115] S ==> swapper/0:0 [120]\n"
    )
    assert import_text(text) == ["  - {name: A, nice: -5, cpu: 4ms}"]


def test_chrome_carries_the_lines_of_the_kernel(import_text: Import) -> None:
    text = json.dumps({"traceEvents": [], "systemTraceEvents": WAKES})
    assert import_text(text) == import_text(WAKES)


def test_slices_of_chrome_are_bursts_and_the_gaps_waits(import_text: Import) -> None:
    events = [
        {"ph": "M", "name": "thread_name", "pid": 1, "tid": 2, "args": {"name": "main"}},
        {"ph": "X", "name": "f", "pid": 1, "tid": 2, "ts": 0, "dur": 2000.5},
        {"ph": "X", "name": "g", "pid": 1, "tid": 2, "ts": 100, "dur": 50},
        {"ph": "B", "name": "h", "pid": 1, "tid": 2, "ts": 5000.5},
        {"ph": "E", "pid": 1, "tid": 2, "ts": 6000.5},
        {"ph": "X", "name": "f", "pid": 1, "tid": 2, "ts": 6000.5, "dur": 1000, "tdur": 400},
    ]
    made = "  - {name: main, program: [{cpu: 2000.5us}, {io: 3ms}, {cpu: 1.4ms}]}"
    assert import_text(json.dumps(events)) == [made]
    assert import_text(json.dumps({"a": [1, {"b": "]"}], "traceEvents": events})) == [made]
    assert import_text(json.dumps(events)[:-1]) == [made]  # Chrome may leave out the bracket


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# tracer: nop\n x-1 [000] d..2. 7.0: sched_switch: prev_comm=x\n",
         "f:2:37: is no sched_switch as the kernel writes it"),
        ("# tracer: nop\n x-1 000 7.0: sched_switch: prev_comm=x\n",
         "f:2:15: must be NAME-PID [CPU] SECONDS: before the event, as ftrace and perf write it"),
        ("# tracer: nop\n", "f: shows no thread that runs (sched_switch)"),
        ('{"traceEvents": [{"ph": "X", "ts": -1}]}', "f:1:39: the event before here needs ts and "
         "dur, microseconds of 0 or more"),
        ('{"traceEvents": [{"ph": "X", "ts"', "f:1:18: the value that begins here is damaged"),
        ('{"traceEvents": [}', "f:1:19: must be a comma or }"),
        ('{"traceEvents": []}', "f: has no slices (events of the phase X, or B and E) to read"),
        (b"\x0a\x10\x00\x12perfetto",
         "f: is Perfetto's binary trace; traceconv json FILE trace.json makes JSON of it"),
        (b"PERFILE2xxx",
         "f: is perf's own file; perf script -i FILE > trace.txt makes text of it"),
    ],
)  # fmt: skip
def test_a_mistake_has_its_place(text: str | bytes, told: str, import_text: Import) -> None:
    assert import_text(text) == [told]


# -- a law: what ran is what is written, whatever happens in between -------------------------------

THREADS = st.integers(1, 3)
MOVES = st.lists(
    st.tuples(st.integers(1, 900), THREADS, st.sampled_from(["R", "S", "D"])),
    min_size=1,
    max_size=30,
)


@settings(max_examples=cases(100), deadline=None)
@given(MOVES)
def test_each_thread_computes_as_long_as_it_ran(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int, str]]
) -> None:
    from language import load
    from tests.language.convert.imports.conftest import imported

    at, running, ran = 0, 0, {1: 0, 2: 0, 3: 0}
    events = []
    for length, following, state in [*moves, (1, 0, "S")]:
        if following == running:
            continue
        if running:
            ran[running] += length * 1000
        at += length
        was, comes = f"T{running}-{running}", f"T{following}-{following}"
        events.append((was, "d..2.", at, _switch(was, state, comes)))
        running = following
    path = tmp_path_factory.mktemp("trace") / "t"
    path.write_text(_ftrace(events))
    imported(path)
    made = load(path.with_name("imported.yaml")).workload
    found = {
        spec.name: sum(
            time
            for place, time in zip(spec.program.places, spec.program.durations, strict=True)
            if place == -2
        )
        for spec in made.processes
    }
    assert found == {f"T{number}": time for number, time in ran.items() if time}
