"""Runs and pages for the tests of the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kernel.units import ms
from language import Options, load
from report.page import write_page
from report.result import Result
from sim import simulate
from timeline.comparison.compare import compare
from timeline.record.intervals import Intervals
from timeline.record.run import REAL, MemoryEvent, Run

SCENARIO = """
title: Two programs & <b>one</b> disk
about: "Look at the <i>queue</i>.\\n\\nThen look again."
machine: {cores: 1, memory: 24MiB, devices: {disk: {units: 1}}}
memory: {scheme: fixed, partitions: [8MiB, 16MiB]}
scheduler: {policy: srtf}
processes:
  - name: editor
    memory: 6MiB
    program: [{cpu: 30ms}, {io: {disk: 20ms}}, {cpu: 10ms}, {io: 5ms}, {cpu: 3ms}]
  - name: batch
    arrival: 5ms
    memory: 10MiB
    program: [{cpu: 12ms}, {io: {disk: 30ms}}, {cpu: 40ms}]
  - {name: late, arrival: 20ms, memory: 4MiB, program: [{cpu: 25ms}]}
"""
LAG = ms(1)
"""How much later than the model the run of `lagging` is."""


def simulated(folder: Path, text: str = SCENARIO) -> Run:
    """A simulated run of a scenario, with its decisions."""
    file = folder / "made.yaml"
    file.write_text(text)
    return simulate(load(file, Options()).workload, explain=True)


def lagging(run: Run) -> Run:
    """The same run as a real machine would record it that does everything LAG too late.

    The books, and so the decisions, keep their times.
    """
    intervals = Intervals()
    first_of = {row.name: row.arrival_ns for row in run.processes}
    for row in run.intervals:
        arrival = first_of[run.process_names[row.process]]
        start = row.start if row.start == arrival and row.core < 0 else row.start + LAG
        intervals.add(row._replace(start=start, end=row.end + LAG))
    events = [MemoryEvent(e.at_ns and e.at_ns + LAG, *e[1:]) for e in run.memory_events]
    processes = [
        replace(row, completion_ns=row.completion_ns and row.completion_ns + LAG)
        for row in run.processes
    ]
    return replace(
        run,
        backend=REAL,
        intervals=intervals,
        memory_events=events,
        processes=processes,
        makespan_ns=run.makespan_ns + LAG,
    )


def compared(folder: Path, text: str = SCENARIO) -> tuple[Result, Path]:
    """A model and a lagging run of a scenario, and the page of both."""
    first = simulated(folder, text)
    second = lagging(first)
    return written(Result([first, second], compare(first, second)), folder)


def written(result: Result, folder: Path) -> tuple[Result, Path]:
    """A result and its page."""
    path = folder / "page.html"
    write_page(result, path)
    return result, path
