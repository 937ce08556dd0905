"""Job logs in the Standard Workload Format of the Parallel Workloads Archive (SWF, version 2).

A line is a job, in 18 fields; -1 means that a value is not known. Lines that begin with `;` are
the header, of which the size of the machine is read. https://www.cs.huji.ac.il/labs/parallel/workload/swf.html

A job becomes as many processes as it had processors: they arrive together, and each needs its
run time of a core. The archive's machine gave all of them to a job at once; a scheduler of
processes does not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from kernel.units import LARGEST, format_duration, format_size
from language.convert.imports.draft import Draft, DraftProcess, Names, Value
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from language.source.wording import got
from translation import tr

_FIELDS = 18
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,9})?")
_HEADER = re.compile(r";\s*(\w+):\s*(\d{1,15})\b")
_SECOND = 1_000_000_000
_MOST_CORES = 1024  # of a scenario's machine
_KIB = 1024
# the fields that are read, counted from 0
_JOB, _SUBMIT, _RUN, _PROCESSORS, _CPU, _MEMORY, _ASKED, _STATUS = 0, 1, 3, 4, 5, 6, 7, 10


class _Job(NamedTuple):
    number: int
    submit: Decimal  # s
    time: Decimal  # s of a core
    processors: int
    memory: int  # KiB of a processor; -1: not known


def read_swf(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a job log. It is read line by line, up to --first jobs."""
    header: dict[str, int] = {}
    left_out: Counter[str] = Counter()
    draft = Draft("", ["a job log in the Standard Workload Format"])
    scale = options.scale or Fraction(1)
    first, several, made = None, 0, 0
    names = Names()  # a job that was suspended has a line for each part of it
    for line, job in _jobs(source, header, left_out):
        if options.first is not None and len(draft.processes) >= options.first:
            draft.remarks.append(f"left out: all jobs after the first {options.first:,}")
            break
        first = job.submit if first is None else first
        made += job.processors
        if made > options.limit("processes"):
            message = tr(
                "the jobs so far need more than {most:,} processes (the limit processes); "
                "give --first N",
                most=options.limit("processes"),
            )
            source.fail(line, 1, message)
        several += job.processors > 1
        process = _process(source, line, job, first, scale)
        process.name = names.unique(process.name)
        draft.processes.append(process)
    if not draft.processes:
        source.fail(None, None, tr("has no job that ran"))
    _describe(draft, options, header, several, left_out)
    return draft


def _jobs(
    source: Source, header: dict[str, int], left_out: Counter[str]
) -> Iterator[tuple[int, _Job]]:
    """Yield line and job; put the header's numbers into `header`. Raises ScenarioError."""
    for number, text in source.lines():
        if text.lstrip().startswith(";"):
            if found := _HEADER.match(text.lstrip()):
                header[found[1]] = int(found[2])
            continue
        fields = list(re.finditer(r"\S+", text))
        if not fields:
            continue
        if len(fields) != _FIELDS:
            message = tr("a job has {fields} fields (got {many})", fields=_FIELDS, many=len(fields))
            source.fail(number, fields[-1].start() + 1, message)
        for field in fields:
            if not _NUMBER.fullmatch(field.group()):
                source.fail(number, field.start() + 1, got(tr("a number, or -1"), field.group()))
        job = _job([Decimal(field.group()) for field in fields])
        if job is None:
            left_out["jobs that did not run, or of which it is not known how long"] += 1
        else:
            yield number, job


def _job(fields: list[Decimal]) -> _Job | None:
    """Return the job; None: it did not run, or its time is not known."""
    run, cpu = fields[_RUN], fields[_CPU]
    processors = fields[_PROCESSORS] if fields[_PROCESSORS] > 0 else fields[_ASKED]
    if run <= 0 or fields[_SUBMIT] < 0:
        return None
    time = cpu if 0 < cpu < run else run
    memory = int(fields[_MEMORY]) if fields[_MEMORY] > 0 else -1
    return _Job(int(fields[_JOB]), fields[_SUBMIT], time, max(1, int(processors)), memory)


def _process(source: Source, line: int, job: _Job, first: Decimal, scale: Fraction) -> DraftProcess:
    keys: dict[str, Value] = {}
    if job.submit > first:
        keys["arrival"] = _time(source, line, job.submit - first, scale)
    if job.processors > 1:
        keys["count"] = job.processors
    if job.memory > 0:
        keys["memory"] = format_size(job.memory * _KIB)
    return DraftProcess(f"job-{job.number}", keys, [{"cpu": _time(source, line, job.time, scale)}])


def _time(source: Source, line: int, seconds: Decimal, scale: Fraction) -> str:
    ns = max(1, round(Fraction(seconds) * scale * _SECOND))
    if ns > LARGEST:
        source.fail(line, 1, tr("the time is too large; give --scale, like --scale 1/1000"))
    return format_duration(ns)


def _describe(
    draft: Draft,
    options: ImportOptions,
    header: dict[str, int],
    several: int,
    left_out: Counter[str],
) -> None:
    """Write the machine of the header, and what became of the jobs."""
    cores = header.get("MaxProcs") or header.get("MaxNodes") or 1
    machine: dict[str, Value] = {"cores": min(cores, _MOST_CORES)}
    if cores > _MOST_CORES:
        draft.remarks.append(
            f"the log's machine has {cores:,} processors; a scenario's {_MOST_CORES}"
        )
    elif cores == 1:
        draft.remarks.append("the header does not say how many processors there are: cores is 1")
    memory = header.get("MaxMemory", 0) * cores
    if 0 < memory * _KIB <= LARGEST:
        machine["memory"] = format_size(memory * _KIB)
    elif any("memory" in process.keys for process in draft.processes):
        draft.remarks.append("memory is modelled when the machine has some: machine.memory")
    draft.sections["machine"] = machine
    if options.scale is not None:
        draft.remarks.append(f"all times are multiplied by {options.scale}")
    if several:
        draft.remarks.append(
            f"jobs on several processors: {several:,}; each is as many processes (count), which "
            "arrive together and need not run at the same time"
        )
    draft.remarks.append(
        "cpu is the run time, or the mean CPU time of a processor if that is known"
    )
    draft.remarks.append(
        "left out: users, groups, queues, partitions, requested times, dependencies between jobs"
    )
    draft.remarks += [f"left out: {what}: {many:,}" for what, many in left_out.items()]
