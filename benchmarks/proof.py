"""Prove that only literals, and names made by the exporter, come from a scenario into its program.

The proof is on the syntax tree of the exported program. The tree must have only known kinds of
nodes, known imports, known calls, known names, and identifiers that the exporter made. Each of
these identifiers is made once, and none of them is a keyword or builtin of Python. The program of
the same scenario with plain names and texts must have the same form. If the program is run, its
printed lines are compared with the model's.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from commands.witness import given_names
from kernel.workload import Workload
from language.convert.to_python.helpers import RESERVED
from timeline.comparison.observations import PRINTS
from timeline.record.run import Observation, Run

Names = Mapping[tuple[str, str], str]

NODES = frozenset(
    {
        "Module",
        "Import",
        "alias",
        "FunctionDef",
        "arguments",
        "arg",
        "ClassDef",
        "Expr",
        "Assign",
        "AugAssign",
        "Global",
        "If",
        "For",
        "While",
        "With",
        "withitem",
        "Try",
        "ExceptHandler",
        "Raise",
        "Return",
        "Pass",
        "Name",
        "Attribute",
        "Subscript",
        "Call",
        "keyword",
        "Lambda",
        "GeneratorExp",
        "comprehension",
        "Starred",
        "Constant",
        "JoinedStr",
        "FormattedValue",
        "Tuple",
        "List",
        "Dict",
        "BinOp",
        "Add",
        "Sub",
        "Div",
        "BitOr",
        "UnaryOp",
        "USub",
        "Not",
        "BoolOp",
        "And",
        "Compare",
        "Lt",
        "Eq",
        "In",
        "Is",
        "IsNot",
        "NotIn",
        "IfExp",
        "Load",
        "Store",
    }
)
BUILTINS = frozenset(
    {
        "print",
        "range",
        "repr",
        "list",
        "sorted",
        "setattr",
        "globals",
        "float",
        "max",
        "bool",
        "str",
        "hasattr",
        "open",
        "type",
        "Exception",
        "OSError",
        "AssertionError",
        "ProcessLookupError",
        "SystemExit",
        "KeyboardInterrupt",
        "__name__",
    }
)
ATTRIBUTES = frozenset(
    {
        "Process",
        "current_process",
        "active_children",
        "name",
        "set_start_method",
        "Lock",
        "RLock",
        "SimpleQueue",
        "Queue",
        "JoinableQueue",
        "Barrier",
        "Condition",
        "Event",
        "Pipe",
        "Value",
        "Array",
        "Semaphore",
        "BoundedSemaphore",
        "Pool",
        "apply_async",
        "concurrent",
        "futures",
        "ProcessPoolExecutor",
        "submit",
        "result",
        "shutdown",
        "map",
        "util",
        "get_temp_dir",
        "append",
        "start",
        "join",
        "close",
        "run",
        "terminate",
        "kill",
        "pid",
        "daemon",
        "is_alive",
        "exitcode",
        "acquire",
        "release",
        "put",
        "get",
        "task_done",
        "send",
        "recv",
        "poll",
        "wait",
        "notify",
        "notify_all",
        "abort",
        "reset",
        "set",
        "clear",
        "value",
        "get_lock",
        "register",
        "interrupt",
        "_check_closed",
        "_popen",
        "_send_signal",
        "default_int_handler",
        "exit",
        "_exit",
        "sched_yield",
        "strerror",
        "SIGTERM",
        "SIGKILL",
        "SIGINT",
        "signal",
        "sleep",
        "process_time",
        "thread_time",
        "monotonic",
        "expovariate",
        "uniform",
        "gauss",
        "choice",
        "Thread",
        "current_thread",
        "main_thread",
        "read",
        "rpartition",
        "split",
        "items",
        "index",
        "__name__",
        "_args",
        "_kwargs",
    }
)
ARGUMENTS = frozenset(
    {
        "target",
        "initializer",
        "initargs",
        "chunksize",
        "name",
        "args",
        "kwargs",
        "daemon",
        "group",
        "timeout",
        "block",
        "duplex",
        "force",
        "lock",
        "flush",
        "end",
        "process",
        "pid",
    }
)
MODULES = frozenset(
    {
        "atexit",
        "concurrent.futures",
        "multiprocessing",
        "multiprocessing.util",
        "os",
        "random",
        "signal",
        "sys",
        "threading",
        "time",
    }
)
RAISES = frozenset(
    value.__name__
    for value in vars(builtins).values()
    if isinstance(value, type) and issubclass(value, Exception)
)
_ANSWERS = frozenset({"receive", "read", "lock", "acquire", "wait", "wait_event", "poll"})
"""Kinds of calls whose answer is printed, unless they raise."""
_ERROR = re.compile(
    r"(Empty|Full|EOFError|BrokenBarrierError|BrokenPipeError|[A-Za-z]+Error: .*)", re.DOTALL
)
"""What an observation says of a call that has raised."""
TRIES = 3
"""How often one program is run at most.

