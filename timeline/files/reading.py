"""From the JSON run document back to the run, everything looked at before it is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kernel.dispatch_price import Price
from kernel.memory.fits import FITS
from kernel.process.states import WHYS, State
from timeline.files import decisions
from timeline.files import validation as shapes
from timeline.memory.free_space import free_space_of
from timeline.record.intervals import NO_CORE, NO_DEVICE, Intervals
from timeline.record.run import (
    REAL,
    SIMULATED,
    Allocation,
    Averages,
    CoreRow,
    Expectation,
    Job,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    ProcessRow,
    Run,
)

RUN = "multiprog-run/1"
RUNS = "multiprog-runs/1"
STATES = [state.name.lower() for state in State]
_COLUMNS: dict[str, Any] = {
    "process": str,
    "state": str,
    "start_ns": int,
    "end_ns": int,
    "core": int | None,
    "device": str | None,
    "why": str,
}

_WORDS = {"fit": "first", "queues": "single", "admission": "fifo", "compaction": "never"}
"""Keys of machine.memory, and what they are where it does not say."""

_Row = TypeVar("_Row", Overhead, MemoryEvent, LifecycleEvent, Observation)


def read_run(document: Any) -> Run:
    """A run from its document. Raises ValueError, saying what is wrong, if it is damaged."""
    shapes.value(document, dict, "a run")
    if shapes.key(document, "format", str) != RUN:
        raise ValueError(f'"format" is {document["format"]!r}, not "{RUN}"')
    if shapes.key(document, "backend", str) not in (SIMULATED, REAL):
        raise ValueError(f'"backend" is {document["backend"]!r}, not "{SIMULATED}" or "{REAL}"')
    processes = [
        _process(row, f"processes[{index}]")
        for index, row in enumerate(shapes.key(document, "processes", list))
    ]
    names = [row.name for row in processes]
    if len(set(names)) < len(names):
        raise ValueError("processes: two have the same name")
    machine, cores = _machine(document)
    for where, about in (("scheduler", document.get("scheduler")), ("linux", machine.get("linux"))):
        hz = about.get("hz") if isinstance(about, dict) else None
        ticks: int | None = shapes.value(hz, int | None, f"{where}.hz")
        if ticks is not None and ticks < 1:
            raise ValueError(f"{where}.hz is {hz}, and a clock ticks at least once a second")
    _kernel_trace(machine, len(names), len(cores))
    return Run(
        backend=document["backend"],
        scenario=shapes.key(document, "scenario", dict),
        scheduler=shapes.key(document, "scheduler", dict),
        machine=machine,
        makespan_ns=shapes.key(document, "makespan_ns", int),
        cores=cores,
        processes=processes,
        averages=shapes.record(Averages, shapes.key(document, "averages", dict), "averages"),
        intervals=read_intervals(document, names, list(machine["devices"]), len(cores)),
        overheads=_overheads(document, len(cores)),
        memory_events=_rows(MemoryEvent, document, "memory_events", names),
        lifecycle=_rows(LifecycleEvent, document, "life", names),
        observations=_rows(Observation, document, "observations"),
        expectations=[
            shapes.record(Expectation, row, f"expectations[{index}]")
            for index, row in enumerate(shapes.key(document, "expectations", list))
        ],
        decisions=decisions.read(document.get("decisions"), names, len(cores)),
        stopped=shapes.value(document.get("stopped"), str | None, "stopped"),
        stuck=shapes.value(document.get("stuck", []), list[str], "stuck"),
    )


def _machine(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[CoreRow]]:
    """The machine as far as we know its keys, and its cores: as many as it says, in order."""
    machine: dict[str, Any] = shapes.key(document, "machine", dict)
    for name, hint in (("cores", int), ("memory", dict | None), ("devices", dict)):
        shapes.key(machine, name, hint, "machine")
    life = shapes.value(machine.get("life", {}), dict, "machine.life")
    shapes.value(life.get("threads", []), list[str], "machine.life.threads")
    for name in machine["devices"]:
        units = shapes.key(machine["devices"], name, dict, "machine.devices")
        shapes.key(units, "units", int | None, f"machine.devices.{name}")
    costs = shapes.value(machine.get("costs", {}), dict, "machine.costs")
    for name, ns in costs.items():
        shapes.value(ns, int | None, f"machine.costs.{name}")
    if machine.get("price") is not None:
        Price.from_json(machine["price"])
    if machine["memory"] is not None:
        shapes.key(machine["memory"], "size", int, "machine.memory")
        _memory(machine["memory"])
    cores = [
        shapes.record(CoreRow, row, f"cores[{index}]")
        for index, row in enumerate(shapes.key(document, "cores", list))
    ]
    if machine["cores"] != len(cores) or [row.core for row in cores] != [*range(len(cores))]:
        raise ValueError(f"cores must be one for each of machine.cores ({machine['cores']})")
    return machine, cores


def _kernel_trace(machine: Mapping[str, Any], processes: int, cores: int) -> None:
    """What the kernel saw, if it was traced."""
    where = "machine.kernel_trace"
    trace = shapes.value(machine.get("kernel_trace"), dict | None, where)
    if trace is None:
        return
    shapes.key(trace, "lost", int, where)
    columns = shapes.key(trace, "intervals", dict, where)
    names = ("process", "start_ns", "end_ns", "core")
    found = {name: shapes.column(columns, name, int, f"{where}.intervals") for name in names}
    shapes.same_length(found, f"{where}.intervals")
    for name, most in (("process", processes), ("core", cores)):
        if any(not 0 <= each < most for each in found[name]):
            raise ValueError(f"{where}.intervals.{name} names one that the run does not have")
    for index, other in enumerate(shapes.key(trace, "others", list, where)):
        place = f"{where}.others[{index}]"
        shapes.key(shapes.value(other, dict, place), "name", str, place)
        shapes.key(other, "ns", int, place)


def _memory(memory: Mapping[str, Any]) -> None:
    for name in ("partitions", "holes"):
        shapes.value(memory.get(name, []), list[int], f"machine.memory.{name}")
    if memory.get("scheme") == "buddy":
        shapes.key(memory, "min_block", int, "machine.memory")
    for name, word in _WORDS.items():
        shapes.value(memory.get(name, word), str, f"machine.memory.{name}")
    if memory.get("fit", "first") not in FITS:
        raise ValueError(f"machine.memory.fit has an unknown value {memory['fit']!r}")
    swap = shapes.value(memory.get("swap"), dict | None, "machine.memory.swap")
    if swap is not None:
        for name, hint in (("out", str), ("device", str), ("rate", int)):
            shapes.key(swap, name, hint, "machine.memory.swap")
    shapes.value(memory.get("max_resident"), int | None, "machine.memory.max_resident")
    free_space_of(memory)


def _process(row: Any, where: str) -> ProcessRow:
    memory = shapes.key(shapes.value(row, dict, where), "memory", dict | None, where)
    partition = None if memory is None else shapes.record(Allocation, memory, f"{where}.memory")
    if partition is not None and min(partition.size, partition.requested) < 1:
        raise ValueError(f"{where}.memory has a size below 1")
    return shapes.record(ProcessRow, row, where, memory=partition, jobs=_jobs(row, where))


def _jobs(row: Mapping[str, Any], where: str) -> list[Job] | None:
    given = shapes.key(row, "jobs", list | None, where)
    if given is None:
        return None
    return [shapes.record(Job, job, f"{where}.jobs[{at}]") for at, job in enumerate(given)]


def _rows(
    kind: type[_Row], document: Mapping[str, Any], where: str, names: Sequence[str] = ()
) -> list[_Row]:
    given = shapes.key(document, where, dict)
    columns = {
        name: shapes.column(given, name, hint, where) for name, hint in shapes.hints(kind).items()
    }
    shapes.same_length(columns, where)
    if names:
        _codes(columns["process"], names, f"{where}.process")
    return [kind(*row) for row in zip(*columns.values(), strict=True)]


def _overheads(document: Mapping[str, Any], cores: int) -> list[Overhead]:
    rows = _rows(Overhead, document, "overheads")
    _codes([row.core for row in rows], range(cores), "overheads.core")
    _forward([(row.start_ns, row.end_ns) for row in rows], "overheads")
    return rows


def read_intervals(
    document: Mapping[str, Any], names: Sequence[str], devices: Sequence[str], cores: int
) -> Intervals:
    """Its `intervals`. Raises ValueError, saying what is wrong, if they are damaged."""
    given, where = shapes.key(document, "intervals", dict), "intervals"
    columns = {name: shapes.column(given, name, hint, where) for name, hint in _COLUMNS.items()}
    shapes.same_length(columns, where)
    _forward(zip(columns["start_ns"], columns["end_ns"], strict=True), where)

    def codes(name: str, words: Iterable[Any], **others: int) -> Iterable[int]:
        return _codes(columns[name], words, f"{where}.{name}", **others)

    rows = Intervals()
    rows.extend(
        (
            codes("process", names),
            codes("state", STATES),
            columns["start_ns"],
            columns["end_ns"],
            codes("core", range(cores), none=NO_CORE),
            codes("device", devices, none=NO_DEVICE),
            codes("why", WHYS),
        )
    )
    return rows


def _forward(rows: Iterable[tuple[int, int]], where: str) -> None:
    for index, (start, end) in enumerate(rows):
        if not 0 <= start <= end:
            raise ValueError(f"{where}: row {index} is from {start} to {end} ns")


def _codes(
    column: Iterable[Any], words: Iterable[Any], where: str, none: int | None = None
) -> list[int]:
    """The place of each value among the known words. Raises ValueError for an unknown one."""
    code: dict[Any, int] = {word: index for index, word in enumerate(words)}
    if none is not None:
        code[None] = none
    try:
        return [code[word] for word in column]
    except KeyError as error:
        raise ValueError(f"{where} has an unknown value {error.args[0]!r}") from None
