"""The expressions that make the shared objects of an exported program."""

from __future__ import annotations

from kernel.errors import InvariantError
from kernel.process.calls import Call
from language.convert.to_python.code import Code, code, joined
from language.convert.to_python.program_context import ProgramContext
from language.convert.to_python.shared_object_lines import SHARED_CALLS, kind_of_object

_LOCKS = {
    "lock": Code("multiprocessing.Lock()"),
    "rlock": Code("multiprocessing.RLock()"),
    "thread": Code("threading.Lock()"),
}


def made_objects(context: ProgramContext, call: Call) -> dict[tuple[str, str], Code]:
    """Return the expressions that make the objects of a call, by kind and name, in order."""
    if call.kind not in SHARED_CALLS:
        return {}
    kind = kind_of_object(context, call)
    made = {(kind, call.name): _maker(context, kind, call.name)}
    if kind == "condition" and (lock := context.rules.conditions[call.name].lock) is not None:
        return {("lock", lock): _maker(context, "lock", lock), **made}
    return made


def _maker(context: ProgramContext, kind: str, name: str) -> Code:
    rules = context.rules
    match kind:
        case "lock":
            made = _LOCKS[rules.locks[name].kind if name in rules.locks else "lock"]
        case "semaphore":
            semaphore = rules.semaphores[name]
            which = "BoundedSemaphore" if semaphore.bounded else "Semaphore"
            made = _call(which, code("{}", semaphore.value))
        case "event":
            made = _call("Event")
        case "condition":
            lock = rules.conditions[name].lock
            made = _call("Condition", *([] if lock is None else [context.names.of("lock", lock)]))
        case "barrier":
            made = _call("Barrier", code("{}", rules.barriers[name]))
        case "queue":
            made = _queue(context, name)
        case "pipe":
            made = _call("Pipe", *([] if rules.pipes[name].duplex else [Code("duplex=False")]))
        case "value":
            value = rules.values[name]
            made = _call("Value", Code("'q'"), code("{}", value.value), *_lock(value.lock))
        case "array":
            array = rules.arrays[name]
            made = _call("Array", Code("'q'"), code("{}", list(array.values)), *_lock(array.lock))
        case _:
            raise InvariantError(f"no maker of a {kind}")
    return made


def _queue(context: ProgramContext, name: str) -> Code:
    queue = context.rules.queues.get(name)
    if queue is None or queue.kind == "simple":
        return _call("SimpleQueue")
    which = "JoinableQueue" if queue.kind == "joinable" else "Queue"
    return _call(which, *([code("{}", queue.maxsize)] if queue.maxsize else []))


def _call(which: str, *given: Code) -> Code:
    return code("multiprocessing.{}({})", Code(which), joined(given))


def _lock(lock: bool) -> list[Code]:
    return [] if lock else [Code("lock=False")]
