"""From the JSON run document back to the run. Every value is checked before it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kernel.dispatch_price import Price
from kernel.memory.fits import FITS
from kernel.process.states import WHYS, State
from kernel.process.waits_for import WaitsFor
from timeline.files import decisions, validation
from timeline.memory.free_space import free_space_of
from timeline.record.intervals import NO_CORE, NO_DEVICE, Intervals
from timeline.record.run import (
    REAL,
    SIMULATED,
    Allocation,
    Averages,
    CoreRow,
    Divergence,
    Expectation,
    Job,
    LifecycleEvent,
    MemoryEvent,
    Observation,
    Overhead,
    ProcessRow,
    Run,
)
from translation import tr

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
"""Keys of machine.memory, and their values if they are missing."""

_Row = TypeVar("_Row", Overhead, MemoryEvent, LifecycleEvent, Observation, Divergence, WaitsFor)


def read_run(document: Any) -> Run:
    """Return the run of a document. Raises ValueError, with what is wrong, if it is damaged."""
    _head(document)
    processes = [
        _process(row, f"processes[{index}]")
        for index, row in enumerate(validation.key(document, "processes", list))
    ]
    names = [row.name for row in processes]
    if len(set(names)) < len(names):
        raise ValueError(tr("processes: two have the same name"))
    machine, cores = _machine(document)
    for where, about in (("scheduler", document.get("scheduler")), ("linux", machine.get("linux"))):
        hz = about.get("hz") if isinstance(about, dict) else None
        ticks: int | None = validation.value(hz, int | None, f"{where}.hz")
        if ticks is not None and ticks < 1:
            raise ValueError(
                tr("{key}.hz is {hz}, and a clock ticks at least once a second", key=where, hz=hz)
            )
    _kernel_trace(machine, len(names), len(cores))
    return Run(
        backend=document["backend"],
        scenario=validation.key(document, "scenario", dict),
        scheduler=validation.key(document, "scheduler", dict),
        machine=machine,
        makespan_ns=validation.key(document, "makespan_ns", int),
        cores=cores,
        processes=processes,
        averages=validation.record(
            Averages, validation.key(document, "averages", dict), "averages"
        ),
        intervals=read_intervals(document, names, list(machine["devices"]), len(cores)),
        overheads=_overheads(document, len(cores)),
        memory_events=_rows(MemoryEvent, document, "memory_events", names),
        lifecycle=_rows(LifecycleEvent, document, "life", names),
        observations=_rows(Observation, document, "observations"),
        expectations=[
            validation.record(Expectation, row, f"expectations[{index}]")
            for index, row in enumerate(validation.key(document, "expectations", list))
        ],
        decisions=decisions.read(document.get("decisions"), names, len(cores)),
        stopped=validation.value(document.get("stopped"), str | None, "stopped"),
        stuck=validation.value(document.get("stuck", []), list[str], "stuck"),
        deadlock=_rows_if_any(WaitsFor, document, "deadlock", names),
        divergences=_rows_if_any(Divergence, document, "divergences", names),
    )


def _head(document: Any) -> None:
    """Raise ValueError unless this is a document of one run, of a machine that is known."""
    validation.value(document, dict, tr("a run"))
    if validation.key(document, "format", str) != RUN:
        raise ValueError(
            tr('"format" is {found!r}, not "{wanted}"', found=document["format"], wanted=RUN)
        )
    if validation.key(document, "backend", str) not in (SIMULATED, REAL):
        raise ValueError(
            tr('"backend" is {found!r}, not "simulated" or "real"', found=document["backend"])
        )


def _machine(document: Mapping[str, Any]) -> tuple[dict[str, Any], list[CoreRow]]:
    """Return the machine and its cores.

    Raises ValueError if a known key is wrong, or the cores are not those of `machine.cores`.
    """
    machine: dict[str, Any] = validation.key(document, "machine", dict)
    for name, hint in (("cores", int), ("memory", dict | None), ("devices", dict)):
        validation.key(machine, name, hint, "machine")
    life = validation.value(machine.get("life", {}), dict, "machine.life")
    validation.value(life.get("threads", []), list[str], "machine.life.threads")
    validation.value(life.get("interpreters", {}), dict[str, str], "machine.life.interpreters")
    for name in ("start_method", "default_of"):
        validation.value(life.get(name), str | None, f"machine.life.{name}")
    for name in machine["devices"]:
        units = validation.key(machine["devices"], name, dict, "machine.devices")
        validation.key(units, "units", int | None, f"machine.devices.{name}")
    costs = validation.value(machine.get("costs", {}), dict, "machine.costs")
    for name, ns in costs.items():
        validation.value(ns, int | None, f"machine.costs.{name}")
    if machine.get("price") is not None:
        Price.from_json(machine["price"])
    if machine["memory"] is not None:
        validation.key(machine["memory"], "size", int, "machine.memory")
        _memory(machine["memory"])
    cores = [
        validation.record(CoreRow, row, f"cores[{index}]")
        for index, row in enumerate(validation.key(document, "cores", list))
    ]
    if machine["cores"] != len(cores) or [row.core for row in cores] != [*range(len(cores))]:
        raise ValueError(
            tr("cores must be one for each of machine.cores ({n})", n=machine["cores"])
        )
    return machine, cores


def _kernel_trace(machine: Mapping[str, Any], processes: int, cores: int) -> None:
    """Check `machine.kernel_trace`, if there is one. Raises ValueError."""
    where = "machine.kernel_trace"
    trace = validation.value(machine.get("kernel_trace"), dict | None, where)
    if trace is None:
        return
    validation.key(trace, "lost", int, where)
    known = {"process": processes, "core": cores}
    _traced(trace, "intervals", ("process", "start_ns", "end_ns", "core"), known)
    if "wakeups" in trace:
        _traced(trace, "wakeups", ("process", "woken_ns", "ran_ns"), known)
    for index, other in enumerate(validation.key(trace, "others", list, where)):
        place = f"{where}.others[{index}]"
        validation.key(validation.value(other, dict, place), "name", str, place)
        validation.key(other, "ns", int, place)


def _traced(
    trace: Mapping[str, Any], table: str, names: Sequence[str], known: Mapping[str, int]
) -> None:
    """Check a table of the kernel's trace. `known`: how many of each the run has."""
    where = f"machine.kernel_trace.{table}"
    columns = validation.key(trace, table, dict, "machine.kernel_trace")
    found = {name: validation.column(columns, name, int, where) for name in names}
    validation.same_length(found, where)
    for name, most in known.items():
        if any(not 0 <= each < most for each in found.get(name, ())):
            key = f"{where}.{name}"
            raise ValueError(tr("{key} names one that the run does not have", key=key))


