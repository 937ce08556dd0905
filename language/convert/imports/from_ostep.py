"""The job lists of OSTEP's tools (ostep.org), from a command line with `-l`.

mlfq.py -l 0,180,0:100,20,20     start, run time and time until an I/O of each job
scheduler.py -l 10,200,20        run times of jobs that arrive together
lottery.py -l 10:1,10:100        run time and tickets
process-run.py -l 5:100,5:0      instructions, and what percentage of them uses the CPU
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from language.convert.imports.draft import Draft, DraftProcess, Step
from language.convert.imports.folding import fold
from language.convert.imports.options import ImportOptions
from language.convert.imports.source import Source
from translation import mark, tr

LIST = re.compile(r"(?:^|\s)(?:-l|--jlist|--processlist)[ =]\s*['\"]?(?P<list>[\d:,]*)", re.M)
_IO_TIME = re.compile(r"\s(?:-i|--iotime|-L|--iolength)[ =]\s*(\d{1,9})\b")
_TRIPLES = re.compile(r"\d{1,9},\d{1,9},\d{1,9}(:\d{1,9},\d{1,9},\d{1,9})*")
_PAIRS = re.compile(r"\d{1,9}:\d{1,9}(,\d{1,9}:\d{1,9})*")
_SINGLES = re.compile(r"\d{1,9}(,\d{1,9})*")
_MOST_INSTRUCTIONS = 10_000  # of one process, as each is drawn
_USUAL_IO_TIME = 5
_WANTED = mark(
    "a list like 0,180,0:100,20,20 (mlfq), 10,200,20 (scheduler) or 5:100,5:0 (process-run)"
)


def read_ostep(source: Source, options: ImportOptions) -> Draft:
    """Return the scenario of a command line of OSTEP's tools. Raises ScenarioError."""
    text = source.text()
    found = LIST.search(text)
    if found is None:
        source.fail(None, None, tr("has no -l with {wanted}", wanted=tr(_WANTED)))
    jobs, line = found["list"].rstrip(","), text.count("\n", 0, found.start("list")) + 1
    column = found.start("list") - text.rfind("\n", 0, found.start("list"))
    asked_io = _IO_TIME.search(text)
    io_time = int(asked_io[1]) if asked_io and int(asked_io[1]) else _USUAL_IO_TIME
    draft = Draft("", ["a list of jobs of OSTEP (ostep.org)"], {"time_unit": "1ms"})
    draft.remarks.append("its times count the time_unit, 1ms")
    try:
        draft.processes = _reader(jobs, text)(jobs, io_time, draft)[: options.first]
    except ValueError as error:
        source.fail(line, column, str(error))
    for number, process in enumerate(draft.processes):
        process.name = f"job-{number}"
    return draft


_Reader = Callable[[str, int, Draft], list[DraftProcess]]


def _reader(jobs: str, text: str) -> _Reader:
    """Return the reader of this form of list. Raises ValueError."""
    if _TRIPLES.fullmatch(jobs) and (":" in jobs or "mlfq" in text):
        return _mlfq
    if _PAIRS.fullmatch(jobs):
        return _lottery if "lottery" in text else _process_run
    if _SINGLES.fullmatch(jobs):
        return _run_times
    raise ValueError(tr("must be {wanted} (got {jobs!r})", wanted=tr(_WANTED), jobs=jobs[:40]))


def _mlfq(jobs: str, io_time: int, draft: Draft) -> list[DraftProcess]:
    draft.remarks.append(f"each I/O takes {io_time} (the tool's -i)")
    made = []
    for job in jobs.split(":"):
        start, run, every = map(int, job.split(","))
        steps: list[Step] = []
        if not run:
            raise ValueError(tr("the run time of a job must be above 0 (got {job!r})", job=job))
        if every and run // every > _MOST_INSTRUCTIONS:
            raise ValueError(
                tr(
                    "a job has more than {most:,} I/Os (got {job!r})",
                    most=_MOST_INSTRUCTIONS,
                    job=job,
                )
            )
        while every and run > every:
            steps += [{"cpu": every}, {"io": io_time}]
            run -= every
        steps.append({"cpu": run})
        made.append(DraftProcess("", {"arrival": start}, fold(steps)))
    return made


def _run_times(jobs: str, _io_time: int, _draft: Draft) -> list[DraftProcess]:
    times = list(map(int, jobs.split(",")))
    if not all(times):
        raise ValueError(tr("run times must be above 0 (got {jobs!r})", jobs=jobs[:40]))
    return [DraftProcess("", {}, [{"cpu": time}]) for time in times]


def _lottery(jobs: str, _io_time: int, _draft: Draft) -> list[DraftProcess]:
    made = []
    for job in jobs.split(","):
        time, tickets = map(int, job.split(":"))
        if not time or not tickets:
            raise ValueError(tr("run time and tickets must be above 0 (got {job!r})", job=job))
        made.append(DraftProcess("", {"tickets": tickets}, [{"cpu": time}]))
    return made


def _process_run(jobs: str, io_time: int, draft: Draft) -> list[DraftProcess]:
    """Return processes whose instructions take 1 each.

    To issue an I/O and to note that it is done are instructions, too.
    """
    draft.remarks.append(
        f"an I/O is an instruction, {io_time} of waiting (the tool's -L), and an instruction"
    )
    draw, made = random.Random(0), []
    for job in jobs.split(","):
        length, percent = map(int, job.split(":"))
        if not 0 < length <= _MOST_INSTRUCTIONS or percent > 100:
            raise ValueError(
                tr(
                    "must be 1 to {most:,} instructions and 0 to 100 percent (got {job!r})",
                    most=_MOST_INSTRUCTIONS,
                    job=job,
                )
            )
        if 0 < percent < 100 and len(draft.remarks) == 3:
            draft.remarks.append("which instructions are I/O is drawn here, not as the tool draws")
        ready, steps = 0, list[Step]()  # instructions of the current burst
        for _ in range(length):
            if draw.random() * 100 < percent:
                ready += 1
            else:
                steps += [{"cpu": ready + 1}, {"io": io_time}]
                ready = 1
        made.append(DraftProcess("", {}, fold([*steps, {"cpu": ready}] if ready else steps)))
    return made
