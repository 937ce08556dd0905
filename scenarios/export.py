"""A scenario as the plain `multiprocessing` program that a student would have written.

It needs nothing but Python. It computes and waits as long as the scenario says, and makes the same
calls; who runs when is the operating system's affair, so no policy is in it.
"""

from __future__ import annotations

import keyword
import re
import textwrap
from collections.abc import Iterator, Sequence

from kernel.errors import InvariantError
from kernel.life import Act
from kernel.units import NS_PER
from kernel.workload import Workload
from scenarios.amounts import Choice, Distribution, Exponential, Normal, Uniform
from scenarios.life import CallStep, LifeStep, ObserveStep, Start, StartStep
from scenarios.process import Process, Template
from scenarios.schema import Scenario
from scenarios.steps import (
    CpuStep,
    IoStep,
    RepeatStep,
    Written,
    placed_steps,
    written_steps,
)
from scenarios.words import KeyPath

HEAD = '''
def say(text):
    """A line, with the name of the process that says it."""
    print(f"{multiprocessing.current_process().name}: {text}", flush=True)


def compute(seconds):
    """Use so much CPU time."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def attempt(what, call):
    """Make a call; if it raises, say so and go on."""
    try:
        return call()
    except Exception as error:
        say(f"! {what}: {type(error).__name__}: {error}")
'''

WITH_THREADS = (
    (
        '    print(f"{multiprocessing.current_process().name}: {text}", flush=True)',
        "    thread = threading.current_thread()\n"
        "    main = thread is threading.main_thread()\n"
        "    name = multiprocessing.current_process().name if main else thread.name\n"
        '    print(f"{name}: {text}", flush=True)',
    ),
    ("with the name of the process that", "with the name of the process or thread that"),
    ("time.process_time()", "time.thread_time()"),
)
"""What is otherwise in HEAD, if there are threads."""

FOR_SERVERS = [
    "# a folder for the servers' sockets: who makes its own and ends by os._exit leaves it there",
    "multiprocessing.util.get_temp_dir()",
]

LOOK = '''
def state_of(pid):
    """alive, zombie or gone, as the system has it (on Linux)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            state = stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"
    return "zombie" if state == "Z" else "alive"


def look(what, process=None, pid=None):
    """What the system says of a process, and then what its Process object says."""
    seen = {}
    pid = process.pid if process is not None and pid is None else pid
    seen["state"] = state_of(pid) if pid else "not started"
    if process is not None:
        seen |= {"name": process.name, "daemon": process.daemon, "pid": bool(process.pid)}
        seen |= {"is_alive": process.is_alive(), "exitcode": process.exitcode}
    say(f"? {what}: " + ", ".join(f"{key} {value}" for key, value in seen.items()))
'''


class NotExportableError(ValueError):
    """The scenario has something, at `path` in its file, that a plain program does not."""

    def __init__(self, message: str, path: KeyPath) -> None:
        super().__init__(message)
        self.path = path


def python_program(scenario: Scenario, workload: Workload) -> str:
    """The text of the program. Raises NotExportableError."""
    return "\n".join(_Export(scenario, workload).lines()).rstrip() + "\n"


