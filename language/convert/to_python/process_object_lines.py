"""The lines of an exported function that make, start, join, end and observe processes."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.process.calls import Call
from language.convert.to_python.assigned_globals import AssignedGlobals
from language.convert.to_python.code import Code, block, code, joined
from language.convert.to_python.durations import seconds
from language.convert.to_python.process_objects import Entry
from language.convert.to_python.program_context import (
    LONGEST_TIMEOUT,
    NotExportableError,
    ProgramContext,
    uses_arguments,
)
from language.schema.process_object_steps import CallStep, Start, StartStep
from language.source.wording import KeyPath, shown
from translation import tr


class ProcessObjectLines:
    """Makes the lines of one entry's function that concern Process objects.

    Whether a name is a Process object depends on the steps before. So the caller must ask for the
    lines in the order of the steps.
    """

    def __init__(self, context: ProgramContext, entry: Entry, assigned: AssignedGlobals) -> None:
        self._context, self._entry, self._globals = context, entry, assigned
        self._there: set[str] = set()  # Process objects that certainly exist
        self._made: set[str] = set()  # the Process objects of `_there` that have a program
        self._early = set(_named_early(entry))  # Process objects named before they are made

    def start(self, start: Start) -> Iterator[Code]:
        """Yield the lines that make and start a Process object. Both calls may raise."""
        one = self._globals.assign("handle", start.handle)
        kind, given = self._constructor(start)
        if start.target == "local":
            yield code("def {}({}):", self._local(start), self._arguments(start))
            yield code("    {}", self._call_of(start))
        yield Code("try:")
        yield code("    {} = {}({})", one, kind, joined(given))
        for name, value in start.attributes.items():
            yield code("    {}.{} = {}", one, self._context.names.of("attribute", name), value)
        yield code("    {}.start()", one)
        if start.handle in self._context.by_number:
            yield code("    note_number({})", one)
        yield Code("except Exception as error:")
        yield code("    complain({}, error)", f"start {start.handle}")
        if _is_made(start):
            self._has_made(start.handle)

    def _constructor(self, start: Start) -> tuple[Code, list[Code]]:
        """Return the class of the Process object, and the arguments of its constructor."""
        names = self._context.names
        target = code("target={}", self._target(start))
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
        return kind, given

    def _target(self, start: Start) -> Code:
        """Return the function that the new process calls."""
        if start.target == "local":
            return self._local(start)
        if start.target == "lambda":
            arguments = self._arguments(start)
            return code("lambda{}: {}", Code(f" {arguments}".rstrip()), self._call_of(start))
        return self._context.names.of("program", start.program)

    def _local(self, start: Start) -> Code:
        return self._context.names.of("local", start.program)

    def _call_of(self, start: Start) -> Code:
        function = self._context.names.of("program", start.program)
        return code("{}({})", function, self._arguments(start))

    def _arguments(self, start: Start) -> Code:
        takes = self._context.takes_arguments(self._context.graph.by_key["program", start.program])
        return Code("*args, **kwargs" if takes else "")

    def call_directly(self, step: CallStep, path: KeyPath) -> Iterator[Code]:
        """Yield the lines that make a Process object and call its run() without starting it.

        Raises NotExportableError if the called program would see its caller's arguments.
        """
        call, context = step.to_call(), self._context
        program = context.graph.by_key["program", step.program]
        shows = any(map(uses_arguments, program.lifecycle_steps()))
        both = bool(context.arguments) and step.program in context.graph.started
        if shows or both:
            raise NotExportableError(
                tr(
                    "the call of {program} is not exported, as args or kwargs are its "
                    "caller's; a plain program that is called has its own",
                    program=shown(step.program),
                ),
                path,
            )
        if any(each.kind == "finally" for each in program.lifecycle_steps()):
            raise NotExportableError(
                tr(
                    "the call of {program} is not exported, as its finally is run at the end "
                    "of the process; in a plain program it is run when the call returns",
                    program=shown(step.program),
                ),
                path,
            )
        one = self._globals.assign("handle", call.name)
        target = context.names.of("program", step.program)
        yield code("{} = multiprocessing.Process(target={}, name={})", one, target, call.name)
        yield code("{}.run()", one)
        self._has_made(call.name)

    def restart(self, call: Call, path: KeyPath) -> Iterator[Code]:
        """Yield a second `start()` of a Process object. Raises NotExportableError."""
        mine = self._context.is_mine(self._entry, call, path)
        if mine and call.name in self._early - self._made:
            raise NotExportableError(
                tr(
                    "{step} is not exported where the Process object is used before the line "
                    "that makes it: in a plain program it would not exist yet",
                    step=call.words,
                ),
                path,
            )
        one = self._context.names.of("handle", call.name)
        yield code("attempt({}, lambda: {}.start())", call.words, one)

    def by_object(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        """Yield a join, a close, or the assignment of daemon, of a step inside `loops` loops.

        Raises NotExportableError.
        """
        one = self._context.names.of("handle", call.name)
        yield from self._made_before(call, path, loops)
        match call.kind:
            case "join" if call.value is None:
                written = code("{}.join()", one)
            case "join" if call.value > LONGEST_TIMEOUT:
                raise NotExportableError(
                    tr("a timeout of more than 24 days is not exported: CPython refuses it"), path
                )
            case "join":
                written = code("{}.join(timeout={})", one, seconds(call.value))
            case "close":
                written = code("{}.close()", one)
            case _:
                written = code("setattr({}, 'daemon', {})", one, call.value)
        yield code("attempt({}, lambda: {})", call.words, written)

    def by_object_or_number(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        """Yield the lines of a step that signals or observes a process, inside `loops` loops.

        `call.name` means a Process object or the number of a process. If only the run can tell
        which, the program tests it. Raises NotExportableError.
        """
        meaning = self._context.meaning(self._entry, call, path)
        if meaning == "number":  # the function may have no Process object of that name
            yield _by_number(call)
            return
        one = self._context.names.of("handle", call.name)
        if meaning == "either":
            yield code("if {} in globals():", str(one))
            yield block([_by_handle(call, one)])
            yield Code("else:")
            yield block([_by_number(call)])
        else:
            yield from self._made_before(call, path, loops)
            yield _by_handle(call, one)

    def _has_made(self, name: str) -> None:
        self._there.add(name)
        self._made.add(name)

    def _made_before(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        """Yield the line that makes an unstarted Process object, if a step names it too early."""
        if not self._context.is_mine(self._entry, call, path) or call.name in self._there:
            return
        one = self._globals.assign("handle", call.name)
        made = code("{} = multiprocessing.Process(name={})  # not started yet", one, call.name)
        self._there.add(call.name)
        if loops == 0 and self._is_first(call.name):
            yield made
        else:
            yield code("if {} not in globals():", str(one))
            yield block([made])

    def _is_first(self, name: str) -> bool:
        """Return whether no other code of this process can have made the object before."""
        graph, entry = self._context.graph, self._entry
        called = (graph.by_key["program", each] for each in entry.called())
        return not (
            (entry.kind == "program" and entry.name in graph.called)
            or name in graph.may_inherit(entry)
            or any(name in graph.makes(each) for each in called)
        )


def _by_handle(call: Call, one: Code) -> Code:
    if call.kind == "interrupt":  # a method since Python 3.14
        return code("attempt({}, lambda: interrupt({}))", call.words, one)
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
    return code("attempt({}, lambda: send({}, {}))",
                call.words, call.name, Code(f"signal.{_SIGNALS[call.kind]}"))  # fmt: skip


_SIGNALS = {"terminate": "SIGTERM", "kill": "SIGKILL", "interrupt": "SIGINT"}


def _named_early(entry: Entry) -> Iterator[str]:
    """Yield the Process objects that a step of the entry names before a step has made them."""
    made: set[str] = set()
    for step in entry.lifecycle_steps():
        call = step.to_call()
        if isinstance(step, StartStep) and isinstance(step.start, Start):
            made |= {call.name} if _is_made(step.start) else set()
        elif call.kind == "call":
            made.add(call.name)
        elif call.kind in _OF_A_PROCESS and call.name not in made:
            yield call.name


_OF_A_PROCESS = ("join", "close", "daemon", "terminate", "kill", "interrupt", "observe")


def _is_made(start: Start) -> bool:
    """Return whether `Process(...)` returns an object, even if `start()` raises."""
    return start.group is None and isinstance(start.args, (list, str, type(None)))