def _memory(memory: Mapping[str, Any]) -> None:
    for name in ("partitions", "holes"):
        validation.value(memory.get(name, []), list[int], f"machine.memory.{name}")
    if memory.get("scheme") == "buddy":
        validation.key(memory, "min_block", int, "machine.memory")
    for name, word in _WORDS.items():
        validation.value(memory.get(name, word), str, f"machine.memory.{name}")
    if memory.get("fit", "first") not in FITS:
        raise ValueError(
            tr(
                "{key} has an unknown value {found!r}",
                key="machine.memory.fit",
                found=memory["fit"],
            )
        )
    swap = validation.value(memory.get("swap"), dict | None, "machine.memory.swap")
    if swap is not None:
        for name, hint in (("out", str), ("device", str), ("rate", int)):
            validation.key(swap, name, hint, "machine.memory.swap")
    validation.value(memory.get("max_resident"), int | None, "machine.memory.max_resident")
    free_space_of(memory)


def _process(row: Any, where: str) -> ProcessRow:
    given = validation.value(row, dict, where).get("memory")
    memory = validation.value(given, dict | None, f"{where}.memory")
    partition = None if memory is None else validation.record(Allocation, memory, f"{where}.memory")
    if partition is not None and min(partition.size, partition.requested) < 1:
        key = f"{where}.memory"
        raise ValueError(tr("{key} has a size below 1", key=key))
    return validation.record(ProcessRow, row, where, memory=partition, jobs=_jobs(row, where))


def _jobs(row: Mapping[str, Any], where: str) -> list[Job] | None:
    given = validation.value(row.get("jobs"), list | None, f"{where}.jobs")
    if given is None:
        return None
    return [validation.record(Job, job, f"{where}.jobs[{at}]") for at, job in enumerate(given)]


def _rows(
    kind: type[_Row], document: Mapping[str, Any], where: str, names: Sequence[str] = ()
) -> list[_Row]:
    given = validation.key(document, where, dict)
    without = {name: each for name, each in validation.defaults(kind).items() if name not in given}
    columns = {
        name: validation.column(given, name, hint, where)
        for name, hint in validation.hints(kind).items()
        if name not in without
    }
    validation.same_length(columns, where)
    if names:
        _codes(columns["process"], names, f"{where}.process")
    rows = zip(*columns.values(), strict=True)
    return [kind(**dict(zip(columns, row, strict=True))) for row in rows]


def _rows_if_any(
    kind: type[_Row], document: Mapping[str, Any], where: str, names: Sequence[str]
) -> list[_Row]:
    """Return the rows of a table that most documents do not have."""
    return _rows(kind, document, where, names) if where in document else []


def _overheads(document: Mapping[str, Any], cores: int) -> list[Overhead]:
    rows = _rows(Overhead, document, "overheads")
    _codes([row.core for row in rows], range(cores), "overheads.core")
    _forward([(row.start_ns, row.end_ns) for row in rows], "overheads")
    return rows


def read_intervals(
    document: Mapping[str, Any], names: Sequence[str], devices: Sequence[str], cores: int
) -> Intervals:
    """Return the `intervals` of a document. Raises ValueError if they are damaged."""
    given, where = validation.key(document, "intervals", dict), "intervals"
    columns = {name: validation.column(given, name, hint, where) for name, hint in _COLUMNS.items()}
    validation.same_length(columns, where)
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
            raise ValueError(
                tr(
                    "{key}: row {row} is from {start} to {end} ns",
                    key=where,
                    row=index,
                    start=start,
                    end=end,
                )
            )


def _codes(
    column: Iterable[Any], words: Iterable[Any], where: str, none: int | None = None
) -> list[int]:
    """Return the index of each value in `words`. Raises ValueError for an unknown value.

    If `none` is given, it is the index of None.
    """
    code: dict[Any, int] = {word: index for index, word in enumerate(words)}
    if none is not None:
        code[None] = none
    try:
        return [code[word] for word in column]
    except KeyError as error:
        raise ValueError(
            tr("{key} has an unknown value {found!r}", key=where, found=error.args[0])
        ) from None
