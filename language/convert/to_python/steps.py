"""The steps of one function of an exported program, as the calls that a student would have written.

Every line is made by `code`, so it contains the scenario's values only as literals, and its names
only as identifiers of the program.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence

from kernel.errors import InvariantError
from kernel.process.calls import Call
from language.convert.to_python.assigned_globals import AssignedGlobals
from language.convert.to_python.code import Code, block, code
from language.convert.to_python.durations import seconds
from language.convert.to_python.pool_lines import POOL_CALLS, PoolLines
from language.convert.to_python.process_object_lines import ProcessObjectLines
from language.convert.to_python.process_objects import Entry
from language.convert.to_python.program_context import (
    ARGUMENTS,
    NotExportableError,
    ProgramContext,
)
from language.convert.to_python.shared_object_lines import SHARED_CALLS, SharedObjectLines
from language.schema.lifecycle_base import LifecycleStep
from language.schema.own_state_steps import FinallyStep
from language.schema.process_object_steps import CallStep, Start, StartStep
from language.schema.steps import CpuStep, IoStep, RepeatStep, Written
from language.source.wording import KeyPath
from translation import tr

MOST_LOOPS = 18
"""Most nested `repeat` and `finally`. CPython allows 20 blocks, of which one step may need two."""


def function_body(context: ProgramContext, entry: Entry) -> list[Code]:
    """Return the statements of the entry's function. Raises NotExportableError."""
    return _FunctionBody(context, entry).lines()


def _one_more(loops: int, path: KeyPath) -> int:
    """Return the number of blocks inside one more. Raises NotExportableError at the most."""
    if loops == MOST_LOOPS:
        raise NotExportableError(
            tr(
                "more than {most} loops in each other are not exported: Python allows 20 blocks",
                most=MOST_LOOPS,
            ),
            path,
        )
    return loops + 1


class _FunctionBody:
    """The statements of one entry's function, step by step."""

    def __init__(self, context: ProgramContext, entry: Entry) -> None:
        self._context, self._entry = context, entry
        self._globals = AssignedGlobals(context.names)
        self._objects = ProcessObjectLines(context, entry, self._globals)
        self._pools = PoolLines(context, self._globals)
        self._shared = SharedObjectLines(context, self._globals, self._variable)

    def lines(self) -> list[Code]:
        """Return the statements. `global` comes first, but the steps decide what it declares."""
        body = list(self._block(self._entry.steps, self._entry.path, 0))
        before = list(self._arguments())
        if self._context.note_number(self._entry):
            before.append(Code("note_number(multiprocessing.current_process())"))
        return [*self._globals.declaration(), *before, *body]

    def _arguments(self) -> Iterator[Code]:
        """Yield the assignments of args and kwargs to variables, for a program that is started."""
        if self._entry.kind == "program" and self._entry.name in self._context.graph.started:
            for name in self._context.arguments:
                variable = self._globals.assign("variable", name)
                yield code("{} = {}", variable, Code(ARGUMENTS[name]))

    def _block(
        self, steps: Sequence[Written], path: KeyPath, loops: int, first: int = 0
    ) -> Iterator[Code]:
        """Yield the lines of the steps at `path` from number `first`, inside `loops` loops."""
        for number, step in enumerate(steps[first:], start=first):
            place = (*path, number)
            if isinstance(step, FinallyStep):
                rest = self._block(steps, path, _one_more(loops, (*place, "finally")), number + 1)
                yield from (Code("try:"), block(rest), Code("finally:"))
                yield code("    say({})", step.finally_)
                return
            if isinstance(step, RepeatStep):
                yield from self._repeat(step, (*place, "repeat"), loops)
            elif isinstance(step, CpuStep):
                assert step.cpu is not None
                yield code("compute({})", seconds(step.cpu))
            elif isinstance(step, IoStep):
                yield from self._io(step)
            elif isinstance(step, StartStep) and isinstance(step.start, Start):
                yield from self._objects.start(step.start)
            elif isinstance(step, CallStep):
                yield from self._objects.call_directly(step, (*place, "call"))
            elif isinstance(step, LifecycleStep) and step.kind in POOL_CALLS:
                yield from self._pools.of(step, (*place, step.kind))
            elif isinstance(step, LifecycleStep):
                yield from self._call(step.to_call(), (*place, step.kind), loops)
            else:
                kind = type(step).__name__.removesuffix("Step").lower()
                raise NotExportableError(
                    tr(
                        "the step {step} is not exported: a plain program has no partition",
                        step=kind,
                    ),
                    (*place, kind),
                )

    def _repeat(self, step: RepeatStep, path: KeyPath, loops: int) -> Iterator[Code]:
        inside = _one_more(loops, path)
        yield code("for _ in range({}):", step.repeat.times)
        yield block(self._block(step.repeat.do, (*path, "do"), inside))

    def _io(self, step: IoStep) -> Iterator[Code]:
        if not isinstance(step.io, dict):
            yield code("time.sleep({})", seconds(step.io))
            return
        [(name, length)] = step.io.items()
        if isinstance(self._context.scenario.machine.devices[name].units, int):
            yield code("with {}:", self._context.names.of("device", name))
            yield block([code("time.sleep({})", seconds(length))])
        else:
            yield code("time.sleep({})  # {}", seconds(length), name)

    def _call(self, call: Call, path: KeyPath, loops: int) -> Iterator[Code]:
        match call.kind:
            case "restart":
                yield from self._objects.restart(call, path)
            case "join" | "close" | "daemon":
                yield from self._objects.by_object(call, path, loops)
            case "terminate" | "kill" | "interrupt" | "observe":
                yield from self._objects.by_object_or_number(call, path, loops)
            case kind if kind in SHARED_CALLS:
                yield from self._shared.of(call, path)
            case _:
                yield from self._alone(call)

    def _alone(self, call: Call) -> Iterator[Code]:
        """Yield the lines of a step that concerns no other process."""
        match call.kind:
            case "set":
                for name, value in call.value.items():
                    yield code("{} = {}", self._target(name), value)
            case "show":
                yield code("attempt({}, lambda: say({} + repr({})))",
                           call.words, f"{call.name} = ", self._variable(call.name))  # fmt: skip
            case "print":
                yield code("say({})", call.value)
            case "atexit":
                yield code("atexit.register(say, {})", call.value)
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

    def _target(self, name: str) -> Code:
        """Return the variable or attribute to which the function assigns."""
        return self._attribute(name) if "." in name else self._globals.assign("variable", name)

    def _attribute(self, name: str) -> Code:
        """Return the expression of an attribute like `self.limit` or `c1.limit`."""
        of, _, attribute = name.partition(".")
        one = Code("self") if of == "self" else self._context.names.of("handle", of)
        return code("{}.{}", one, self._context.names.of("attribute", attribute))

    def _variable(self, name: str) -> Code:
        if "." in name:
            return self._attribute(name)
        if name in ARGUMENTS and name not in self._context.arguments:
            takes = self._context.takes_arguments(self._entry)
            return Code(ARGUMENTS[name] if takes else name)
        return self._context.names.of("variable", name)
