"""The processes that the entries of the file make, with their arrivals and draws.

Each process has its own random stream. The first draw is its arrival (or the gap before it), then
come its steps in order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count as count_from

from kernel.process.calls import Kinship
from kernel.process.program import Program
from kernel.process.spec import NOT_STARTED, ProcessSpec
from kernel.units import LARGEST
from language.expansion.errors import (
    CalledWithoutMemoryError,
    EndlessError,
    NoMemoryError,
    TooLongError,
    TooManyError,
)
from language.expansion.plans import amount_of, has_draws, no_draw, program_of, with_jobs
from language.expansion.programs import Programs
from language.schema.affinity import allowed
from language.schema.linux_classes import attributes
from language.schema.periodic import hyperperiod
from language.schema.process import Every, ProcessEntry
from language.schema.random_draws import Uniform01, stream
from language.schema.scenario import Scenario
from language.schema.steps import has_lifecycle_steps, has_memory_steps


def processes_of_entries(programs: Programs) -> Iterator[Iterator[ProcessSpec]]:
    """Yield for each entry of the file an iterator of its processes; indices are in file order.

    An iterator may raise TooLongError, TooManyError and CalledWithoutMemoryError.
    """
    return processes_of(entries_of(programs), programs.scenario.seed)


def entries_of(programs: Programs) -> list[EntryProcesses]:
    """Return what makes the processes of each entry of the file.

    Without calls it makes them anew for as many seeds as one likes.
    """
    scenario = programs.scenario
    hyper = hyperperiod(p.period for p in scenario.processes if p.period is not None)
    return [
        EntryProcesses(row, process, programs, hyper)
        for row, process in enumerate(scenario.processes)
    ]


def processes_of(entries: Iterable[EntryProcesses], seed: int) -> Iterator[Iterator[ProcessSpec]]:
    """Yield the processes of each entry with the draws of a seed; see `processes_of_entries`."""
    total = 0  # ns that all processes take if they run one after the other: a bound of all times

    def made(entry: EntryProcesses, first: int) -> Iterator[ProcessSpec]:
        nonlocal total
        row = entry.row
        try:
            for spec, length in entry.made(first, seed):
                total += length
                if spec.arrival + total > LARGEST:
                    raise TooLongError(row)
                yield spec
        except OverflowError:
            raise TooLongError(row) from None
        except EndlessError:
            raise TooManyError(("processes", row, "program"), entry.births_limit) from None
        except NoMemoryError:
            raise CalledWithoutMemoryError(("processes", row, "program")) from None

    first = 0
    for entry in entries:
        yield made(entry, first)
        first += entry.many


def names_of(process: ProcessEntry) -> Iterator[str]:
    """Return the names of an entry's processes: `batch-1`, `batch-2`, ... if it has a count."""
    if process.count is None:
        return iter([process.name])
    return (f"{process.name}-{k}" for k in range(1, process.count + 1))


def has_lifecycle(scenario: Scenario) -> bool:
    """Return whether any process has threads, or any program has a lifecycle step."""
    if any(process.threads for process in scenario.processes):
        return True
    programs = [each.program or [] for each in (*scenario.processes, *scenario.programs.values())]
    return any(map(has_lifecycle_steps, programs))


class EntryProcesses:
    """Makes the processes of the entry at `row` of the file; `hyper` is the hyperperiod, ns."""

    def __init__(self, row: int, process: ProcessEntry, programs: Programs, hyper: int) -> None:
        self.row, self._entry, self._programs = row, process, programs
        self.many = process.count or 1
        self.births_limit = programs.births.limit
        jobs = process.jobs_in(hyper)
        self._plan = with_jobs(programs.plan(process), jobs)
        self._releases = tuple(process.releases or ())
        # ns, until the last job is released
        self._waits = max(self._releases, default=(jobs - 1) * (process.period or 0))
        self._linux = attributes(process, programs.groups)
        self._threaded = process.threads is not None
        steps = process.program or []
        self._calls = has_lifecycle_steps(steps) or (
            has_memory_steps(steps) and has_lifecycle(programs.scenario)
        )
        alike = not (self._calls or self._threaded or has_draws(self._plan))
        self._shared = program_of(self._plan, no_draw) if alike else None

    def made(self, first: int, seed: int) -> Iterator[tuple[ProcessSpec, int]]:
        """Yield each process, and the longest time (ns) that it can take without other processes.

        It is the time until the release of its last job plus the sum of its steps. `first` is the
        index of the first process; all draws come from `seed`.
        """
        entry, shared = self._entry, self._shared
        length = sum(shared.durations) if shared is not None else 0
        cores, linux = allowed(entry.cores), self._linux
        for index, name, arrival, random in self._arrivals(first, seed):
            program, kin = shared, NOT_STARTED
            if program is None:
                program, kin = self._program(index, name, arrival, random)
            yield (
                ProcessSpec(
                    index,
                    name,
                    arrival,
                    program,
                    entry.memory,
                    entry.priority,
                    entry.nice,
                    entry.tickets,
                    cores,
                    entry.period,
                    entry.deadline or entry.period,
                    kinship=kin,
                    linux=linux,
                    releases=self._releases,
                    aborts=entry.on_miss == "abort",
                ),
                self._waits + (length if shared else sum(program.durations)),
            )

    def _arrivals(self, first: int, seed: int) -> Iterator[tuple[int, str, int, Uniform01]]:
        """Yield index, name, arrival (ns) and random stream of each process."""
        written = self._entry.arrival
        chained = isinstance(written, Every)
        when = amount_of(written.every if isinstance(written, Every) else written)
        fixed = self._shared is not None and isinstance(when, int)
        arrival = 0
        for index, name in zip(count_from(first), names_of(self._entry), strict=False):
            random = no_draw if fixed else stream(seed, name)
            drawn = when if isinstance(when, int) else when(random)
            arrival = arrival + drawn if chained else drawn
            yield index, name, arrival, random

    def _program(
        self, index: int, name: str, arrival: int, random: Uniform01
    ) -> tuple[Program, Kinship]:
        if self._calls:
            return self._programs.with_calls(index, name, self._entry, self._plan, random)
        if self._threaded:
            main = self._programs.main_thread(self._entry, self.row, index, name, arrival)
            return main, NOT_STARTED
        return program_of(self._plan, random), NOT_STARTED
