"""The steps of one function of an exported program, as the calls that a student would have written.

Every line is made by `code`, so what stands in the scenario is in it as a literal or as one of our
names.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kernel.errors import InvariantError
from kernel.process.calls import Call
from kernel.units import NS_PER
from kernel.workload import Workload
from language.convert.to_python.code import Code, block, code, joined
from language.convert.to_python.helpers import RESERVED
from language.convert.to_python.identifiers import Identifiers
from language.convert.to_python.process_objects import (
    Entry,
    Kinship,
    entries_of,
    placed,
    sure_names,
)
from language.schema.distributions import Amount, Choice, Exponential, Normal, Uniform
from language.schema.lifecycle_steps import CallStep, LifeStep, Start, StartStep
from language.schema.scenario import Scenario
from language.schema.steps import CpuStep, IoStep, RepeatStep, Written
from language.source.wording import KeyPath, shown

MOST_LOOPS = 18
"""Most nested `repeat`. CPython compiles at most 20 blocks, and one step may need two more."""

LONGEST_TIMEOUT = (2**31 - 1) * 1_000_000
"""Longest timeout of a join, ns: `poll(2)` counts milliseconds in a C int."""

ARGUMENTS = {"args": "list(args)", "kwargs": "kwargs"}
"""What a started program was given, by the name that `show` has for it."""


class NotExportableError(ValueError):
    """The scenario has something, at `path` in its file, that a plain program does not."""

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


class Context:
    """What all functions of one program have in common."""

    def __init__(self, scenario: Scenario, workload: Workload) -> None:
        self.scenario = scenario
        self.entries = entries_of(scenario)
        self.kinship = Kinship(self.entries, forks=scenario.start_method == "fork")
        self.names = Identifiers(RESERVED)
        self.processes = {spec.name for spec in workload.processes}
        self.sure = sure_names(workload)
        calls = [step.to_call() for entry in self.entries for step in entry.life()]
        self.closed = {call.name for call in calls if call.kind == "close"}
        variables = _variables(scenario, calls)
        self.arguments = [name for name in ARGUMENTS if name in variables]
        """Those of args and kwargs that the scenario uses as variables."""
        for name in variables:
            self.names.of("variable", name)
        for call in calls:
            if call.kind in ("start", "call"):
                self.names.of("handle", call.name)
        self.by_number = list(dict.fromkeys(self._numbers()))

    def _numbers(self) -> Iterator[str]:
        """Yield the processes that others look for by their numbers."""
        for entry in self.entries:
            for place, step in placed(entry):
                if isinstance(step, LifeStep) and step.kind in ("observe", "terminate", "kill"):
                    call = step.to_call()
                    if self.meaning(entry, call, (*place, step.kind)) != "handle":
                        yield call.name

    def meaning(self, entry: Entry, call: Call, path: KeyPath) -> str:
        """What a name means: a handle, a number, or either, as is known when it runs."""
        past_closing = call.options.get("only") == "system" and call.name in self.closed
        mine = self.is_mine(entry, call, path)
        if (mine and not past_closing) or call.name not in self.processes:
            return "handle"
        if call.name not in self.sure:
            raise NotExportableError(
                f"{call.words} is not exported: several processes are called {shown(call.name)}, "
                "and a plain program finds a process of others by its name alone",
                path,
            )
        inherited = not past_closing and call.name in self.kinship.may_inherit(entry)
        return "either" if inherited else "number"

    def is_mine(self, entry: Entry, call: Call, path: KeyPath) -> bool:
        """Return whether the entry makes a Process object of that name.

        Raises NotExportableError if that depends on the caller of a called program.
        """
        mine = call.name in self.kinship.makes(entry)
        called = entry.kind == "program" and entry.name in self.kinship.called
        if called and not mine and call.name in self.kinship.everywhere:
            raise NotExportableError(
                f"{call.words} is not exported in a program that is called: whose "
                f"{shown(call.name)} it means depends on its caller",
                path,
            )
        return mine

    def takes_arguments(self, entry: Entry) -> bool:
        """Return whether the entry is started with arguments, or shows them."""
        if entry.kind != "program" or entry.name not in self.kinship.started:
            return False
        shows = any(
            step.to_call().name in ARGUMENTS for step in entry.life() if step.kind == "show"
        )
        starts = self.kinship.starts[entry.name]
        given = any(start.args is not None or start.kwargs for start in starts)
        return bool(shows or given or self.arguments)

    def note_number(self, entry: Entry) -> bool:
        """Is it the program of a process that others look for by its number?"""
        if entry.kind == "process":
            return entry.name in self.by_number or any(
                name.rpartition("-")[0] == entry.name for name in self.by_number
            )
        starts = self.kinship.starts.get(entry.name, ())
        return entry.kind == "program" and any(start.handle in self.by_number for start in starts)


def _variables(scenario: Scenario, calls: Sequence[Call]) -> dict[str, None]:
    """Every variable that is given a value or shown, in order; `args` only if it is given one."""
    found = dict.fromkeys(scenario.variables)
    for call in calls:
        if call.kind == "set":
            found |= dict.fromkeys(call.value)
        elif call.kind == "receive" and call.value is not None:
            found[call.value] = None
    given = set(found)
    shows = (call.name for call in calls if call.kind == "show")
    return found | {name: None for name in shows if name in given or name not in ARGUMENTS}


@dataclass(slots=True)
class Function:
    """The body of one entry's function."""

    context: Context
    entry: Entry
    globals: dict[str, None] = field(default_factory=dict)  # names that it assigns
    _there: set[str] = field(default_factory=set)  # Process objects that surely exist
    _made: set[str] = field(default_factory=set)  # of these, those with a program
    _early: set[str] = field(default_factory=set)  # those that are spoken of before they are made

    def lines(self) -> list[Code]:
        """The statements."""
        self._early = set(_early(self.entry))
        body = list(self._block(self.entry.steps, self.entry.path, 0))
        before = list(self._arguments())
        if self.context.note_number(self.entry):
            before.append(Code("note_number(multiprocessing.current_process())"))
        if self.globals:
            before.insert(0, code("global {}", joined(map(Code, self.globals))))
        return before + body

    def _arguments(self) -> Iterator[Code]:
        """Where args is a variable, too, a process that is started begins with it."""
        if self.entry.kind == "program" and self.entry.name in self.context.kinship.started:
            for name in self.context.arguments:
                yield code("{} = {}", self._assigned("variable", name), Code(ARGUMENTS[name]))

    def _assigned(self, kind: str, name: str) -> Code:
        """The identifier of a global that the function gives a value."""
        identifier = self.context.names.of(kind, name)
        self.globals[identifier] = None
        return identifier

    def _handle(self, name: str) -> Code:
        return self.context.names.of("handle", name)

    def _block(self, steps: Sequence[Written], path: KeyPath, loops: int) -> Iterator[Code]:
        for number, step in enumerate(steps):
            place = (*path, number)
            if isinstance(step, RepeatStep):
                if loops == MOST_LOOPS:
                    raise NotExportableError(
                        f"more than {MOST_LOOPS} loops in each other are not exported: Python "
                        "allows 20 blocks",
                        (*place, "repeat"),
                    )
                yield code("for _ in range({}):", step.repeat.times)
                inside = (*place, "repeat", "do")
                yield block(self._block(step.repeat.do, inside, loops + 1))
            elif isinstance(step, CpuStep):
                assert step.cpu is not None
                yield code("compute({})", seconds(step.cpu))
            elif isinstance(step, IoStep):
                yield from self._io(step)
            elif isinstance(step, StartStep) and isinstance(step.start, Start):
                yield from self._start(step.start)
            elif isinstance(step, CallStep):
                yield from self._call_directly(step, (*place, "call"))
            elif isinstance(step, LifeStep):
                yield from self._call(step.to_call(), (*place, step.kind), loops)
            else:
                kind = type(step).__name__.removesuffix("Step").lower()
                raise NotExportableError(
                    f"the step {kind} is not exported: a plain program has no partition",
                    (*place, kind),
                )

    def _io(self, step: IoStep) -> Iterator[Code]:
        if not isinstance(step.io, dict):
            yield code("time.sleep({})", seconds(step.io))
            return
        [(name, length)] = step.io.items()
        if isinstance(self.context.scenario.machine.devices[name].units, int):
            yield code("with {}:", self.context.names.of("device", name))
            yield block([code("time.sleep({})", seconds(length))])
        else:
            yield code("time.sleep({})  # {}", seconds(length), name)

    # -- Process objects --------------------------------------------------------------------------

    def _start(self, start: Start) -> Iterator[Code]:
        """`Process(...)` and `start()`, which may both raise."""
        names, one = self.context.names, self._assigned("handle", start.handle)
        target = code("target={}", names.of("program", start.program))
        kind, given = Code("multiprocessing.Process"), [target]
        if start.style == "subclass":
            kind, given = names.of("class", start.program), []
        given.append(code("name={}", start.handle))
        if isinstance(start.args, list):
            given.append(code("args={}", tuple(start.args)))
        elif start.args is not None:
            given.append(code("args=({})", start.args))
        if start.kwargs:
            given.append(code("kwargs={}", start.kwargs))
        if start.daemon is not None:
            given.append(code("daemon={}", start.daemon))
        if start.group is not None:
            given.append(code("group={}", start.group))
        yield Code("try:")
        yield code("    {} = {}({})", one, kind, joined(given))
        yield code("    {}.start()", one)
        if start.handle in self.context.by_number:
            yield code("    note_number({})", one)
        yield Code("except Exception as error:")
        yield code("    complain({}, error)", f"start {start.handle}")
        if _is_made(start):
            self._has_made(start.handle)

    def _call_directly(self, step: CallStep, path: KeyPath) -> Iterator[Code]:
        call, context = step.to_call(), self.context
        program = context.kinship.by_key["program", step.program]
        shows = any(
            each.to_call().name in ARGUMENTS for each in program.life() if each.kind == "show"
        )
        both = bool(context.arguments) and step.program in context.kinship.started
        if shows or both:
            raise NotExportableError(
                f"the call of {shown(step.program)} is not exported, as args or kwargs are its "
                "caller's; a plain program that is called has its own",
                path,
            )
        one, target = self._assigned("handle", call.name), context.names.of("program", step.program)
        yield code("{} = multiprocessing.Process(target={}, name={})", one, target, call.name)
        yield code("{}.run()", one)
        self._has_made(call.name)

    def _has_made(self, name: str) -> None:
        self._there.add(name)
        self._made.add(name)

    def _before(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        """A Process object that is spoken of before it is made is made here, and not started."""
        if not self.context.is_mine(self.entry, call, path) or call.name in self._there:
            return
        made = code("{} = multiprocessing.Process(name={})  # not started yet",
                    self._assigned("handle", call.name), call.name)  # fmt: skip
        self._there.add(call.name)
        if loops == 0 and self._is_first(call.name):
            yield made
        else:
            yield code("if {} not in globals():", str(self._handle(call.name)))
            yield block([made])

    def _is_first(self, name: str) -> bool:
        """Can nothing else have made it in this process before?"""
        kinship, entry = self.context.kinship, self.entry
        called = (kinship.by_key["program", each] for each in entry.called())
        return not (
            (entry.kind == "program" and entry.name in kinship.called)
            or name in kinship.may_inherit(entry)
            or any(name in kinship.makes(each) for each in called)
        )

    # -- the other steps --------------------------------------------------------------------------

    def _call(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        match call.kind:
            case "restart" | "join" | "close" | "daemon":
                yield from self._with_handle(call, path, loops)
            case "terminate" | "kill" | "observe":
                yield from self._with_process(call, path, loops)
            case "lock" | "unlock" | "send" | "receive" | "barrier":
                yield from self._with_shared(call)
            case "set":
                for name, value in call.value.items():
                    yield code("{} = {}", self._assigned("variable", name), value)
            case "show":
                yield code("attempt({}, lambda: say({} + repr({})))",
                           call.words, f"{call.name} = ", self._variable(call.name))  # fmt: skip
            case "print":
                yield code("say({})", call.value)
            case "active_children":
                children = "sorted(child.name for child in multiprocessing.active_children())"
                yield code("say('? active_children: ' + repr({}))", Code(children))
            case "end" | "exit":
                yield code("sys.exit({})", call.value)
            case "raise":
                yield code("raise {}", Code(getattr(builtins, call.value).__name__))
            case "os_exit":
                yield code("os._exit({})", call.value)
            case "yield":
                yield Code("os.sched_yield()")
            case _:
                raise InvariantError(f"no line for {call.kind}")

    def _variable(self, name: str) -> Code:
        if name in ARGUMENTS and name not in self.context.arguments:
            takes = self.context.takes_arguments(self.entry)
            return Code(ARGUMENTS[name] if takes else name)
        return self.context.names.of("variable", name)

    def _with_handle(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        one = self._handle(call.name)
        if call.kind == "restart":
            mine = self.context.is_mine(self.entry, call, path)
            if mine and call.name in self._early - self._made:
                raise NotExportableError(
                    f"{call.words} is not exported where the Process object is spoken of, but made "
                    "further down: a plain program would start an empty one",
                    path,
                )
            yield code("attempt({}, lambda: {}.start())", call.words, one)
            return
        yield from self._before(call, path, loops)
        match call.kind:
            case "join" if call.value is None:
                written = code("{}.join()", one)
            case "join" if call.value > LONGEST_TIMEOUT:
                raise NotExportableError(
                    "a timeout of more than 24 days is not exported: CPython refuses it", path
                )
            case "join":
                written = code("{}.join(timeout={})", one, seconds(call.value))
            case "close":
                written = code("{}.close()", one)
            case _:
                written = code("setattr({}, 'daemon', {})", one, call.value)
        yield code("attempt({}, lambda: {})", call.words, written)

    def _with_process(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        """Yield the call by the Process object or by the number. Only the run may know which."""
        meaning = self.context.meaning(self.entry, call, path)
        if meaning == "either":
            yield code("if {} in globals():", str(self._handle(call.name)))
            yield block([_by_handle(call, self._handle(call.name))])
            yield Code("else:")
            yield block([_by_number(call)])
        elif meaning == "number":
            yield _by_number(call)
        else:
            yield from self._before(call, path, loops)
            yield _by_handle(call, self._handle(call.name))

    def _with_shared(self, call: Call) -> Iterator[Code]:
        names = self.context.names
        match call.kind:
            case "lock":
                one = names.of("lock", call.name)
                yield code("attempt({}, lambda: {}.acquire())", call.words, one)
            case "unlock":
                one = names.of("lock", call.name)
                yield code("attempt({}, lambda: {}.release())", call.words, one)
            case "send":
                yield code("{}.put({})", names.of("queue", call.name), call.value)
            case "receive":
                into = Code("value")
                if call.value is not None:
                    into = self._assigned("variable", call.value)
                yield code("{} = {}.get()", into, names.of("queue", call.name))
                yield code("say({} + repr({}))", f"? {call.words}: ", into)
            case _:
                yield code("{}.wait()", names.of("barrier", call.name))


def _by_handle(call: Call, one: Code) -> Code:
    if call.kind != "observe":
        return code("attempt({}, lambda: {}.{}())", call.words, one, Code(call.kind))
    how = code("process={}", one)
    if call.options.get("only") == "system":
        how = code("pid={}.pid", one)
    return code("attempt({}, lambda: look({}, {}))", call.words, call.name, how)


def _by_number(call: Call) -> Code:
    if call.kind == "observe":
        return code("attempt({}, lambda: look({}, pid=number_of({})))",
                    call.words, call.name, call.name)  # fmt: skip
    signal = Code("signal.SIGTERM" if call.kind == "terminate" else "signal.SIGKILL")
    return code("attempt({}, lambda: send({}, {}))", call.words, call.name, signal)


def _early(entry: Entry) -> Iterator[str]:
    """Process objects that the entry speaks of before it makes them."""
    made: set[str] = set()
    for step in entry.life():
        call = step.to_call()
        if isinstance(step, StartStep) and isinstance(step.start, Start):
            made |= {call.name} if _is_made(step.start) else set()
        elif call.kind == "call":
            made.add(call.name)
        elif call.kind in _OF_A_PROCESS and call.name not in made:
            yield call.name


_OF_A_PROCESS = ("join", "close", "daemon", "terminate", "kill", "observe")


def _is_made(start: Start) -> bool:
    """Return whether `Process(...)` returns an object, even if `start()` raises."""
    return start.group is None and isinstance(start.args, (list, str, type(None)))


def seconds(amount: Amount) -> Code:
    """A duration in seconds, or how one is drawn."""
    match amount:
        case int():
            return code("{}", amount / NS_PER["s"])
        case Exponential():
            return code("random.expovariate(1 / {})", seconds(amount.exponential))
        case Uniform():
            low, high = map(seconds, amount.uniform)
            return code("random.uniform({}, {})", low, high)
        case Normal():
            mean, deviation = map(seconds, amount.normal)
            return code("max(0, random.gauss({}, {}))", mean, deviation)
        case Choice():
            return code("random.choice([{}])", joined(map(seconds, amount.choice)))


__all__ = ["Context", "Function", "NotExportableError", "seconds"]
