"""Real processes that start and join each other, in real memory: faults, files, moves, kills."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

import psutil
import pytest

from kernel.units import ms
from language import load as load_file
from real import run_real
from sim import simulate
from tests.language.conftest import Load
from tests.paths import LESSONS
from tests.real.lifecycle.test_lifecycle import both, nothing_is_left
from timeline.laws.check import check
from timeline.record.run import Run

pytestmark = pytest.mark.real
__all__ = ["nothing_is_left"]

SWAP = "swap: {out: blocked, device: disk, rate: 4MiB/s}"
ONE_PLACE = f"machine: {{memory: 64KiB, devices: {{disk: }}}}\nmemory: {{{SWAP}}}\n"


def agree(load: Load, text: str) -> Run:
    """A real run that says what its model says, of its memory too, and keeps all laws."""
    model, real = both(load(text).workload)
    assert check(real) == []
    if not real.machine["corrections"]:
        assert arrangement(real) == arrangement(model)
    return real


def arrangement(run: Run) -> list[tuple[str, str, int, int]]:
    return [(e.event, e.process, e.base, e.size) for e in run.memory_events]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_fault_and_exceptions_of_children(load: Load, method: str) -> None:
    real = agree(
        load,
        f"start_method: {method}\nmemory: {{partitions: [64KiB, 64KiB, 64KiB]}}\n"
        "programs:\n"
        "  stray: {memory: 40KiB, program: [{touch: 65535}, {cpu: 20ms}, {touch: 64KiB}]}\n"
        "  greedy: {memory: 40KiB, program: [{alloc: 8KiB}, {cpu: 20ms}, {alloc: 32KiB}]}\n"
        "  frees: {memory: 40KiB, program: [{alloc: 8KiB}, {free: 8KiB}, {free: 4KiB}]}\n"
        "processes:\n- name: P\n  program:\n  - start: {program: stray}\n"
        "  - start: {program: greedy}\n  - start: {program: frees}\n  - io: 100ms\n"
        "  - observe: stray\n  - join: stray\n  - join: greedy\n  - join: frees\n",
    )
    codes = {row.name: row.exitcode for row in real.processes}
    assert codes == {"P": 0, "stray": -11, "greedy": 1, "frees": 1}


def test_a_fault_makes_orphans(load: Load) -> None:
    real = agree(
        load,
        "memory: {partitions: [64KiB, 64KiB]}\nprograms: {child: {cpu: 40ms}}\n"
        "processes:\n- {name: P, memory: 40KiB, program: [{cpu: 20ms}, "
        "{start: {program: child}}, {touch: 64KiB}]}\n",
    )
    assert [(e.event, e.process) for e in real.lifecycle if e.event == "adopted"] == [
        ("adopted", "child")
    ]


WAITS = {
    "join": ("{start: {program: child}}, {join: child}", "{cpu: 20ms}"),
    "exit": ("{start: {program: child}}", "{cpu: 20ms}"),
    "receive": (
        "{start: {program: child}}, {receive: q}",
        "{cpu: 20ms}, {send: {queue: q, value: 1}}",
    ),
    "barrier": ("{start: {program: child}}, {barrier: b}", "{cpu: 20ms}, {barrier: b}"),
}


@pytest.mark.parametrize("wait", WAITS)
def test_a_process_that_waits_in_a_call_is_written_to_a_file_and_comes_back(
    load: Load, wait: str
) -> None:
    mine, its = WAITS[wait]
    real = agree(
        load,
        f"{ONE_PLACE}barriers: {{b: 2}}\n"
        f"programs: {{child: {{memory: 64KiB, program: [{its}]}}}}\n"
        f"processes: [{{name: P, memory: 64KiB, program: [{{cpu: 5ms}}, {mine}, {{touch: 0}}]}}]\n",
    )
    assert real.machine["swapping"]["transfers"] >= 2


def test_a_grandchild_is_swapped_although_the_supervisor_cannot_wait_for_it(load: Load) -> None:
    real = agree(
        load,
        ONE_PLACE.replace("64KiB", "128KiB", 1) + "programs:\n"
        "  middle: {program: [{start: {program: low}}, {start: {program: low, name: low2}}]}\n"
        "  low: {memory: 64KiB, program: [{cpu: 10ms}, {io: 150ms}, {touch: 65535}]}\n"
        "processes:\n- {name: P, program: [{start: {program: middle}}]}\n"
        "- {name: Q, arrival: 60ms, memory: 128KiB, cpu: 10ms}\n",
    )
    out = [e.process for e in real.memory_events if e.event == "swapped-out"]
    assert sorted(out) == ["low", "low2"]


@pytest.mark.parametrize("signal", ["kill", "terminate"])
@pytest.mark.parametrize("after", [10, 60, 190])
def test_one_that_is_killed_in_or_on_its_way_to_the_file(
    load: Load, signal: str, after: int
) -> None:
    agree(
        load,
        ONE_PLACE.replace("memory: 64KiB,", "memory: 64KiB, cores: 1,", 1)
        + "programs: {sleeps: {memory: 64KiB, program: [{cpu: 5ms}, {io: 160ms}, {cpu: 5ms}]}}\n"
        "processes:\n- name: P\n  program:\n  - start: {program: sleeps}\n"
        "  - start: {program: sleeps, name: other}\n"
        f"  - io: {after}ms\n  - {signal}: sleeps\n  - io: 20ms\n"
        "  - observe: sleeps\n  - join: other\n",
    )


def test_partitions_of_children_are_moved_under_their_feet(load: Load) -> None:
    real = agree(
        load,
        "machine: {memory: 128KiB}\nmemory: {scheme: variable, compaction: when-needed}\n"
        "scheduler: {policy: rr, quantum: 10ms}\n"
        "programs:\n  middle: {program: [{start: {program: low}}, {join: low}]}\n"
        "  low: {memory: 32KiB, program: [{cpu: 60ms}, {touch: 32767}]}\n"
        "  first: {memory: 32KiB, cpu: 40ms}\n  last: {memory: 96KiB, cpu: 10ms}\n"
        "processes:\n- name: P\n  program:\n  - start: {program: first}\n  - io: 2ms\n"
        "  - start: {program: middle}\n  - io: 2ms\n  - start: {program: last}\n",
    )
    assert real.machine["compaction"]["moves"] == 1


def test_jobs_that_start_children(load: Load) -> None:
    real = agree(
        load,
        "programs: {child: {cpu: 5ms}}\n"
        "processes:\n- name: P\n  period: 100ms\n  jobs: 3\n  program:\n  - cpu: 5ms\n"
        "  - start: {program: child}\n  - join: child\n  - print: done\n",
    )
    assert len(real.processes) == 4 and len(real.processes[0].jobs or []) == 3


def test_a_deadlock_of_one_that_is_in_the_file(load: Load) -> None:
    real = agree(
        load,
        f"{ONE_PLACE}stall_timeout: 200ms\n"
        "processes:\n- {name: P, memory: 64KiB, program: [{cpu: 5ms}, {receive: q}]}\n"
        "- {name: Q, memory: 64KiB, program: [{cpu: 5ms}, {print: x}]}\n",
    )
    assert real.stopped == "deadlock: P waits for queue q, to which no process sends"


def test_a_deadlock_at_the_exit_by_an_exception(load: Load) -> None:
    real = agree(
        load,
        "stall_timeout: 200ms\nprograms: {child: {program: [{receive: q}]}}\n"
        "processes: [{name: P, program: [{start: {program: child}}, {raise: ValueError}]}]\n",
    )
    assert real.stuck == ["P", "child"]


def test_a_run_that_is_stopped_while_it_swaps_leaves_no_file(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files := tmp_path / "files").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    text = (
        f"{ONE_PLACE}programs: {{child: {{memory: 64KiB, cpu: 20s}}}}\n"
        "processes: [{name: P, memory: 64KiB, program: [{start: {program: child}}, {join: child}]}]"
    )
    run = run_real(load(text).workload, timeout=ms(400))
    assert (run.stopped or "").startswith("it took longer than the timeout")
    assert list(files.iterdir()) == []
    assert psutil.Process(os.getpid()).children() == []


LIFE = [
    *("{cpu: 7ms}", "{cpu: 20ms}", "{io: 15ms}", "{io: {disk: 9ms}}", "{yield: true}"),
    *("{start: {program: a, name: x}}", "{start: {program: b, name: y, daemon: true}}"),
    *("{start: {program: b}}", "{join: x}", "{join: {process: y, timeout: 12ms}}", "{join: b}"),
    *("{terminate: x}", "{kill: y}", "{kill: b}", "{kill: Q}", "{observe: x}", "{call: c}"),
    *("{lock: L}", "{unlock: L}", "{send: {queue: q, value: 1}}", "{receive: q}"),
    *("{barrier: w}", "{exit: 2}", "{os_exit: 3}", "{raise: OSError}", "{start: x}"),
    *("{alloc: 4KiB}", "{alloc: 64KiB}", "{free: 4KiB}", "{touch: 0}", "{touch: 60KiB}"),
]
SCHEMES = [
    *("partitions: [48KiB, 64KiB]", "scheme: variable, compaction: when-needed"),
    *("min_block: 16KiB", "partitions: [48KiB, 64KiB], queues: per-partition"),
]


def at_random(seed: int) -> str:
    draw = random.Random(seed)

    def program() -> str:
        return ", ".join(draw.choice(LIFE) for _ in range(draw.randint(1, 8)))

    first, second, third = program(), program(), program()
    second = second.replace("program: a", "program: c")
    third = third.replace("program: a", "program: c").replace("program: b", "program: c")
    sizes = [draw.choice([16, 32, 48]) for _ in range(3)]
    swap = draw.choice(["", f", {SWAP}"])
    return "\n".join(
        [
            f"scheduler: {{policy: {draw.choice(['fcfs', 'rr', 'srtf', 'mlfq', 'lottery'])}}}",
            "machine: {memory: 256KiB, devices: {disk: }}",
            f"memory: {{{draw.choice(SCHEMES)}{swap}}}",
            "barriers: {w: 2}\nstall_timeout: 300ms\nprograms:",
            f"  a: {{memory: {sizes[0]}KiB, program: [{second}]}}",
            f"  b: {{memory: {sizes[1]}KiB, program: [{third}]}}",
            "  c: {memory: 8KiB, cpu: 5ms}\n  names:\n    program:",
            *(f"    - start: {{program: c, name: {name}}}" for name in ("x", "y", "b")),
            f"processes:\n- {{name: P, memory: {sizes[2]}KiB, program: [{first}]}}",
            f"- name: Q\n  memory: {sizes[1]}KiB",
            "  program: [{cpu: 9ms}, {io: 30ms}, {cpu: 9ms}]",
        ]
    )


@pytest.mark.parametrize("seed", range(8))
def test_families_in_memory_at_random_say_the_same_on_both_machines(load: Load, seed: int) -> None:
    agree(load, at_random(seed))


def test_the_lessons_swap_and_fault_for_real() -> None:
    folder = LESSONS / "life"
    swapped = load_file(folder / "swapped-while-waiting.yaml").workload
    assert run_real(swapped).machine["swapping"]["transfers"] == 2
    assert simulate(swapped).stopped is None