class _Export:
    """One scenario on its way to a program."""

    def __init__(self, scenario: Scenario, workload: Workload) -> None:
        self._scenario = scenario
        self._workload = workload
        self._threads = any(process.threads for process in scenario.processes)
        self._serves = scenario.start_method == "forkserver"
        self._steps = [
            step for _, program in _programs(scenario) for step in written_steps(program)
        ]
        self._acts = [step.act() for step in self._steps if isinstance(step, LifeStep)]
        self._refuse(scenario)
        self._handles = {a.name for a in self._acts if a.kind in ("start", "call")}
        self._by_number = sorted(self._numbers())
        self._shares = bool(self._by_number or self._shared())
        if scenario.start_method != "fork" and self._shares:
            raise NotExportableError(
                f"start_method: {scenario.start_method} with locks, queues, barriers, devices or "
                "processes that look at others than their children is not exported; "
                "use --set start_method=fork",
                ("start_method",),
            )

    def _refuse(self, scenario: Scenario) -> None:
        for index, process in enumerate(scenario.processes):
            if process.period is not None:
                raise NotExportableError(
                    "a period is not exported: a plain program begins once",
                    ("processes", index, "period"),
                )
        for path, program in _programs(scenario):
            for place, step in placed_steps(program, path):
                if not isinstance(step, (CpuStep, IoStep, LifeStep)):
                    kind = type(step).__name__.removesuffix("Step").lower()
                    raise NotExportableError(
                        f"the step {kind} is not exported: a plain program has no partition",
                        (*place, kind),
                    )

    def _numbers(self) -> Iterator[str]:
        """Processes that somebody names who has no Process object of theirs."""
        for entry in (*self._scenario.processes, *self._scenario.programs.values()):
            acts = [s.act() for s in written_steps(entry.program or []) if isinstance(s, LifeStep)]
            own = {act.name for act in acts if act.kind in ("start", "call")}
            for act in acts:
                if act.kind in ("observe", "terminate", "kill") and act.name not in own:
                    yield act.name

    def _shared(self) -> list[tuple[str, str]]:
        """Name and what it is, of all that processes share."""
        found: dict[str, str] = {}
        for act in self._acts:
            if act.kind in ("lock", "unlock"):
                found[f"lock_{_word(act.name)}"] = "multiprocessing.Lock()"
            elif act.kind in ("send", "receive"):
                found[f"queue_{_word(act.name)}"] = "multiprocessing.SimpleQueue()"
        for name, parties in self._scenario.barriers.items():
            found[f"barrier_{_word(name)}"] = f"multiprocessing.Barrier({parties})"
        used = [s.io for s in self._steps if isinstance(s, IoStep) and isinstance(s.io, dict)]
        for name in {next(iter(io)) for io in used}:
            units = self._scenario.machine.devices[name].units
            if isinstance(units, int):
                found[f"device_{_word(name)}"] = f"multiprocessing.Semaphore({units})"
        return sorted(found.items())

    # -- the program ------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        """Line by line."""
        yield from self._docstring()
        modules = ["multiprocessing", "os", "random", "signal", "sys", "time"]
        modules += ["threading"] * self._threads
        modules += ["multiprocessing.util"] * self._serves
        yield from (f"import {module}" for module in sorted(modules))
        yield ""
        head = HEAD
        for usual, with_threads in WITH_THREADS if self._threads else ():
            head = head.replace(usual, with_threads)
        yield head
        if any(isinstance(step, ObserveStep) for step in self._steps):
            yield LOOK
        yield ""
        for name, value in self._scenario.variables.items():
            yield f"{name} = {value!r}"
        if self._shares:  # made at once, and by the method that is chosen then
            yield self._choose_method()
        for name, what in self._shared():
            yield f"{name} = {what}"
        if self._by_number:
            yield f"PIDS = multiprocessing.Array('i', {len(self._by_number)})  # numbers, by name:"
            yield f"WHO = {self._by_number!r}"
        for name, template in self._scenario.programs.items():
            yield from self._function(name, template)
        for process in self._scenario.processes:
            yield from self._threads_of(process)
            yield from self._function(process.name, process)
        yield from self._main()

    def _docstring(self) -> Iterator[str]:
        title = str(self._workload.source["title"]).replace('"""', "'''")
        about = str(self._workload.source["about"] or "").strip().replace('"""', "'''")
        yield f'"""{title}'
        if about:
            yield ""
            yield about
        yield ""
        yield "Written from a scenario of Multiprog. Needs nothing but Python; the system decides"
        yield "who runs when. Lines with ? are observations, lines with ! what a call raised."
        yield '"""'
        yield ""

    def _threads_of(self, process: Process) -> Iterator[str]:
        """A function for each thread whose steps stand in the process."""
        for number, thread in enumerate(process.threads or (), start=1):
            if not isinstance(thread, str):
                entry = Template.model_construct(program=thread)
                yield from self._function(_thread(process.name, number), entry)

    def _begin_threads(self, process: Process) -> Iterator[str]:
        yield "threads = ["
        for number, thread in enumerate(process.threads or (), start=1):
            target = thread if isinstance(thread, str) else _thread(process.name, number)
            name = f'f"{{multiprocessing.current_process().name}}/{number}"'
            yield f"    threading.Thread(target=do_{_word(target)}, name={name}),"
        yield "]"
        yield from ("for thread in threads:", "    thread.start()")
        yield from ("for thread in threads:", "    thread.join()")

    def _function(self, name: str, entry: Template) -> Iterator[str]:
        steps: Sequence[Written] = entry.program or [CpuStep.model_construct(cpu=entry.cpu)]
        threads = isinstance(entry, Process) and entry.threads is not None
        steps = [] if threads else steps
        acts = [s.act() for s in written_steps(steps) if isinstance(s, LifeStep)]
        assigned = {key for act in acts if act.kind == "set" for key in act.value}
        assigned |= {act.value for act in acts if act.kind == "receive" and act.value}
        assigned |= {_handle(act.name) for act in acts if act.kind in ("start", "call")}
        assigned |= {_handle(name) for name in self._early(acts)}
        yield ""
        yield ""
        yield f"def do_{_word(name)}(*args, **kwargs):"
        body: list[str] = []
        if assigned:
            body.append(f"global {', '.join(sorted(assigned))}")
        if name in self._by_number or self._starts_as(name):
            body.append("note_number()")
        body += [
            f"{_handle(early)} = multiprocessing.Process(name={early!r})  # not started yet"
            for early in self._early(acts)
        ]
        body += list(self._block(steps))
        if isinstance(entry, Process) and entry.threads is not None:
            body += list(self._begin_threads(entry))
        yield textwrap.indent("\n".join(body or ["pass"]), "    ")
        if any(a.kind == "start" and a.options.get("style") == "subclass" for a in self._of(name)):
            yield ""
            yield ""
            yield f"class {_class(name)}(multiprocessing.Process):"
            yield "    def run(self):"
            yield f"        do_{_word(name)}(*self._args, **self._kwargs)"

    def _starts_as(self, program: str) -> bool:
        """Is a process of that program one that somebody asks the number of?"""
        return any(
            step.start.program == program and step.start.handle in self._by_number
            for step in self._steps
            if isinstance(step, StartStep) and isinstance(step.start, Start)
        )

    def _of(self, program: str) -> list[Act]:
        """The starts of that program."""
        return [
            step.act()
            for step in self._steps
            if isinstance(step, StartStep)
            and isinstance(step.start, Start)
            and step.start.program == program
        ]

    def _early(self, acts: Sequence[Act]) -> list[str]:
        """Names that are spoken of before the Process object is made further down."""
        made: set[str] = set()
        own = {act.name for act in acts if act.kind in ("start", "call")}
        early: list[str] = []
        for act in acts:
            if act.kind in ("start", "call"):
                made.add(act.name)
            elif act.kind != "restart" and act.name in own - made and act.name not in early:
                early.append(act.name)
        return early

    def _block(self, steps: Sequence[Written]) -> Iterator[str]:
        for step in steps:
            if isinstance(step, RepeatStep):
                yield f"for _ in range({step.repeat.times}):"
                yield textwrap.indent("\n".join(self._block(step.repeat.do)), "    ")
            elif isinstance(step, CpuStep):
                yield f"compute({_seconds(step.cpu)})"
            elif isinstance(step, IoStep):
                yield from self._io(step)
            elif isinstance(step, StartStep) and isinstance(step.start, Start):
                yield from self._start(step.start)
            elif isinstance(step, CallStep):
                act = step.act()
                handle, target = _handle(act.name), f"do_{_word(step.program)}"
                yield f"{handle} = multiprocessing.Process(target={target}, name={act.name!r})"
                yield f"{handle}.run()"
            elif isinstance(step, LifeStep):
                yield from self._call(step.act())

    def _io(self, step: IoStep) -> Iterator[str]:
        if not isinstance(step.io, dict):
            yield f"time.sleep({_seconds(step.io)})"
            return
        [(name, length)] = step.io.items()
        if isinstance(self._scenario.machine.devices[name].units, int):
            yield f"with device_{_word(name)}:"
            yield f"    time.sleep({_seconds(length)})"
        else:
            yield f"time.sleep({_seconds(length)})  # {name}"

    def _start(self, start: Start) -> Iterator[str]:
        """`Process(...)` and `start()`, which may both raise."""
        given = [] if start.style == "subclass" else [f"target=do_{_word(start.program)}"]
        kind = _class(start.program) if start.style == "subclass" else "multiprocessing.Process"
        given.append(f"name={start.handle!r}")
        if start.args is not None:
            args = start.args
            shown = repr(tuple(args)) if isinstance(args, list) else f"({args!r})"
            given.append(f"args={shown}")
        if start.kwargs:
            given.append(f"kwargs={dict(start.kwargs)!r}")
        if start.daemon is not None:
            given.append(f"daemon={start.daemon}")
        if start.group is not None:
            given.append(f"group={start.group!r}")
        yield "try:"
        yield f"    {_handle(start.handle)} = {kind}({', '.join(given)})"
        yield f"    {_handle(start.handle)}.start()"
        yield "except Exception as error:"
        yield f'    say(f"! start {start.handle}: {{type(error).__name__}}: {{error}}")'

    def _call(self, act: Act) -> Iterator[str]:
        name, what = act.name, repr(act.words)
        one = _handle(name) if name else ""
        match act.kind:
            case "restart":
                yield f"attempt({what}, lambda: {one}.start())"
            case "join":
                timeout = "" if act.value is None else f"timeout={act.value / NS_PER['s']:g}"
                yield f"attempt({what}, lambda: {one}.join({timeout}))"
            case "close":
                yield f"attempt({what}, lambda: {one}.close())"
            case "terminate" | "kill" if name in self._handles and name not in self._by_number:
                yield f"attempt({what}, lambda: {one}.{act.kind}())"
            case "terminate" | "kill":
                number = "SIGTERM" if act.kind == "terminate" else "SIGKILL"
                pid = f"PIDS[WHO.index({name!r})]"
                yield f"attempt({what}, lambda: os.kill({pid}, signal.{number}))"
            case "daemon":
                yield f"attempt({what}, lambda: setattr({one}, 'daemon', {act.value}))"
            case "end" | "exit":
                yield f"sys.exit({act.value})"
            case "raise":
                yield f"raise {act.value}"
            case "os_exit":
                yield f"os._exit({act.value})"
            case "observe":
                yield from self._observe(act)
            case "active_children":
                children = "sorted(child.name for child in multiprocessing.active_children())"
                yield f"say(f'? active_children: {{{children}}}')"
            case "set":
                yield from (f"{key} = {value!r}" for key, value in act.value.items())
            case "show":
                shown = "list(args)" if name == "args" else name
                yield f"attempt({what}, lambda: say(f'{name} = {{{shown}!r}}'))"
            case "print":
                yield f"say({act.value!r})"
            case "lock" | "unlock":
                call = "acquire" if act.kind == "lock" else "release"
                yield f"attempt({what}, lambda: lock_{_word(name)}.{call}())"
            case "send":
                yield f"queue_{_word(name)}.put({act.value!r})"
            case "receive":
                into = act.value or "value"
                yield f"{into} = queue_{_word(name)}.get()"
                yield f"say(f'? receive {name}: {{{into}!r}}')"
            case "barrier":
                yield f"barrier_{_word(name)}.wait()"
            case "yield":
                yield "os.sched_yield()"

    def _observe(self, act: Act) -> Iterator[str]:
        numbered = f"pid=PIDS[WHO.index({act.name!r})]" if act.name in self._by_number else ""
        of = ""
        if act.name in self._handles and act.options.get("only") != "system" and not numbered:
            of = f"process={_handle(act.name)}"
        elif not numbered:
            of = f"pid={_handle(act.name)}.pid"
        given = ", ".join(filter(None, (repr(act.name), of, numbered)))
        yield f"attempt({act.words!r}, lambda: look({given}))"

    def _choose_method(self) -> str:
        return f"multiprocessing.set_start_method({self._scenario.start_method!r}, force=True)"

    def _main(self) -> Iterator[str]:
        if self._by_number:
            yield ""
            yield ""
            yield "def note_number():"
            yield '    """Whoever wants to know the number of this process finds it there."""'
            yield "    name = multiprocessing.current_process().name"
            yield "    if name in WHO:"
            yield "        PIDS[WHO.index(name)] = os.getpid()"
        yield ""
        yield ""
        guard = self._scenario.main_guard
        if guard:
            yield 'if __name__ == "__main__":'
        body = [self._choose_method()] * (not self._shares)
        body += [*FOR_SERVERS * self._serves, "everybody = []"]
        at = 0
        roots = [spec for spec in self._workload.processes if spec.kin.parent < 0]
        for spec in sorted(roots, key=lambda spec: (spec.arrival, spec.index)):
            if spec.arrival > at:
                body.append(f"time.sleep({(spec.arrival - at) / NS_PER['s']:g})")
                at = spec.arrival
            target = f"do_{_word(_entry(spec.name, self._scenario.processes))}"
            body.append(f"one = multiprocessing.Process(target={target}, name={spec.name!r})")
            body += ["one.start()", "everybody.append(one)"]
        body += ["for one in everybody:", "    one.join()"]
        yield textwrap.indent("\n".join(body), "    " if guard else "")


