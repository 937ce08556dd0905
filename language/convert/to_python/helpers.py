"""The helper functions of exported programs. A program contains only the helpers that it uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from language.convert.to_python.code import Code

_SAY = '''
def say(text):
    """A line, with the name of the process that says it."""
    print(f"{multiprocessing.current_process().name}: {text}", flush=True)
'''

_SAY_IN_A_THREAD = '''
def say(text):
    """A line, with the name of the process or thread that says it."""
    thread = threading.current_thread()
    main = thread is threading.main_thread()
    name = multiprocessing.current_process().name if main else thread.name
    print(f"{name}: {text}\\n", end="", flush=True)
'''

_COMPUTE = '''
def compute(seconds):
    """Use so much CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
'''

_OTHERS = '''
def complain(what, error):
    """A line that says what a call raised."""
    text = f": {error}" if str(error) else ""
    say(f"! {what}: {type(error).__name__}{text}")


def attempt(what, call):
    """Make a call; if it raises, say so and go on."""
    try:
        return call()
    except Exception as error:
        complain(what, error)


def report(what, call):
    """Make a call and say what it returns, or what it raises."""
    attempt(what, lambda: say(f"? {what}: {call()!r}"))


def be_worker(pool, count):
    """Be a worker of a pool: its name is that of the pool, and a number."""
    with count.get_lock():
        count.value += 1
        multiprocessing.current_process().name = f"{pool}/{count.value}"


def call(task):
    """What a worker does with each item of a map: here the items are functions."""
    return task()


def interrupt(process):
    """Send SIGINT to a process: Process.interrupt() does it since Python 3.14."""
    if hasattr(process, "interrupt"):
        process.interrupt()
    else:
        process._check_closed()
        if process._popen is None:
            raise AttributeError("'NoneType' object has no attribute 'interrupt'")
        process._popen._send_signal(signal.SIGINT)


def state_of(pid):
    """alive, zombie or gone, as the system has it (on Linux)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            state = stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"
    return "zombie" if state == "Z" else "alive"


def is_alive(process):
    """What its Process object says; only the process that started it may ask."""
    try:
        return process.is_alive()
    except AssertionError as error:
        return f"AssertionError: {error}"


def look(what, process=None, pid=None):
    """What the system says of a process, and then what its Process object says."""
    seen = {}
    pid = process.pid if process is not None and pid is None else pid
    seen["state"] = state_of(pid) if pid else "not started"
    if process is not None:
        seen |= {"name": process.name, "daemon": process.daemon, "pid": bool(process.pid)}
        seen |= {"is_alive": is_alive(process), "exitcode": process.exitcode}
    say(f"? {what}: " + ", ".join(f"{key} {value}" for key, value in seen.items()))


def note_number(process):
    """Any process finds the number of this one in the table, if it looks for it."""
    if process.name in NAMES:
        NUMBERS[NAMES.index(process.name)] = process.pid


def number_of(name):
    """The number of the process of that name; 0 before it is started."""
    return NUMBERS[NAMES.index(name)]


def send(name, number):
    """Send a signal to the process of that name."""
    if not number_of(name):
        raise ProcessLookupError(3, os.strerror(3))
    os.kill(number_of(name), number)


def rest(seconds):
    """Wait so long; look at the programs meanwhile, so that none of them stays a zombie."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        multiprocessing.active_children()
        time.sleep(0.001)
'''

MODULES = frozenset(
    {
        "atexit",
        "concurrent",
        "multiprocessing",
        "os",
        "random",
        "signal",
        "sys",
        "threading",
        "time",
    }
)
"""The modules that a program may import."""

OWN_WORDS = frozenset(
    {
        "end",
        "self",
        "args",
        "kwargs",
        "me",
        "one",
        "processes",
        "thread",
        "threads",
        "value",
        "error",
    }
    | {"NAMES", "NUMBERS"}
)
"""Other names in the templates of programs than the helpers' names."""


def _functions(source: str) -> dict[str, str]:
    """Return the text of each function, by its name."""
    tree = ast.parse(source)
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_source_segment(source, node) or "" for node in found}


PLAIN = _functions(_SAY + _COMPUTE + _OTHERS)
THREADED = PLAIN | _functions(
    _SAY_IN_A_THREAD + _COMPUTE.replace("time.process_time()", "time.thread_time()")
)
"""The helpers of a program with threads, by name; PLAIN has the helpers of other programs."""


def names_in(source: str) -> set[str]:
    """Return every name in the text, except names of attributes."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


RESERVED = MODULES | OWN_WORDS | THREADED.keys()
"""The names that an identifier made from a scenario must not have."""


@cache
def _needed_by(name: str, threads: bool) -> frozenset[str]:
    """Return the helpers that the helper `name` calls."""
    functions = THREADED if threads else PLAIN
    return frozenset(names_in(functions[name]) & functions.keys())


def helpers_for(used: set[str], *, threads: bool) -> Iterator[Code]:
    """Return the helpers among the names `used`, and all helpers that these need."""
    functions = THREADED if threads else PLAIN
    wanted, new = set[str](), used & functions.keys()
    while new:
        wanted |= new
        new = {name for each in new for name in _needed_by(each, threads)} - wanted
    return (Code(text) for name, text in functions.items() if name in wanted)


__all__ = ["MODULES", "RESERVED", "helpers_for", "names_in"]
