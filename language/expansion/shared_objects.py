"""The objects that processes share, as the kernel's rules have them."""

from __future__ import annotations

from typing import TypedDict

from kernel.process.calls import (
    ArrayRules,
    ConditionRules,
    LockRules,
    PipeRules,
    PoolRules,
    QueueRules,
    SemaphoreRules,
    ValueRules,
)
from language.schema.scenario import Scenario


class SharedObjects(TypedDict):
    """The fields of `LifecycleRules` for shared objects, all by name."""

    locks: dict[str, LockRules]
    semaphores: dict[str, SemaphoreRules]
    conditions: dict[str, ConditionRules]
    queues: dict[str, QueueRules]
    pipes: dict[str, PipeRules]
    pools: dict[str, PoolRules]
    values: dict[str, ValueRules]
    arrays: dict[str, ArrayRules]


def shared_objects(scenario: Scenario) -> SharedObjects:
    """Return the declared objects of a scenario. Short forms and lists are written out."""
    return SharedObjects(
        locks=_locks(scenario),
        semaphores={
            name: SemaphoreRules(one)
            if isinstance(one, int)
            else SemaphoreRules(one.value, one.bounded)
            for name, one in scenario.semaphores.items()
        },
        conditions=_conditions(scenario),
        queues=_queues(scenario),
        pipes={name: PipeRules(one.duplex) for name, one in scenario.pipes.items()},
        pools={
            name: PoolRules(one) if isinstance(one, int) else PoolRules(one.workers, one.kind)
            for name, one in scenario.pools.items()
        },
        values={
            name: ValueRules(one) if isinstance(one, int) else ValueRules(one.value, one.lock)
            for name, one in scenario.values.items()
        },
        arrays={
            name: ArrayRules(tuple(one))
            if isinstance(one, list)
            else ArrayRules(tuple(one.values), one.lock)
            for name, one in scenario.arrays.items()
        },
    )


def _locks(scenario: Scenario) -> dict[str, LockRules]:
    if isinstance(scenario.locks, list):
        return {name: LockRules() for name in scenario.locks}
    return {
        name: LockRules(one)
        if isinstance(one, str)
        else LockRules(one.kind, one.protocol, one.ceiling)
        for name, one in scenario.locks.items()
    }


def _conditions(scenario: Scenario) -> dict[str, ConditionRules]:
    if isinstance(scenario.conditions, list):
        return {name: ConditionRules() for name in scenario.conditions}
    return {name: ConditionRules(one.lock) for name, one in scenario.conditions.items()}


def _queues(scenario: Scenario) -> dict[str, QueueRules]:
    if isinstance(scenario.queues, list):
        return {name: QueueRules() for name in scenario.queues}
    return {
        name: QueueRules(one) if isinstance(one, str) else QueueRules(one.kind, one.maxsize)
        for name, one in scenario.queues.items()
    }
