"""Which Process objects the programs of a scenario make, and what a name means in each program.

A name in a step means a Process object if the program has one of that name, else the number of the
process of that name. The scenario's text shows which of the two it is, except in a forked child,
which has copies of the Process objects that its parent had at the fork.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kernel.workload import Workload
from language.schema.lifecycle_base import LifecycleStep
from language.schema.process import ProcessEntry, Template
from language.schema.process_object_steps import CallStep, Start, StartStep
from language.schema.scenario import Scenario
from language.schema.steps import CpuStep, Written, placed_steps, written_steps
from language.source.wording import KeyPath


@dataclass(frozen=True, slots=True)
class Entry:
    """One function of the program: what a process, a template or a thread does."""

    kind: str  # program | process | thread
    name: str
    path: KeyPath  # the path of its steps in the file
    steps: Sequence[Written]
    process: ProcessEntry | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The key of the entry in EntryGraph."""
        return self.kind, self.name

    def lifecycle_steps(self) -> Iterator[LifecycleStep]:
        """Return the lifecycle steps of the entry, in their order."""
        return (step for step in written_steps(self.steps) if isinstance(step, LifecycleStep))

    def started(self) -> Iterator[Start]:
        """Yield the starts of new processes among the steps of the entry."""
        for step in self.lifecycle_steps():
            if isinstance(step, StartStep) and isinstance(step.start, Start):
                yield step.start

    def called(self) -> set[str]:
        """Return the programs that the entry calls."""
        return {step.program for step in self.lifecycle_steps() if isinstance(step, CallStep)}


def entries_of(scenario: Scenario) -> list[Entry]:
    """Return the entries of a scenario. Templates are first, so a function precedes its callers."""
    entries = [
        Entry("program", name, ("programs", name, "program"), _steps(template))
        for name, template in scenario.programs.items()
    ]
    for row, process in enumerate(scenario.processes):
        path: KeyPath = ("processes", row)
        for number, thread in enumerate(process.threads or (), start=1):
            if not isinstance(thread, str):
                place = (*path, "threads", number - 1)
                entries.append(Entry("thread", thread_name(process.name, number), place, thread))
        entries.append(Entry("process", process.name, (*path, "program"), _steps(process), process))
    return entries


def thread_name(process: str, number: int) -> str:
    """Return the name of a thread whose steps are written in its process."""
    return f"{process}_thread_{number}"


def _steps(entry: Template) -> Sequence[Written]:
    if isinstance(entry, ProcessEntry) and entry.threads is not None:
        return ()
    return entry.program or [CpuStep.model_construct(cpu=entry.cpu)]


def placed(entry: Entry) -> Iterator[tuple[KeyPath, Written]]:
    """Return the place and the step for every step of the entry."""
    return placed_steps(entry.steps, entry.path)


@dataclass(slots=True)
class EntryGraph:
    """Which entries of a scenario start, call and fork each other."""

    entries: Sequence[Entry]
    forks: bool
    by_key: Mapping[tuple[str, str], Entry] = field(init=False)
    called: frozenset[str] = field(init=False)  # programs that any entry calls
    started: frozenset[str] = field(init=False)  # programs that any entry starts
    everywhere: frozenset[str] = field(init=False)  # names of Process objects that any entry makes
    starts: Mapping[str, list[Start]] = field(init=False)  # by program
    _makes: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    _inherits: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_key = {entry.key: entry for entry in self.entries}
        self.called = frozenset(name for entry in self.entries for name in entry.called())
        starts: dict[str, list[Start]] = defaultdict(list)
        for entry in self.entries:
            for start in entry.started():
                starts[start.program].append(start)
        self.starts, self.started = starts, frozenset(starts)
        self.everywhere = frozenset(name for entry in self.entries for name in _own(entry))

    def makes(self, entry: Entry) -> frozenset[str]:
        """Return the names of the Process objects that the entry makes, or a program it calls."""
        if entry.key not in self._makes:
            names = (name for each in self._with_called(entry) for name in _own(each))
            self._makes[entry.key] = frozenset(names)
        return self._makes[entry.key]

    def _with_called(self, entry: Entry) -> list[Entry]:
        found = [entry]
        for each in found:
            calls = (self.by_key["program", name] for name in sorted(each.called()))
            found += [one for one in calls if one not in found]
        return found

    def may_inherit(self, entry: Entry) -> frozenset[str]:
        """Return the names of the Process objects that a fork may have copied into the entry."""
        if not self.forks or entry.kind != "program":
            return frozenset()
        if entry.key not in self._inherits:
            self._inherits[entry.key] = frozenset(self._made_above(entry))
        return self._inherits[entry.key]

    def _made_above(self, entry: Entry) -> set[str]:
        above, found = [entry], set[str]()
        for each in above:
            for other in self.entries:
                starts = each.kind == "program" and any(
                    start.program == each.name
                    for one in self._with_called(other)
                    for start in one.started()
                )
                if starts:
                    found |= self.makes(other)
                    above += [other] if other not in above else []
        return found


def _own(entry: Entry) -> set[str]:
    calls = {step.to_call().name for step in entry.lifecycle_steps() if isinstance(step, CallStep)}
    return calls | {start.handle for start in entry.started()}


def sure_names(workload: Workload) -> frozenset[str]:
    """Return the names that belong to exactly one process, and to its Process object if any."""
    given = Counter(spec.name for spec in workload.processes if spec.kinship.parent < 0)
    numbers = {spec.index: spec.name for spec in workload.processes}
    exact = set(given)
    for spec in workload.processes:
        for call in spec.program.calls:
            if call.kind == "start":
                given[call.name] += 1
                exact |= {call.name} if numbers.get(call.child) == call.name else set()
    return frozenset(name for name, many in given.items() if many == 1 and name in exact)


__all__ = ["Entry", "EntryGraph", "entries_of", "placed", "sure_names", "thread_name"]
