"""What all functions of one exported program share: its identifiers, and what names mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kernel.process.calls import Call, LifecycleRules
from kernel.workload import Workload
from language.convert.to_python.helpers import RESERVED
from language.convert.to_python.identifiers import Identifiers
from language.convert.to_python.process_objects import (
    Entry,
    EntryGraph,
    entries_of,
    placed,
    sure_names,
)
from language.schema.lifecycle_base import LifecycleStep
from language.schema.scenario import Scenario
from language.source.wording import KeyPath, shown
from translation import tr

LONGEST_TIMEOUT = (2**31 - 1) * 1_000_000
"""Longest timeout of a call, ns: `poll(2)` counts milliseconds in a C int."""

ARGUMENTS = {"args": "list(args)", "kwargs": "kwargs"}
"""The expression of a started program's arguments, by their name in a `show` step."""


class NotExportableError(ValueError):
    """The scenario has something, at `path` in its file, that a plain program cannot do."""

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


class ProgramContext:
    """What all functions of one program share."""

    def __init__(self, scenario: Scenario, workload: Workload) -> None:
        self.scenario = scenario
        self.rules = workload.lifecycle or LifecycleRules()
        self.entries = entries_of(scenario)
        self.graph = EntryGraph(self.entries, forks=scenario.starts_by == "fork")
        self.names = Identifiers(RESERVED)
        self.processes = {spec.name for spec in workload.processes}
        self.sure = sure_names(workload)
        self.workers = {spec.name for spec in workload.processes if spec.kinship.pool}
        calls = [step.to_call() for entry in self.entries for step in entry.lifecycle_steps()]
        self.closed = {call.name for call in calls if call.kind == "close"}
        variables = _variables(scenario, calls)
        self.arguments = [name for name in ARGUMENTS if name in variables]
        """`args`, `kwargs` or both, if the scenario uses them as variables."""
        for name in variables:
            self.names.of("variable", name)
        for call in calls:
            if call.kind in ("start", "call"):
                self.names.of("handle", call.name)
        self.by_number = list(dict.fromkeys(self._numbers()))

    def _numbers(self) -> Iterator[str]:
        """Yield the names of the processes that other processes find by number."""
        for entry in self.entries:
            for place, step in placed(entry):
                if isinstance(step, LifecycleStep) and step.kind in (
                    "observe",
                    "terminate",
                    "kill",
                    "interrupt",
                ):
                    call = step.to_call()
                    if self.meaning(entry, call, (*place, step.kind)) != "handle":
                        yield call.name

    def meaning(self, entry: Entry, call: Call, path: KeyPath) -> str:
        """Return what a name means in a step: `handle` (a Process object), `number` or `either`.

        `either`: only the run can tell. Raises NotExportableError if the name is ambiguous.
        """
        past_closing = call.options.get("only") == "system" and call.name in self.closed
        mine = self.is_mine(entry, call, path)
        if (mine and not past_closing) or call.name not in self.processes:
            return "handle"
        if call.name in self.workers:
            raise NotExportableError(
                tr(
                    "{step} is not exported: a plain program does not know which of its "
                    "workers is {process}; let a task end its worker by os_exit",
                    step=call.words,
                    process=shown(call.name),
                ),
                path,
            )
        if call.name not in self.sure:
            raise NotExportableError(
                tr(
                    "{step} is not exported: several processes are called {process}, and a "
                    "plain program finds a process of others by its name alone",
                    step=call.words,
                    process=shown(call.name),
                ),
                path,
            )
        inherited = not past_closing and call.name in self.graph.may_inherit(entry)
        return "either" if inherited else "number"

    def is_mine(self, entry: Entry, call: Call, path: KeyPath) -> bool:
        """Return whether the entry makes a Process object of the call's name.

        Raises NotExportableError if that depends on the caller of a called program.
        """
        mine = call.name in self.graph.makes(entry)
        called = entry.kind == "program" and entry.name in self.graph.called
        if called and not mine and call.name in self.graph.everywhere:
            raise NotExportableError(
                tr(
                    "{step} is not exported in a program that is called: whose {process} it "
                    "means depends on its caller",
                    step=call.words,
                    process=shown(call.name),
                ),
                path,
            )
        return mine

    def uses_self(self, entry: Entry) -> bool:
        """Return whether the entry's function uses the Process object that it is run by."""
        calls = (step.to_call() for step in entry.lifecycle_steps())
        return any(
            name.startswith("self.")
            for call in calls
            if call.kind in ("show", "set")
            for name in ([call.name] if call.kind == "show" else call.value)
        )

    def takes_arguments(self, entry: Entry) -> bool:
        """Return whether the entry's function needs parameters for the arguments of a start."""
        if entry.kind != "program" or entry.name not in self.graph.started:
            return False
        shows = any(map(uses_arguments, entry.lifecycle_steps()))
        starts = self.graph.starts[entry.name]
        given = any(start.args is not None or start.kwargs for start in starts)
        return bool(shows or given or self.arguments)

    def note_number(self, entry: Entry) -> bool:
        """Return whether other processes find a process that executes this entry by number."""
        if entry.kind == "process":
            return entry.name in self.by_number or any(
                name.rpartition("-")[0] == entry.name for name in self.by_number
            )
        starts = self.graph.starts.get(entry.name, ())
        return entry.kind == "program" and any(start.handle in self.by_number for start in starts)


def uses_arguments(step: LifecycleStep) -> bool:
    """Return whether the step uses `args` or `kwargs` as a variable."""
    return _used_variable(step.to_call()) in ARGUMENTS


def _used_variable(call: Call) -> str | None:
    """Return the variable whose value the call uses."""
    if call.kind == "show":
        return None if "." in call.name else call.name
    return call.options.get("from") if call.kind == "write" else None


def _variables(scenario: Scenario, calls: Sequence[Call]) -> dict[str, None]:
    """Return every variable that is assigned or shown, in order.

    `args` and `kwargs` are variables only if they are assigned.
    """
    found = dict.fromkeys(scenario.variables)
    for call in calls:
        if call.kind == "set":
            found |= dict.fromkeys(name for name in call.value if "." not in name)
        elif call.kind in ("receive", "pipe_receive", "read") and call.value is not None:
            found[call.value] = None
    given = set(found)
    shows = (name for call in calls if (name := _used_variable(call)) is not None)
    return found | {name: None for name in shows if name in given or name not in ARGUMENTS}