The operating system schedules its processes, so they may print in another order on a busy machine.
"""


def foreign(text: str, names: Names) -> list[str]:
    """Return in words what in a program does not come from the exporter; [] if all does."""
    made = set(names.values())
    found = [f"two things are called {name}" for name in _twice(names)]
    for name in made:
        taken = keyword.iskeyword(name) or hasattr(builtins, name) or name in RESERVED
        if taken or unicodedata.normalize("NFKC", name) != name or name.startswith("_"):
            found.append(f"{name} is not free")
    tree = ast.parse(text)
    ours = made | RESERVED | BUILTINS | _locals_of_helpers(tree)
    for node in ast.walk(tree):
        found += _wrong_with(node, made, ours)
    return found


def _twice(names: Names) -> set[str]:
    all_of_them = list(names.values())
    return {name for name in all_of_them if all_of_them.count(name) > 1}


def _locals_of_helpers(tree: ast.Module) -> set[str]:
    """Return the names that are used in the helper functions, whose text is the exporter's."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in RESERVED:
            found |= {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            found |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    return found | {"_", "self", "child"}


def _wrong_with(node: ast.AST, made: set[str], ours: set[str]) -> Iterator[str]:
    if type(node).__name__ not in NODES:
        yield f"a {type(node).__name__}"
    match node:
        case ast.Name(id=name) if name not in ours | RAISES:
            yield f"the name {name}"
        case ast.Attribute(attr=name) if name not in ATTRIBUTES | made:
            yield f"the attribute {name}"
        case ast.keyword(arg=str(name)) if name not in ARGUMENTS:
            yield f"the argument {name}"
        case ast.alias(name=name) if name not in MODULES:
            yield f"the import of {name}"
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name) if name not in ours | {"run"}:
            yield f"the definition of {name}"
        case ast.arg(arg=name) if name not in ours:
            yield f"the parameter {name}"
        case ast.Global(names=names) if not made.issuperset(names):
            yield f"global {names}"
        case ast.Call(func=func) if not isinstance(func, (ast.Name, ast.Attribute)):
            yield f"the call of a {type(func).__name__}"


def form(text: str, names: Names) -> str:
    """Return the form of a program: its syntax tree with empty texts and numbered names."""
    numbers: dict[str, str] = dict.fromkeys(names.values(), "")
    seen = iter(range(len(numbers)))
    attributes = {name for (kind, _), name in names.items() if kind == "attribute"}

    def number(name: str) -> str:
        if name not in numbers:
            return name
        numbers[name] = numbers[name] or f"#{next(seen)}"
        return numbers[name]

    tree = ast.parse(text)
    for part in tree.body:
        if isinstance(part, ast.FunctionDef) and part.name in RESERVED:
            part.body = []  # a helper has local names, which may be the same as made names
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        elif isinstance(node, ast.Name):
            node.id = number(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in attributes:
            node.attr = number(node.attr)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            node.name = number(node.name)
        elif isinstance(node, ast.Global):
            node.names = [number(name) for name in node.names]
    return ast.dump(tree)


# -- what it prints -----------------------------------------------------------------------------


def run_program(text: str, folder: Path, seconds: float) -> str:
    """Run the program with a plain Python. Return what it prints.

    If it does not end in `seconds`, it is killed with all processes that it started.
    """
    from real.plain import program  # needs Linux

    ran = program.run_program(text, seconds, folder=folder)
    return ran.printed if ran.stopped is None else f"{ran.printed}\n(it did not end)\n"


def predicted(run: Run, workload: Workload, names: Names) -> list[list[str]]:
    """Return for each process the lines that it must print, in order, by the model's record."""
    given = given_names(workload)
    lines: dict[str, list[str]] = defaultdict(list)
    for row in run.observations:
        text = _line(row, names)
        if text is not None:
            lines[row.process].append(f"{given[row.process]}: {text}\n")
    return list(lines.values())


def _line(row: Observation, names: Names) -> str | None:
    """Return the line that a program prints for an observation of the model, or None."""
    kind, _, of = row.name.partition(" ")
    if row.name == PRINTS:
        return str(row.value)
    if kind in _ANSWERS and not _is_error(row.value):
        return f"? {row.name}: {row.value!r}"
    if kind == "observe" and isinstance(row.value, Mapping):
        keys = ("state", "name", "daemon", "pid", "is_alive", "exitcode")
        seen = (f"{key} {row.value[key]}" for key in keys if key in row.value)
        return f"? {of}: {', '.join(seen)}"
    if kind == "active_children":
        return f"? {kind}: {row.value}"
    if row.value is None or kind in ("raise", "import", "stderr"):
        return None
    return f"! {row.name}: {_in_our_names(kind, str(row.value), names)}"


def _is_error(value: Any) -> bool:
    return isinstance(value, str) and _ERROR.fullmatch(value) is not None


def _in_our_names(kind: str, error: str, names: Names) -> str:
    """Return the model's error with the names of the program instead of those of the scenario."""
    found = re.fullmatch(r"NameError: name (.*) is not defined", error, re.DOTALL)
    if found is None:
        return error
    name: Any = ast.literal_eval(found[1])
    ours = names.get(("variable" if kind in ("show", "write") else "handle", name), name)
    return f"NameError: name '{ours}' is not defined"


def agrees(printed: str, lines: list[list[str]]) -> bool:
    """Return whether the text consists of these lines, those of each process in order."""

    @cache
    def fits(at: int, done: tuple[int, ...]) -> bool:
        if at == len(printed):
            return all(k == len(own) for k, own in zip(done, lines, strict=True))
        for which, own in enumerate(lines):
            k = done[which]
            if k < len(own) and printed.startswith(own[k], at):
                after = (*done[:which], k + 1, *done[which + 1 :])
                if fits(at + len(own[k]), after):
                    return True
        return False

    return fits(0, (0,) * len(lines))
