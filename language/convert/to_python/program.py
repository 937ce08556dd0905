"""A scenario as the plain `multiprocessing` program that a student would have written.

The program needs only Python. It computes and waits as long as the scenario says, and makes the
same calls. The operating system decides which process runs, so the program has no policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kernel.process.interpreters import NO_LOCK, OWN_LOCKS
from kernel.process.spec import ProcessSpec
from kernel.process.start_methods import DEFAULT
from kernel.units import NS_PER
from kernel.workload import Workload
from language.convert.to_python.code import Code, block, code, docstring, joined
from language.convert.to_python.helpers import MODULES, helpers_for, names_in
from language.convert.to_python.process_objects import Entry, placed, thread_name
from language.convert.to_python.program_context import NotExportableError, ProgramContext
from language.convert.to_python.shared_object_makers import made_objects
from language.convert.to_python.steps import function_body
from language.schema.lifecycle_base import LifecycleStep
from language.schema.scenario import Scenario
from language.schema.steps import IoStep
from translation import tr

ABOUT = """Written from a scenario of Multiprog. Needs nothing but Python; the operating system
decides which process runs. Lines with ? are observations, lines with ! what a call raised.
"""

IMPORTS = {"concurrent": "concurrent.futures"}
"""What is imported for a module, if it is not the module itself."""

FOR_SERVERS = (
    Code("# a folder for the servers' sockets: a process that ends by os._exit leaves its own"),
    Code("multiprocessing.util.get_temp_dir()"),
)

FREE_THREADED = (
    Code('if getattr(sys, "_is_gil_enabled", lambda: True)():'),
    Code('    sys.exit("this Python has an interpreter lock: take a free-threaded one, 3.14t")'),
)

CTRL_C = (
    Code("# a shell lets a program in the background ignore SIGINT"),
    Code("signal.signal(signal.SIGINT, signal.default_int_handler)"),
)


class Exported(NamedTuple):
    """The text of an exported program, which compiles, and the identifiers in it."""

    text: str
    names: Mapping[tuple[str, str], str]
    """Each identifier, by the kind and the name of the thing in the scenario; see `identifiers`."""


def python_program(scenario: Scenario, workload: Workload) -> Exported:
    """Return the scenario as a program. Raises NotExportableError."""
    made = _Export(scenario, workload)
    try:
        text = made.text()
        compile(text, "program.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise NotExportableError(
            tr("is not exported: Python refuses it: {error}", error=error), ()
        ) from None
    return Exported(text, made.names())


def _require_plain(scenario: Scenario) -> None:
    """Raise NotExportableError for a key of the scenario that a plain program cannot follow."""
    for index, process in enumerate(scenario.processes):
        if process.period is not None:
            raise NotExportableError(
                tr("a period is not exported: a plain program begins once"),
                ("processes", index, "period"),
            )
        if process.releases is not None:
            raise NotExportableError(
                tr("releases are not exported: a plain program begins once"),
                ("processes", index, "releases"),
            )
        if process.threads and scenario.interpreter_of(process) == OWN_LOCKS:
            raise NotExportableError(
                tr(
                    "interpreter: per-interpreter is not exported: before Python 3.14 no "
                    "plain program has an interpreter for each thread"
                ),
                ("processes", index, "interpreter"),
            )
    if not scenario.main_guard and scenario.starts_by != "fork":
        raise NotExportableError(
            tr(
                "a program without a main guard is not exported with start_method: {method}: it "
                "starts the processes of the scenario itself, and they would die of the error of "
                "their children; use --set main_guard=true",
                method=scenario.starts_by,
            ),
            ("main_guard",),
        )


class _Export:
    """The export of one scenario."""

    def __init__(self, scenario: Scenario, workload: Workload) -> None:
        self._scenario = scenario
        self._workload = workload
        _require_plain(scenario)
        self._context = ProgramContext(scenario, workload)
        self._names = self._context.names
        self._threads = any(process.threads for process in scenario.processes)
        self._functions = ["\n".join(self._function(entry)) for entry in self._context.entries]
        self._made = self._made_for_all()
        self._shared = list(self._assignments())
        if scenario.starts_by != "fork" and self._inherits():
            raise NotExportableError(
                tr(
                    "start_method: {method} with locks, queues, barriers, devices or "
                    "processes that look at others than their children is not exported; use "
                    "--set start_method=fork",
                    method=scenario.starts_by,
                ),
                ("start_method",),
            )

    def names(self) -> Mapping[tuple[str, str], str]:
        """Return the identifiers, see `Exported`."""
        return self._names.made()

    def text(self) -> str:
        """Return the text of the program."""
        top = "\n".join(self._globals())
        main = "\n".join(self._main())
        body = "\n\n\n".join(filter(None, [top, *self._functions, main]))
        named = names_in(body)
        helpers = "\n\n\n".join(helpers_for(named, threads=self._threads))
        used = MODULES & (named | names_in(helpers))
        imports = [f"import {IMPORTS.get(module, module)}" for module in sorted(used)]
        if self._scenario.starts_by == "forkserver":
            imports.append("import multiprocessing.util")
        head = "\n\n".join([docstring(self._about()), "\n".join(sorted(imports))])
        return "\n\n\n".join(filter(None, [head, helpers, body])) + "\n"

    def _about(self) -> str:
        source = self._workload.source
        about = str(source["about"] or "").strip()
        return "\n\n".join(filter(None, [str(source["title"]).strip(), about, ABOUT]))

    # -- the top of the program -------------------------------------------------------------------

    def _globals(self) -> Iterator[Code]:
        for name, value in self._scenario.variables.items():
            yield code("{} = {}", self._names.of("variable", name), value)
        if self._shared:  # shared objects are made by the start method, so it is chosen first
            yield self._choose_method()
        yield from self._shared

    def _choose_method(self) -> Code:
        method = self._scenario.start_method
        if method == DEFAULT:
            return Code("# starts processes as the Python that runs it does by default")
        return code("multiprocessing.set_start_method({}, force=True)", method)

    def _inherits(self) -> bool:
        """Return whether processes share objects, which they have by inheritance alone."""
        locks = self._context.rules.locks
        return bool(self._context.by_number) or any(
            kind != "lock" or name not in locks or locks[name].kind != "thread"
            for kind, name in self._made
        )

    def _made_for_all(self) -> dict[tuple[str, str], Code]:
        """Return the expressions of the objects that all processes have, by kind and name."""
        found: dict[tuple[str, str], Code] = {}
        for entry in self._context.entries:
            for _, step in placed(entry):
                if isinstance(step, LifecycleStep):
                    found |= made_objects(self._context, step.to_call())
                elif isinstance(step, IoStep):
                    found |= self._of_a_device(step)
        return found

    def _assignments(self) -> Iterator[Code]:
        """Yield the lines that make these objects."""
        for (kind, name), made in self._made.items():
            yield code("{} = {}", self._names.of(kind, name), made)
        if numbers := self._context.by_number:
            yield code("NAMES = {}", numbers)
            yield code("NUMBERS = multiprocessing.Array('i', {}, lock=False)", len(numbers))

    def _of_a_device(self, step: IoStep) -> dict[tuple[str, str], Code]:
        if not isinstance(step.io, dict):
            return {}
        name = next(iter(step.io))
        units = self._scenario.machine.devices[name].units
        if not isinstance(units, int):
            return {}
        return {("device", name): code("multiprocessing.Semaphore({})", units)}

    # -- functions --------------------------------------------------------------------------------

    def _function(self, entry: Entry) -> Iterator[Code]:
        takes = [Code("self")] * self._context.uses_self(entry)
        handed_on = list(takes)
        if self._context.takes_arguments(entry):
            takes += [Code("*args"), Code("**kwargs")]
            handed_on += [Code("*self._args"), Code("**self._kwargs")]
        function = self._names.of(entry.kind, entry.name)
        yield code("def {}({}):", function, joined(takes))
        body = function_body(self._context, entry)
        if entry.process is not None and entry.process.threads is not None:
            body += self._begin_threads(entry)
        yield block(body)
        if self._has_subclass(entry):
            yield code("\n\nclass {}(multiprocessing.Process):",
                       self._names.of("class", entry.name))  # fmt: skip
            yield Code("    def run(self):")
            yield code("        {}({})", function, joined(handed_on))

    def _has_subclass(self, entry: Entry) -> bool:
        starts = self._context.graph.starts.get(entry.name, ())
        return entry.kind == "program" and any(start.style == "subclass" for start in starts)

    def _begin_threads(self, entry: Entry) -> Iterator[Code]:
        assert entry.process is not None
        yield Code("me = multiprocessing.current_process().name")
        yield Code("threads = [")
        for number, thread in enumerate(entry.process.threads or (), start=1):
            target = self._names.of("thread", thread_name(entry.name, number))
            if isinstance(thread, str):
                target = self._names.of("program", thread)
            yield code("    threading.Thread(target={}, name=me + {}),", target, f"/{number}")
        yield Code("]")
        yield from map(Code, ("for thread in threads:", "    thread.start()"))
        yield from map(Code, ("for thread in threads:", "    thread.join()"))

    # -- the main program -------------------------------------------------------------------------

    def _main(self) -> Iterator[Code]:
        body = self._main_block()
        if self._scenario.main_guard:
            yield Code('if __name__ == "__main__":')
            yield block(body)
        else:
            yield from body

    def _main_block(self) -> Iterator[Code]:
        if not self._shared:
            yield self._choose_method()
        if self._needs_free_threads():
            yield from FREE_THREADED
        if self._scenario.starts_by == "forkserver":
            yield from FOR_SERVERS
        if self._interrupts():
            yield from CTRL_C
        looked_at = {spec.name for spec in self._roots()} & {*self._context.by_number}
        yield Code("processes = []")
        origins, wait, at = _origins(self._scenario), "rest" if looked_at else "time.sleep", 0
        for spec in self._roots():
            if spec.arrival > at:
                yield code("{}({})", Code(wait), (spec.arrival - at) / NS_PER["s"])
                at = spec.arrival
            target = self._names.of("process", origins[spec.index])
            yield code("one = multiprocessing.Process(target={}, name={})", target, spec.name)
            yield Code("one.start()")
            if spec.name in looked_at:
                yield Code("note_number(one)")
            yield Code("processes.append(one)")
        yield from self._close_pipes()
        if looked_at:
            yield Code("while multiprocessing.active_children():")
            yield Code("    rest(0.001)")
        yield from map(Code, ("for one in processes:", "    one.join()"))

    def _close_pipes(self) -> Iterator[Code]:
        """Yield the lines that close this process's ends of pipes: with them no EOF would come."""
        pipes = [one for (kind, _), one in self._names.made().items() if kind == "pipe"]
        if pipes:
            yield code("for end in [{}]:", joined(code("*{}", pipe) for pipe in pipes))
            yield Code("    end.close()")

    def _needs_free_threads(self) -> bool:
        return any(
            process.threads and self._scenario.interpreter_of(process) == NO_LOCK
            for process in self._scenario.processes
        )

    def _interrupts(self) -> bool:
        steps = (step for entry in self._context.entries for step in entry.lifecycle_steps())
        return any(step.kind == "interrupt" for step in steps)

    def _roots(self) -> list[ProcessSpec]:
        return list(self._workload.arriving())


def _origins(scenario: Scenario) -> list[str]:
    """Return for each process of the file, by index, the name of the entry that makes it."""
    return [process.name for process in scenario.processes for _ in range(process.count or 1)]


__all__ = ["Exported", "NotExportableError", "python_program"]