def _entry(name: str, processes: Sequence[Process]) -> str:
    """The entry of the file that made that process."""
    if any(process.name == name for process in processes):
        return name
    return name.rpartition("-")[0]


def _programs(scenario: Scenario) -> Iterator[tuple[KeyPath, Sequence[Written]]]:
    """Every program of the file and its place, those of threads included."""
    for index, process in enumerate(scenario.processes):
        path: KeyPath = ("processes", index)
        yield (*path, "program"), process.program or []
        for number, thread in enumerate(process.threads or ()):
            if not isinstance(thread, str):
                yield (*path, "threads", number), thread
    for name, template in scenario.programs.items():
        yield ("programs", name, "program"), template.program or []


def _thread(process: str, number: int) -> str:
    """The function of a thread."""
    return f"{process}_thread_{number}"


def _word(name: str) -> str:
    """A name as a part of an identifier."""
    return re.sub(r"\W", "_", name)


def _handle(name: str) -> str:
    """The variable of a Process object."""
    word = _word(name)
    clash = keyword.iskeyword(word) or not word.isidentifier() or word in _TAKEN
    return f"process_{word}" if clash else word


_TAKEN = {
    *("args", "kwargs", "say", "compute", "attempt", "look", "state_of", "note_number", "one"),
    *("everybody", "PIDS", "WHO", "value", "multiprocessing", "os", "random", "signal", "sys"),
    *("time", "error", "print", "range", "list", "sorted", "setattr"),
}
"""Names that the program uses itself."""


def _class(program: str) -> str:
    """The name of the class of that program."""
    return "".join(part.capitalize() for part in _word(program).split("_")) + "Process"


def _seconds(amount: int | Distribution | None) -> str:
    """A duration in seconds, or how one is drawn."""
    match amount:
        case int():
            return f"{amount / NS_PER['s']:g}"
        case Exponential():
            return f"random.expovariate(1 / {amount.exponential / NS_PER['s']:g})"
        case Uniform():
            low, high = amount.uniform
            return f"random.uniform({low / NS_PER['s']:g}, {high / NS_PER['s']:g})"
        case Normal():
            mean, deviation = amount.normal
            return f"max(0, random.gauss({mean / NS_PER['s']:g}, {deviation / NS_PER['s']:g}))"
        case Choice():
            return f"random.choice({[ns / NS_PER['s'] for ns in amount.choice]})"
        case None:
            raise InvariantError("a step without a duration")


__all__ = ["NotExportableError", "python_program"]
