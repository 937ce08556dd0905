"""On real processes the policies decide as they do in the model."""

from __future__ import annotations

import pytest

from kernel.hardware import DeviceSpec, MemorySpec
from sim import simulate
from tests.effort import portion
from tests.real.workloads import (
    cpu,
    io,
    process,
    run_undisturbed,
    sequence,
    two_cores,
    workload,
)
from timeline.comparison.compare import compare
from timeline.laws.check import check

pytestmark = pytest.mark.real

HOGS = [process("A", cpu(30)), process("B", cpu(20), arrival=4), process("C", cpu(9), arrival=8)]
MIXED = [
    process("A", cpu(12), io(25), cpu(12)),
    process("B", cpu(33)),
    process("C", cpu(6), io(40), cpu(6), arrival=4),
]
ALIKE = [process(name, cpu(20)) for name in "ABC"]  # equal keys, equal arrivals
RANKED = [
    process("low", cpu(30), priority=3),
    process("high", cpu(10), io(15), cpu(5), priority=1, arrival=8),
    process("alike", cpu(10), priority=1, arrival=12),
]
SCENARIOS = {
    "rr": workload(*HOGS),
    "rr, exact multiples of the quantum": workload(*ALIKE, quantum=10),
    "rr, an arrival at an expiry": workload(
        process("A", cpu(30)), process("B", cpu(20), arrival=10), quantum=10
    ),
    "rr, an arrival after an expiry": workload(
        process("A", cpu(30)), process("B", cpu(20), arrival=10), quantum=10, ties="expiry-first"
    ),
    "rr, alone: the slice is extended": workload(process("A", cpu(35)), quantum=10),
    "rr, I/O": workload(*MIXED),
    "fcfs": workload(*HOGS, policy="fcfs"),
    "fcfs, I/O": workload(*MIXED, policy="fcfs"),
    "sjf": workload(*HOGS, policy="sjf"),
    "sjf, equal bursts": workload(*ALIKE, policy="sjf"),
    "srtf": workload(*HOGS, policy="srtf"),
    "srtf, a tie with what is left": workload(
        process("A", cpu(30)), process("B", cpu(20), arrival=10), policy="srtf"
    ),
    "srtf, I/O": workload(*MIXED, policy="srtf"),
    "priority": workload(*RANKED, policy="priority"),
    "priority, cooperative": workload(*RANKED, policy="priority", preemptive=False),
    "a queue at a device": workload(
        *(process(name, cpu(5), io(20, 0), cpu(5)) for name in "ABC"),
        policy="fcfs",
        devices=[DeviceSpec("disk", 1)],
    ),
    "a device that never queues": workload(
        *(process(name, cpu(5), io(20, 0), cpu(5)) for name in "ABC"),
        policy="fcfs",
        devices=[DeviceSpec("net", None)],
    ),
    "programs that begin and end with I/O": workload(
        process("A", io(10), cpu(10), io(10)), process("B", cpu(30)), process("C", io(5))
    ),
    "a queue for memory": workload(
        *(process(name, cpu(10), io(5), cpu(10), memory=4096) for name in "ABC"),
        policy="fcfs",
        memory=MemorySpec(8192, (4096, 4096)),
    ),
}


@pytest.mark.parametrize("name", portion(list(SCENARIOS)))
def test_the_dispatch_sequence_is_the_models(name: str) -> None:
    simulated, real = simulate(SCENARIOS[name]), run_undisturbed(SCENARIOS[name])
    assert sequence(real) == sequence(simulated)
    assert check(real) == []


@two_cores
@pytest.mark.parametrize("policy", ["rr", "fcfs", "srtf"])
def test_two_cores_keep_the_order_of_the_model(policy: str) -> None:
    hogs = [
        process(name, cpu(length), arrival=at)
        for name, length, at in (("A", 45, 0), ("B", 25, 4), ("C", 35, 8), ("D", 15, 12))
    ]
    wanted = workload(*hogs, policy=policy, cores=2)
    simulated, real = simulate(wanted), run_undisturbed(wanted)
    order = compare(simulated, real).dispatch
    assert order.same, order
    assert check(real) == []
