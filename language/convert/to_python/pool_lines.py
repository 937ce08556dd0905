"""The lines of an exported function that use pools and the results of their tasks."""

from __future__ import annotations

from collections.abc import Iterator

from kernel.process.calls import Call
from language.convert.to_python.assigned_globals import AssignedGlobals
from language.convert.to_python.code import Code, code, joined
from language.convert.to_python.durations import seconds
from language.convert.to_python.program_context import (
    LONGEST_TIMEOUT,
    NotExportableError,
    ProgramContext,
)
from language.schema.lifecycle_base import LifecycleStep
from language.schema.pool_steps import MapStep, SubmitStep
from language.source.wording import KeyPath
from translation import tr

POOL_CALLS = frozenset(
    {"open_pool", "submit", "map", "get", "close_pool", "join_pool", "terminate_pool", "return"}
    | {"shutdown"}
)
"""The kinds of calls that concern a pool."""

_METHODS = {
    "close_pool": "close",
    "join_pool": "join",
    "terminate_pool": "terminate",
    "shutdown": "shutdown",
}


class PoolLines:
    """Makes the lines of one entry's function that concern pools."""

    def __init__(self, context: ProgramContext, assigned: AssignedGlobals) -> None:
        self._context, self._globals = context, assigned
        self._futures: set[str] = set()  # names of results of executors

    def of(self, step: LifecycleStep, path: KeyPath) -> Iterator[Code]:
        """Yield the lines of a step whose call is in POOL_CALLS. Raises NotExportableError."""
        call = step.to_call()
        match call.kind:
            case "open_pool":
                yield code("{} = {}", self._globals.assign("pool", call.name), self._made(call))
            case "submit":
                assert isinstance(step, SubmitStep)
                yield from self._submitted(call, self._task(step.submit.task))
            case "map":
                assert isinstance(step, MapStep)
                tasks = joined(map(self._task, step.map.tasks))
                mapped = code("{}.map(call, [{}], chunksize=1)", self._pool(call), tasks)
                if self._is_executor(call):
                    mapped = code("list({})", mapped)
                yield code("report({}, lambda: {})", call.words, mapped)
            case "get":
                yield code("report({}, lambda: {})", call.words, self._got(call, path))
            case "return":
                yield code("return {}", call.value)
            case kind:
                made = code("{}.{}()", self._pool(call), Code(_METHODS[kind]))
                yield code("attempt({}, lambda: {})", call.words, made)

    def _pool(self, call: Call) -> Code:
        return self._context.names.of("pool", call.name)

    def _task(self, program: str) -> Code:
        return self._context.names.of("program", program)

    def _made(self, call: Call) -> Code:
        workers = self._context.rules.pools[call.name].workers
        count = Code("multiprocessing.Value('i')")
        given = code("({}, {})", call.name, count)
        if self._is_executor(call):
            kind = Code("concurrent.futures.ProcessPoolExecutor")
            return code("{}({}, initializer=be_worker, initargs={})", kind, workers, given)
        return code("multiprocessing.Pool({}, be_worker, {})", workers, given)

    def _is_executor(self, call: Call) -> bool:
        return self._context.rules.pools[call.name].kind == "executor"

    def _submitted(self, call: Call, task: Code) -> Iterator[Code]:
        result = self._globals.assign("result", call.value)
        if self._is_executor(call):
            self._futures.add(call.value)
        method = Code("submit" if self._is_executor(call) else "apply_async")
        yield Code("try:")
        yield code("    {} = {}.{}({})", result, self._pool(call), method, task)
        yield Code("except Exception as error:")
        yield code("    complain({}, error)", call.words)

    def _got(self, call: Call, path: KeyPath) -> Code:
        result = self._context.names.of("result", call.name)
        method = Code("result" if call.name in self._futures else "get")
        if call.value is None:
            return code("{}.{}()", result, method)
        if call.value > LONGEST_TIMEOUT:
            raise NotExportableError(
                tr("a timeout of more than 24 days is not exported: CPython refuses it"), path
            )
        return code("{}.{}(timeout={})", result, method, seconds(call.value))
