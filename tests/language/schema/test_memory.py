"""The memory section: what it says, what follows from it, and which keys go together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.hardware import MemorySpec
from kernel.memory import make_admission
from language import ScenarioError
from tests.effort import cases
from tests.language.conftest import Load

KIB = 1024
PROCESSES = "processes: [{name: A, cpu: 1, memory: 1KiB}]\n"


def memory_of(load: Load, text: str, **options: Any) -> MemorySpec | None:
    return load(PROCESSES + text, **options).workload.memory


def test_a_machine_with_memory_and_nothing_else_is_one_hole(load: Load) -> None:
    found = memory_of(load, "machine: {memory: 64KiB}")
    assert found == MemorySpec(64 * KIB, scheme="variable")
    assert memory_of(load, "machine: {memory: 64KiB}\nmemory: {}") == found


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("memory: {partitions: [4KiB]}", MemorySpec(4 * KIB, (4 * KIB,))),
        (
            "memory: {partitions: [4KiB], queues: per-partition}",
            MemorySpec(4 * KIB, (4 * KIB,), queues="per-partition"),
        ),
        (
            "memory: {holes: [4KiB, 8KiB], fit: next}",
            MemorySpec(16 * KIB, (), "next", scheme="variable", holes=(4 * KIB, 8 * KIB)),
        ),
        (
            "machine: {memory: 64KiB}\nmemory: {holes: [4KiB], fit: worst, admission: skip}",
            MemorySpec(64 * KIB, (), "worst", "skip", scheme="variable", holes=(4 * KIB,)),
        ),
        (
            "machine: {memory: 64KiB}\nmemory: {compaction: when-needed}",
            MemorySpec(64 * KIB, scheme="variable", compaction="when-needed"),
        ),
        (
            "machine: {memory: 64KiB}\nmemory: {min_block: 4KiB}",
            MemorySpec(64 * KIB, scheme="buddy", min_block=4 * KIB),
        ),
    ],
)
def test_the_scheme_follows_from_the_key_that_only_it_has(
    load: Load, text: str, spec: MemorySpec
) -> None:
    assert memory_of(load, text) == spec


FIXED = "memory: {scheme: fixed, partitions: [4KiB], fit: first, admission: fifo}"


def test_another_scheme_drops_what_it_does_not_have(load: Load) -> None:
    sets = ("memory.scheme=buddy", "memory.min_block=4KiB", "machine.memory=64KiB")
    loaded = load(PROCESSES + FIXED, sets=sets)
    assert loaded.workload.memory == MemorySpec(64 * KIB, scheme="buddy", min_block=4 * KIB)
    assert loaded.remarks == [
        "buddy memory has no partitions or fit: what the scenario says about it is ignored"
    ]


def test_so_do_queues_per_partition(load: Load) -> None:
    loaded = load(PROCESSES + FIXED, sets=("memory.queues=per-partition",))
    assert loaded.remarks == [
        "queues: per-partition has no fit or admission: what the scenario says about it is ignored"
    ]


def test_so_does_a_scheme_that_moves_nothing(load: Load) -> None:
    text = "machine: {memory: 64KiB}\nmemory: {compaction: when-needed}"
    loaded = load(PROCESSES + text, sets=("memory.scheme=buddy", "memory.min_block=4KiB"))
    assert loaded.workload.memory == MemorySpec(64 * KIB, scheme="buddy", min_block=4 * KIB)
    assert loaded.remarks == [
        "buddy memory has no compaction: what the scenario says about it is ignored"
    ]


def test_what_the_command_line_says_is_not_dropped(load: Load) -> None:
    with pytest.raises(ScenarioError, match=r"--set memory.fit=best: memory.fit: has no meaning"):
        load(PROCESSES + FIXED, sets=("memory.queues=per-partition", "memory.fit=best"))


sizes = st.sampled_from(["0", "1", "3KiB", "4KiB", "8KiB", "1MiB", "9TiB", "x"])
lists = st.lists(sizes, max_size=3).map(lambda many: f"[{', '.join(many)}]")
sections = st.fixed_dictionaries(
    {},
    optional={
        "scheme": st.sampled_from(["fixed", "variable", "buddy", "paged", "[]"]),
        "partitions": lists,
        "holes": lists,
        "min_block": sizes,
        "fit": st.sampled_from(["first", "next", "best", "worst"]),
        "queues": st.sampled_from(["single", "per-partition", "{}"]),
        "admission": st.sampled_from(["fifo", "skip"]),
        "compaction": st.sampled_from(["never", "when-needed", "always"]),
    },
)


@settings(max_examples=cases(300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(section=sections, size=st.none() | sizes, program=sizes)
def test_any_section_is_refused_or_can_be_built(
    load: Load, section: dict[str, str], size: str | None, program: str
) -> None:
    keys = ", ".join(f"{key}: {value}" for key, value in section.items())
    machine = "" if size is None else f"machine: {{memory: {size}}}\n"
    text = f"{machine}memory: {{{keys}}}\nprocesses: [{{name: A, cpu: 1, memory: {program}}}]"
    try:
        workload = load(text).workload
    except ScenarioError:
        return
    assert workload.memory is not None
    asked = workload.processes[0].memory
    if asked:
        region = make_admission(workload.memory, print).request(None, asked)  # type: ignore[arg-type]
        assert region is not None and region.end <= workload.memory.size
