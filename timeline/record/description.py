"""The machine and the scheduler of a record, as far as they are known before the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from kernel.hardware import Costs, DeviceSpec, MemorySpec
from kernel.lifecycle.gil import SWITCH_INTERVAL
from kernel.process.calls import LifecycleRules
from kernel.process.interpreters import SHARED_LOCK
from kernel.scheduling.conventions import COMPLETED_IO, READY_ORDER
from kernel.workload import SchedulerSpec, Workload
from timeline.record.run import SIMULATED


def describe_machine(backend: str, workload: Workload) -> dict[str, Any]:
    """Return `machine` as the scenario asks for it.

    A real machine has no `costs` (ns): what its dispatches and switches take is measured.
    """
    return {
        **_life_of(workload),
        "cores": workload.cores,
        "memory": workload.memory and describe_memory(workload.memory, workload.devices),
        "devices": {device.name: _device(device) for device in workload.devices},
        "costs": describe_costs(workload.costs) if backend == SIMULATED else {},
        **_switching(backend, workload.costs),
        **_reservations(workload),
    }


def _life_of(workload: Workload) -> dict[str, Any]:
    """Return `machine.life` if processes start, end or wait for each other, or have threads."""
    if workload.lifecycle is None:
        return {}
    return {"life": {**_start_method(workload.lifecycle), **_threads(workload)}}


def _threads(workload: Workload) -> dict[str, Any]:
    """Return the threads, and the interpreters that execute them if they share no lock."""
    threads = [spec.name for spec in workload.processes if spec.kinship.thread]
    if not threads:
        return {}
    kinds = {
        spec.name: call.options["interpreter"]
        for spec in workload.processes
        for call in spec.program.calls
        if call.kind == "threads"
    }
    others = {name: kind for name, kind in kinds.items() if kind != SHARED_LOCK}
    return {
        "threads": threads,
        **({"switch_interval_ns": SWITCH_INTERVAL} if len(others) < len(kinds) else {}),
        **({"interpreters": others} if others else {}),
    }


def _start_method(rules: LifecycleRules) -> dict[str, str]:
    """Return the start method, and of which Python it is the default if the scenario says so."""
    version = ".".join(map(str, rules.python))
    default = {"default_of": f"Python {version}"} if rules.by_default else {}
    return {"start_method": rules.start_method, **default}


def _device(device: DeviceSpec) -> dict[str, Any]:
    """Return the entry of a device: its servers, and its queue if it is not the usual one."""
    queue = {"queue": device.queue} if device.queue != "fifo" else {}
    head = {"head": device.head} if device.queue == "sstf" else {}
    changes = {"changes": [list(change) for change in device.changes]} if device.changes else {}
    return {"units": device.units, **queue, **head, **changes}


def _switching(backend: str, costs: Costs) -> dict[str, str]:
    """Return `machine.switch_at` if a modelled switch is charged otherwise than on coming."""
    usual = backend != SIMULATED or not costs.switch or costs.switch_at == "coming"
    return {} if usual else {"switch_at": costs.switch_at}


def describe_costs(costs: Costs) -> dict[str, int]:
    """Return `machine.costs`, in ns."""
    return {
        name: ns
        for name, ns in asdict(costs).items()
        if name not in ("in_virtual_time", "price", "switch_at")
    }


def _reservations(workload: Workload) -> dict[str, list[str]]:
    """Return `machine.reservations`: the processes with a runtime, or in a group with a quota.

    Linux gives such a process (`class: deadline`) or group no more CPU time in a period than that.
    """
    names = [spec.name for spec in workload.processes if spec.linux.limited]
    return {"reservations": names} if names else {}


def describe_memory(memory: MemorySpec, devices: Sequence[DeviceSpec] = ()) -> dict[str, Any]:
    """Return `machine.memory`: the size, the scheme, and the keys that the scheme uses."""
    about: dict[str, Any] = {"size": memory.size, "scheme": memory.scheme}
    if memory.scheme == "fixed":
        about |= {"partitions": list(memory.partitions), "queues": memory.queues}
    elif memory.scheme == "buddy":
        about["min_block"] = memory.min_block
    elif memory.holes:
        about["holes"] = list(memory.holes)
    if memory.compaction != "never":
        about["compaction"] = memory.compaction
    if memory.scheme != "buddy" and memory.queues == "single":
        about["fit"] = memory.fit
    if memory.on_full != "queue":
        about["on_full"] = memory.on_full
    if memory.next_from != "placement":
        about["next_from"] = memory.next_from
    if memory.queues == "single":
        about["admission"] = memory.admission
    if memory.swap is not None:
        about["swap"] = {
            "out": memory.swap.out,
            "device": devices[memory.swap.device].name,
            "rate": memory.swap.rate,
        }
    if memory.max_resident is not None:
        about["max_resident"] = memory.max_resident
    return about


def describe_scheduler(workload: Workload) -> dict[str, Any]:
    """Return `scheduler`: the policy, its parameters (durations in ns), ties and queues.

    Conventions are recorded where they are not the default. The policy's own rule for ties is
    recorded, because the policy may be a user's file. If Linux schedules, `longest_slice_ns` is the
    longest slice that a program asks for.
    """
    scheduler = workload.scheduler
    asked = [spec.linux.slice for spec in workload.processes if spec.linux.slice is not None]
    return {
        "policy": scheduler.name,
        **_parameters(scheduler),
        "ties": scheduler.ties,
        "tie_rule": scheduler.policy.tie_rule,
        "queues": scheduler.queues,
        "balance": scheduler.balance,
        **_unusual(scheduler),
        **({} if scheduler.dispatch == "ours" else {"dispatch": scheduler.dispatch}),
        **({"longest_slice_ns": max(asked)} if asked and scheduler.dispatch == "none" else {}),
    }


def _parameters(scheduler: SchedulerSpec) -> dict[str, Any]:
    """Return the policy's parameters, without conventions that are the default."""
    usual = scheduler.policy.parameters()
    return {
        name: value
        for name, value in scheduler.parameters.items()
        if name not in scheduler.policy.conventions or value != usual[name]
    }


def _unusual(scheduler: SchedulerSpec) -> dict[str, str]:
    """Return the conventions for every policy that are not the default."""
    usual = {"draws": READY_ORDER, "completed_io": COMPLETED_IO[0]}
    return {
        name: getattr(scheduler, name) for name in usual if getattr(scheduler, name) != usual[name]
    }
